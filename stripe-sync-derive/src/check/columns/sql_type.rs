//! `sql_type`: the name of a type and nothing else, because it goes into a definition and into casts as it is.

use crate::ctxt::Ctxt;
use crate::model::{Field, Role};

/// What can follow the type in the definition of a column, and where that is said instead.
const CONSTRAINTS: &[(&str, &str)] = &[
    ("not null", NULL),
    ("null", NULL),
    ("primary key", "the key is the field of the object's id"),
    ("unique", MIGRATED),
    ("references", MIGRATED),
    ("check", MIGRATED),
    ("constraint", MIGRATED),
    ("foreign key", MIGRATED),
    ("default", "`default = expression` gives a value for null"),
    ("collate", MIGRATED),
    ("generated", MIGRATED),
    ("auto_increment", "Stripe gives the values"),
    ("autoincrement", "Stripe gives the values"),
    ("comment", MIGRATED),
    ("on update", MIGRATED),
];

const NULL: &str = "whether a column can be null is said by the field's type, an `Option` or none";
const MIGRATED: &str = "constraints of your own are in your migrations";

/// Types that number rows by themselves.
const SERIAL: [&str; 3] = ["bigserial", "serial", "smallserial"];

/// It is the name of a type.
pub(in crate::check) fn names_a_type(cx: &Ctxt, field: &Field<'_>) {
    let Some(written) = field.attrs.sql_type.get() else {
        return;
    };
    let value = written.value();
    let letter = |letter: char| letter.is_ascii_alphanumeric() || " (),_.[]".contains(letter);
    let examples = "`citext`, `numeric(20, 4)`, `billing.status`, `text[]`";
    let message = if value.trim() != value && !value.trim().is_empty() {
        format!(
            "expected an SQL type without spaces around it: write `sql_type = \"{}\"`",
            value.trim()
        )
    } else if let Some((constraint, at, instead)) = constraint(&value) {
        let ty = value.get(..at).unwrap_or_default().trim_end();
        match ty.is_empty() {
            true => format!("expected the name of an SQL type, got `{constraint}`: {instead}"),
            false => format!(
                "`{constraint}` is not a part of the type: write `sql_type = \"{ty}\"`; {instead}"
            ),
        }
    } else if SERIAL.contains(&&*value.to_ascii_lowercase()) && field.role != Role::Local {
        format!(
            "`{value}` numbers the rows, and Stripe gives the values: write `sql_type = \"bigint\"`"
        )
    } else if value.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && value.chars().all(letter)
        && value.matches('(').count() == value.matches(')').count()
    {
        return;
    } else {
        format!("expected the name of an SQL type: {examples}")
    };
    cx.error(written.span(), message);
}

/// The first constraint in a text as it is written, where it begins, and what to do instead.
fn constraint(value: &str) -> Option<(&str, usize, &'static str)> {
    let lower = value.to_ascii_lowercase();
    let is_word = |letter: Option<char>| {
        letter
            .is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.')
    };
    CONSTRAINTS
        .iter()
        .filter_map(|(words, instead)| {
            let at = lower.find(words)?;
            let (before, rest) = lower.split_at_checked(at)?;
            let after = rest.get(words.len()..)?;
            let whole = !is_word(before.chars().next_back()) && !is_word(after.chars().next());
            // A type of the user's can have one of these names.
            let is_type = at == 0 && matches!(*words, "comment" | "generated");
            (whole && !is_type).then(|| Some((value.get(at..at + words.len())?, at, *instead)))?
        })
        .min_by_key(|(_, at, _)| *at)
}
