//! Names in the database.

pub(super) mod sql_type;

use proc_macro2::Span;
use stripe_sync_schema::sql::{TABLE, TABLE_NAME};
use stripe_sync_schema::table::{DELETED_AT, HASH, OBSERVED_AT};

use crate::ctxt::Ctxt;
use crate::database::Database;
use crate::model::{Model, Role};
use crate::symbol::NAMESPACE;

/// The longest name in PostgreSQL, in bytes (`NAMEDATALEN` - 1); it cuts a longer one silently.
const POSTGRES_BYTES: usize = 63;
/// The longest name in MySQL and MariaDB, in characters.
const MYSQL_LETTERS: usize = 64;

/// Every name is one that the database can have. A struct without `database` has to fit them all.
pub(super) fn names_fit(cx: &Ctxt, model: &Model<'_>) {
    if let Some(table) = model.attrs.table.get() {
        let span = table.span();
        if model.table.contains('.') {
            cx.error(span, "write a table as `table` or `schema.table`");
        } else if let Some(schema) = &model.schema {
            name_fits(cx, model, span, "schema", schema);
            name_fits(cx, model, span, "table", &model.table);
        } else {
            name_fits(cx, model, span, "table", &model.table);
        }
    }
    for field in &model.fields {
        name_fits(cx, model, field.column_span(), "column", &field.column);
    }
}

/// A namespace is one name, beside a table that names no schema. Where it is a prefix, both fit together.
pub(super) fn namespace_fits(cx: &Ctxt, model: &Model<'_>) {
    let attribute = &model.attrs.namespace;
    // A table of three parts is a mistake of its own.
    let Some(written) = attribute.get().filter(|_| !model.table.contains('.')) else {
        return;
    };
    let (span, namespace) = (written.span(), written.value());
    if let Some(schema) = &model.schema {
        let message = format!(
            "the table is in the schema `{schema}` already: take `{NAMESPACE}` away, or write `table = \"{}\"`",
            model.table
        );
        cx.error(attribute.span_or(span), message);
        return;
    }
    if namespace.contains('.') {
        let message = format!("write one name, as in `{}`", NAMESPACE.form);
        cx.error(span, message);
        return;
    }
    let before = cx.count();
    name_fits(cx, model, span, "namespace", &namespace);
    let prefixed = format!("{namespace}_{}", model.table);
    let letters = prefixed.chars().count();
    let is_prefix = matches!(model.attrs.database.get(), None | Some(Database::MySql));
    if cx.count() == before && is_prefix && letters > MYSQL_LETTERS {
        let message = format!(
            "the table is `{prefixed}` on MySQL, which has {letters} letters, and MySQL takes {MYSQL_LETTERS}"
        );
        cx.error(span, message);
    }
}

fn name_fits(cx: &Ctxt, model: &Model<'_>, span: Span, what: &str, name: &str) {
    let database = model.attrs.database.get();
    if name.is_empty() {
        cx.error(
            span,
            format!("a {what} needs a name, and this one is empty"),
        );
    } else if name.contains('\0') {
        cx.error(
            span,
            format!("the name of a {what} cannot hold the character NUL"),
        );
    } else if let Some(bare) = bare(name) {
        let message = format!(
            "expected the name of a {what} without spaces or quotes around it, which statements add: write `{bare}`"
        );
        cx.error(span, message);
    } else if let Some(slot) = [TABLE, TABLE_NAME]
        .into_iter()
        .find(|slot| name.contains(slot))
    {
        cx.error(
            span,
            format!(
                "the name of a {what} cannot hold `{slot}`, which stands for the table in statements"
            ),
        );
    } else if matches!(database, None | Some(Database::Postgres)) && name.len() > POSTGRES_BYTES {
        let message = format!(
            "the name of this {what} has {} bytes, and PostgreSQL keeps {POSTGRES_BYTES}{}",
            name.len(),
            shorter(what)
        );
        cx.error(span, message);
    } else if database == Some(&Database::MySql) && name.chars().count() > MYSQL_LETTERS {
        let message = format!(
            "the name of this {what} has {} letters, and MySQL takes {MYSQL_LETTERS}{}",
            name.chars().count(),
            shorter(what)
        );
        cx.error(span, message);
    }
}

/// The name inside spaces or the quotes of a database.
fn bare(name: &str) -> Option<&str> {
    let letters = [' ', '\t', '\n', '"', '`', '\'', '[', ']'];
    let bare = name.trim_matches(letters);
    // A name that is nothing else is no mistake in writing.
    (bare != name && !bare.is_empty()).then_some(bare)
}

fn shorter(what: &str) -> &'static str {
    match what {
        "column" => ": choose a shorter one, #[stripe(column = \"...\")]",
        _ => "",
    }
}

/// No two fields are one column. Two of the databases ignore the case of a column's name.
pub(super) fn names_are_unique(cx: &Ctxt, model: &Model<'_>) {
    for (at, field) in model.fields.iter().enumerate() {
        let before = model.fields.iter().take(at);
        let same = before
            .filter(|other| !other.column.is_empty())
            .find(|other| other.column.eq_ignore_ascii_case(&field.column));
        if let Some(other) = same {
            let message = format!(
                "the column `{}` is taken by the field `{}`: name this one with #[stripe(column = \"...\")]",
                field.column, other.name
            );
            cx.error(field.column_span(), message);
        }
    }
}

/// The columns in which a sync keeps its own notes are free.
pub(super) fn bookkeeping_is_not_taken(cx: &Ctxt, model: &Model<'_>) {
    if model.is_unversioned() {
        return;
    }
    for field in &model.fields {
        // The user's own column for the time of a deletion may have the name of ours.
        let own = |name: &str| field.role == Role::DeletedAt && name == DELETED_AT;
        let taken = [OBSERVED_AT, HASH, DELETED_AT]
            .into_iter()
            .any(|name| field.column.eq_ignore_ascii_case(name) && !own(name));
        if taken {
            let advice = if field.column == DELETED_AT {
                "; mark a field for it with #[stripe(deleted_at)]"
            } else {
                ": choose another name, #[stripe(column = \"...\")]"
            };
            let message = format!(
                "the column `{}` belongs to the bookkeeping of a sync{advice}",
                field.column
            );
            cx.error(field.column_span(), message);
        }
    }
}
