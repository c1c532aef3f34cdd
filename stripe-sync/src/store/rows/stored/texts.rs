//! Single columns of a row, as text.

use crate::cell::Cell;
use crate::model::{Column, Model};
use crate::store::db::{Scope, Store, StoreError, query};
use crate::store::rows::{WantedColumns, stored};

impl Store {
    /// Returns what an object's row has in these columns, in their order: `None` for what is NULL or no text, and where there
    /// is no row. One that is marked as deleted counts, too.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn texts(
        &self,
        model: &'static Model,
        scope: &Scope,
        id: &str,
        columns: &[&'static Column],
    ) -> Result<Vec<Option<String>>, StoreError> {
        let target = self.target(model, scope)?;
        let wanted = WantedColumns::only(model, columns);
        let found = query!(self, target.table(), async |conn| {
            stored::read(conn, &target, &[id], false, &wanted).await
        })?;
        let cells = found.get(id).and_then(|row| row.cells.as_ref());
        let text = |name: &str| {
            let place = model
                .columns()
                .iter()
                .position(|known| known.name == name)?;
            match cells?.get(place)? {
                Cell::Text(text) => Some(text.clone().into_owned()),
                _ => None,
            }
        };
        Ok(columns.iter().map(|column| text(column.name)).collect())
    }
}
