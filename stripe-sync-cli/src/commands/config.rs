//! `config print`.

use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Align::Left;
use crate::program::Call;

#[derive(Serialize)]
struct Shown<'s> {
    name: &'s str,
    value: Option<String>,
    from: String,
}

pub(super) fn print(call: &Call) -> Result<Exit, Failure> {
    let settings = call.settings.shown();
    let shown = settings.into_iter().map(|(name, value, origin)| Shown {
        name,
        value,
        from: origin.to_string(),
    });
    let shown: Vec<Shown<'_>> = shown.collect();
    for setting in &shown {
        call.output.record("setting", setting)?;
    }
    call.output.table(
        [("setting", Left), ("value", Left), ("from", Left)],
        shown.into_iter().map(|setting| {
            let value = setting.value.unwrap_or_else(|| "(not set)".to_owned());
            [setting.name.to_owned(), value, setting.from]
        }),
    )?;
    Ok(Exit::Done)
}
