//! A role that may read and write the bookkeeping tables, and nothing else.

use stripe_sync_schema::bookkeeping::Placement;

use crate::store::tables::tests::database::Database;

const TAKE_MYSQL: &str = "UPDATE $clock SET token = LAST_INSERT_ID(token + 1)";

/// A role with the four rights on tables sees that nothing is missing, creates nothing, and takes tokens.
pub(crate) async fn a_role_without_ddl_takes_tokens(database: &Database) {
    let placement = Placement::default();
    database.prepare(&placement).await;
    let writer = database.as_writer().await;
    assert_eq!(writer.plan(&placement).await.unwrap(), [""; 0]);
    assert_eq!(writer.prepare(&placement).await, 0);
    let refused = writer.try_run("CREATE TABLE mine (a INTEGER)").await;
    refused.expect_err("the role may create tables");
    let tables = writer.tables(&placement);
    if writer.kind().is_postgres() {
        let sequence = tables.expand("SELECT nextval('$clock')");
        let refused = writer.try_run(&sequence).await;
        refused.expect_err("the role may use the sequence itself");
        let next = tables.expand("SELECT $next_token");
        assert_eq!(writer.number(&next).await, Some(1));
        let skip = tables.expand("SELECT $skip_tokens(2000000)");
        assert_eq!(writer.number(&skip).await, Some(2_000_002));
        assert_eq!(writer.number(&next).await, Some(2_000_003));
    } else {
        writer.run(&tables.expand(TAKE_MYSQL)).await;
        let token = tables.expand("SELECT token FROM $clock");
        assert_eq!(writer.number(&token).await, Some(1));
    }
    let record = "INSERT INTO $actions (at, kind, table_name, account, livemode, object_id, actor, detail) \
                  VALUES (1, 'erase', 't', 'acct_1', FALSE, 'cus_1', 'me', '')";
    writer.run(&tables.expand(record)).await;
    writer.run(&tables.expand("DELETE FROM $actions")).await;
    writer.close().await;
}

/// Sessions that take tokens and leap over some get each number once.
#[cfg(feature = "postgres")]
pub(crate) async fn tokens_only_grow(database: &Database) {
    let placement = Placement::default();
    let tables = database.tables(&placement);
    database.prepare(&placement).await;
    let texts = [
        "SELECT $next_token",
        "SELECT $skip_tokens(0)",
        "SELECT $next_token",
        "SELECT $skip_tokens(9223372036854775807)",
    ];
    let texts = texts.map(|text| tables.expand(text));
    let taken = texts
        .iter()
        .cycle()
        .take(200)
        .map(|text| database.number(text));
    let mut taken: Vec<i64> = futures_util::future::join_all(taken)
        .await
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(taken.len(), 200);
    taken.sort_unstable();
    taken.dedup();
    assert_eq!(taken.len(), 200, "a token was given twice");
    let last = database.number(&texts[0]).await;
    assert!(last > taken.last().copied());
    // A leap is no shorter than a million, and no longer than a thousand million.
    let (from, to) = (
        database.number(&texts[1]).await.unwrap(),
        database.number(&texts[3]).await.unwrap(),
    );
    assert_eq!(from - last.unwrap(), 1_000_001);
    assert_eq!(to - from, 1_000_000_001);
}
