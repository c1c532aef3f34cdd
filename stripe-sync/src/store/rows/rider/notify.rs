//! `NOTIFY`: rows that changed, told in the transaction that changed them. PostgreSQL tells those who listen when it
//! commits, and nobody when it does not.

use serde::Serialize;

use crate::store::db::{Bind, Conn, Scope, TableContext, TxError};
use crate::store::rows::rider::RelatedChange;
use crate::store::rows::{ChangeKind, Written};

/// The longest payload that PostgreSQL takes, in bytes.
const LONGEST: usize = 7_999;

/// A row that changed: its table, its id, and how.
type ChangedRow<'c> = (&'c str, &'c str, ChangeKind);

/// What is told of one row.
#[derive(Serialize)]
struct Notice<'n> {
    table: &'n str,
    account: &'n str,
    livemode: bool,
    /// None that is too long for a notice.
    id: Option<&'n str>,
    kind: ChangeKind,
}

/// Tells of the rows that a transaction changed, if that was chosen: those of its objects, and those of other models that
/// changed with them.
pub(crate) async fn tell<'c>(
    conn: &mut Conn<'_>,
    target: &'c TableContext<'_>,
    rows: impl Iterator<Item = (&'c str, ChangeKind)>,
    related: &'c [RelatedChange],
) -> Result<(), TxError> {
    let Some(channel) = &conn.settings.notify else {
        return Ok(());
    };
    let rows = rows.map(|(id, kind)| (target.table(), id, kind));
    let related = related
        .iter()
        .map(|change| (&*change.table, &*change.id, change.kind));
    let notices = rows.chain(related);
    let notices: Vec<String> = notices.map(|row| payload(target.scope, row)).collect();
    if notices.is_empty() {
        return Ok(());
    }
    let notices = notices.iter().map(String::as_str).collect();
    let binds = [Bind::text(channel), Bind::Texts(notices)];
    let sql = "SELECT pg_notify(?, notice) FROM UNNEST(?::text[]) AS notice";
    conn.execute(sql, &binds).await.map(drop)
}

/// The rows that a write changed, and how.
pub(crate) fn changed<'c>(
    rows: impl Iterator<Item = (&'c str, &'c Written)>,
) -> impl Iterator<Item = (&'c str, ChangeKind)> {
    rows.filter_map(|(id, written)| Some((id, ChangeKind::of_write(written)?)))
}

fn payload(scope: &Scope, (table, id, kind): ChangedRow<'_>) -> String {
    let mut notice = Notice {
        table,
        account: &scope.account,
        livemode: scope.livemode,
        id: Some(id),
        kind,
    };
    let whole = json(&notice);
    if whole.len() <= LONGEST {
        return whole;
    }
    notice.id = None;
    json(&notice)
}

/// As JSON, which texts and flags always have.
fn json(notice: &Notice<'_>) -> String {
    serde_json::to_string(notice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::payload;
    use crate::store::db::Scope;
    use crate::store::rows::ChangeKind;

    #[test]
    fn no_notice_is_longer_than_postgresql_takes() {
        let scope = Scope {
            account: "acct_1".to_owned(),
            livemode: true,
        };
        let notice = |id: &str| payload(&scope, ("billing.customers", id, ChangeKind::LeftFilter));
        let told = |id: &str| {
            format!(
                r#"{{"table":"billing.customers","account":"acct_1","livemode":true,"id":{id},"kind":"left_filter"}}"#
            )
        };
        assert_eq!(notice("cus_\"1"), told(r#""cus_\"1""#));
        let around = notice("").len();
        let longest = "a".repeat(7_999 - around);
        assert_eq!(notice(&longest).len(), 7_999);
        assert_eq!(notice(&(longest + "a")), told("null"));
    }
}
