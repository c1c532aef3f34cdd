//! Tables with a unique key besides the model's, on which `ON DUPLICATE KEY UPDATE` could overwrite another row.

use crate::store::connection::Conn;
use crate::store::target::Target;

/// Whether a table has more than one unique key.
pub(in crate::store) async fn has_second_key(
    conn: &mut Conn<'_>,
    target: &Target<'_>,
) -> Result<bool, sqlx::Error> {
    let keys = super::unique_keys(conn, target.model).await?;
    Ok(keys.len() > 1)
}
