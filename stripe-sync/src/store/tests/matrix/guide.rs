//! The guide's table of types: written by the test that tried them, with `STRIPE_SYNC_WRITE_TYPES=1`, and compared by it
//! otherwise.

use std::fmt::Write as _;
use std::path::Path;

use crate::cell::CellType;
use crate::store::db::DatabaseKind;
use crate::store::tests::matrix::values::KINDS;
use crate::store::tests::matrix::{Kept, Tried};

/// Compares the guide's table of a database with what was found of the trials.
pub(crate) fn check(database: DatabaseKind, tried: &[Tried]) {
    let file = format!("{}.md", database.dialect().feature);
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/docs/types")
        .join(file);
    let table = table(tried);
    if std::env::var_os("STRIPE_SYNC_WRITE_TYPES").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == table,
        "{} is not what this test found; STRIPE_SYNC_WRITE_TYPES=1 writes it:\n{table}",
        path.display()
    );
}

fn table(tried: &[Tried]) -> String {
    let mut table = "| column |".to_owned();
    for kind in KINDS {
        write!(table, " {kind} |").unwrap();
    }
    table += "\n|---|";
    table += &"---|".repeat(KINDS.len());
    table.push('\n');
    for of_column in tried.chunk_by(|one, next| std::ptr::eq(one.column, next.column)) {
        let sql = match of_column[0].column.sql {
            "" => "none",
            sql => sql,
        };
        write!(table, "| `{sql}` |").unwrap();
        for kind in KINDS {
            write!(table, " {} |", word(of_column, kind)).unwrap();
        }
        table.push('\n');
    }
    table
}

/// What becomes of a kind on a column, without and with the struct's own type.
fn word(of_column: &[Tried], kind: CellType) -> &'static str {
    let kept = |own| {
        let mut all = of_column.iter();
        all.find(|one| one.kind == kind && one.own == own)
            .map(|one| one.kept)
    };
    match (kept(false), kept(true)) {
        (Some(Kept::All), _) => "yes",
        (Some(Kept::Some), Some(Kept::All)) => "most; own all",
        (Some(Kept::Some), _) => "most",
        (_, Some(Kept::All)) => "own",
        (_, Some(Kept::Some)) => "own, most",
        _ => "",
    }
}
