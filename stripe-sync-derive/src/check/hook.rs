//! Rules about hooks. Their signatures are checked by the compiler, where the expansion calls them.

use crate::ctxt::Ctxt;
use crate::database::Database;
use crate::model::Model;
use crate::symbol::DATABASE;

/// A `sync` hook gets a connection, and a connection is of one database.
pub(super) fn sync_knows_its_database(cx: &Ctxt, model: &Model<'_>) {
    let attrs = &model.attrs;
    if attrs.sync.is_set() && !attrs.database.is_set() && attrs.is_whole {
        let example = model.enabled.first().copied().unwrap_or(Database::Postgres);
        let message = format!(
            "a `sync` hook works with the connection of one database: say which, `{DATABASE} = {}`",
            example.word()
        );
        cx.error(attrs.sync.span_or(model.ident.span()), message);
    }
}
