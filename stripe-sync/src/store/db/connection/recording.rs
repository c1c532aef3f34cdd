//! What a test looks at: the statements that a piece of work sent, with their parameters in the text.

use std::future::Future;
use std::sync::{Arc, Mutex};

use crate::cell::Cell;
use crate::store::db::Bind;

tokio::task_local! {
    static SENT: Arc<Mutex<Vec<String>>>;
}

/// Does some work, and returns what it sent besides its result.
pub(crate) async fn recorded<T>(work: impl Future<Output = T>) -> (T, Vec<String>) {
    let sent = Arc::<Mutex<Vec<String>>>::default();
    let result = recorded_in(Arc::clone(&sent), work).await;
    let sent = std::mem::take(&mut *sent.lock().unwrap());
    (result, sent)
}

/// Does some work, and shows what it sends while it does.
pub(crate) async fn recorded_in<T>(
    sent: Arc<Mutex<Vec<String>>>,
    work: impl Future<Output = T>,
) -> T {
    SENT.scope(sent, work).await
}

/// Notes a statement, if anybody looks.
pub(crate) fn note(sql: &str, binds: &[Bind<'_>]) {
    // Outside of a test that looks there is nowhere to note it.
    let noted = SENT.try_with(|sent| sent.lock().unwrap().push(written_out(sql, binds)));
    let _ = noted;
}

/// A statement with its parameters as literals.
fn written_out(sql: &str, binds: &[Bind<'_>]) -> String {
    let literals: Vec<String> = binds.iter().map(literal).collect();
    let (mut written, mut next, mut rest) = (String::new(), 0, sql);
    while let Some(at) = rest.find(['?', '$']) {
        written += &rest[..at];
        let digits = rest[at + 1..].bytes().take_while(u8::is_ascii_digit);
        let length = digits.count();
        match (&rest[at..=at], length) {
            ("?", _) => {
                written += &literals[next];
                next += 1;
                rest = &rest[at + 1..];
            }
            (_, 1..) => {
                let number: usize = rest[at + 1..at + 1 + length].parse().unwrap();
                written += &literals[number - 1];
                rest = &rest[at + 1 + length..];
            }
            _ => {
                written += "$";
                rest = &rest[at + 1..];
            }
        }
    }
    written + rest
}

fn literal(bind: &Bind<'_>) -> String {
    match bind {
        Bind::Value(_, Cell::Null) => "NULL".to_owned(),
        Bind::Value(_, Cell::Integer(value)) => value.to_string(),
        Bind::Value(_, Cell::Boolean(value)) => value.to_string(),
        Bind::Value(_, Cell::Text(value)) => format!("'{}'", value.replace('\'', "''")),
        other => panic!("no literal for {other:?}"),
    }
}
