//! What a step of the service costs does not depend on how much is kept: each statement finds its rows by an index.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::{AssertSqlSafe, SqlSafeStr};

use crate::StripeSync as _;
use crate::cell::{Cell, CellType};
use crate::store::db::connection::recording::recorded;
use crate::store::events::outbox::deliverable::Deliverable;
use crate::store::events::queue::Again;
use crate::store::events::queue::debounce::Debounce;
use crate::store::events::{
    Disposition, EventState, HandledResources, NewEvent, ObjectRef, Selection, Source, Turn,
};
use crate::store::tests::db::begun::Begun;
use crate::store::tests::models::Customer;
use crate::store::tests::world::World;

/// The tables that grow.
const LARGE: [&str; 5] = ["inbox", "work", "outbox", "changes", "objects"];
/// What a claim takes, and a page.
const BATCH: usize = 16;
/// What a statement may touch besides its batch: the acceptance of this library.
const SPARE: u64 = 10;
/// What one step of forgetting looks at: the largest of the steps.
const STEP: u64 = 1_000;
const LEASE: Duration = Duration::from_secs(10);

/// Statements of one sort, and how many rows each may touch.
type Sent = Vec<(u64, String)>;

pub(crate) async fn every_statement_of_the_service_finds_its_rows(world: &World) {
    world.store.prepare().await.unwrap();
    let mut small = Vec::new();
    if world.kind().dialect().locks_by_asking {
        fill(world, 3).await;
        // As a service has it, whose SQLite has no statistics; and with them.
        small.push(plans(world, sent(world).await).await);
        fill(world, 3).await;
        analyze(world).await;
        small.push(plans(world, sent(world).await).await);
    }
    fill(world, 5).await;
    analyze(world).await;
    let large = plans(world, sent(world).await).await;
    assert!(large.len() > 20, "{} statements", large.len());
    for (sql, plan) in small.iter().flatten() {
        if let Some(large) = large.get(sql) {
            assert_eq!(plan, large, "{sql}");
        }
    }
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap()
}

/// Ten to the power of `digits` rows in each table.
async fn fill(world: &World, digits: usize) {
    let now = world.kind().dialect().now_millis;
    let digit = (0..10)
        .map(|digit| format!("SELECT {digit} AS d"))
        .collect::<Vec<_>>()
        .join(" UNION ALL ");
    let digits = 0..digits;
    let sum: Vec<String> = digits
        .clone()
        .map(|place| format!("d{place}.d * {}", 10_i64.pow(u32::try_from(place).unwrap())))
        .collect();
    let from: Vec<String> = digits
        .map(|place| format!("({digit}) AS d{place}"))
        .collect();
    let numbers = format!(
        "(SELECT {} AS n FROM {}) AS numbers",
        sum.join(" + "),
        from.join(", ")
    );
    let id = |prefix: &str| match world.kind().is_mysql() {
        true => format!("CONCAT('{prefix}', n)"),
        false => format!("'{prefix}' || n"),
    };
    for table in LARGE {
        world.run(format!("DELETE FROM stripe_sync_{table}")).await;
    }
    world
        .run(format!(
            "INSERT INTO stripe_sync_inbox (account, livemode, id, seq, kind, object, object_id, created, received_at, source, \
             state, done_at, payload) SELECT 'acct_1', FALSE, {}, n, 'customer.updated', 'customer', {}, n, n * 1000, 0, \
             CASE WHEN n % 10 < 4 THEN n % 10 ELSE 1 END, n * 1000, '{{}}' FROM {numbers}",
            id("evt_"),
            id("cus_")
        ))
        .await;
    // Due and not yet due, at rest, and of a resource that nobody here knows.
    world
        .run(format!(
            "INSERT INTO stripe_sync_work (account, livemode, object, object_id, notices, since, due_at) \
             SELECT CASE WHEN n % 2 = 0 THEN 'acct_1' ELSE 'acct_2' END, FALSE, \
             CASE n % 3 WHEN 0 THEN 'customer' WHEN 1 THEN 'invoice' ELSE 'nobody' END, {}, \
             CASE WHEN n % 5 = 0 THEN 0 ELSE 1 END, {now} - 1000, {now} - 500 + n % 1000 FROM {numbers}",
            id("id_")
        ))
        .await;
    // About objects of their own, all about one, of a handler that nobody has here, and given up.
    world
        .run(format!(
            "INSERT INTO stripe_sync_outbox (account, livemode, subject, object_id, body, about, about_id, due_at, dead_at) \
             SELECT 'acct_1', FALSE, CASE n % 4 WHEN 0 THEN 'customer.created' WHEN 1 THEN 'nobody.knows' \
             WHEN 2 THEN 'customer.updated' ELSE 'customer.deleted' END, {}, '', 'customer', \
             CASE WHEN n % 4 = 2 THEN 'cus_hot' ELSE {} END, {now} - 1000, CASE WHEN n % 4 = 3 THEN {now} ELSE 0 END FROM {numbers}",
            id("msg_"),
            id("cus_")
        ))
        .await;
    world
        .run(format!(
            "INSERT INTO stripe_sync_changes (position, account, livemode, table_name, object, object_id, kind, changed_at) \
             SELECT n + 1, 'acct_1', FALSE, 'customers', 'customer', {}, 0, n * 1000 FROM {numbers}",
            id("cus_")
        ))
        .await;
    // Deleted without a row, and failed.
    world
        .run(format!(
            "INSERT INTO stripe_sync_objects (table_name, account, livemode, id, deleted_token, failed_reason, failed_at) \
             SELECT 'customers', 'acct_1', FALSE, {}, CASE WHEN n % 2 = 0 THEN n END, \
             CASE WHEN n % 2 = 1 THEN 'reason' END, CASE WHEN n % 2 = 1 THEN n END FROM {numbers}",
            id("cus_")
        ))
        .await;
    world
        .run("UPDATE stripe_sync_changes SET position = 0 WHERE object_id = 'cus_7'")
        .await;
    world
        .run("UPDATE stripe_sync_cursors SET value = 1000000 WHERE name = 'changes'")
        .await;
}

async fn analyze(world: &World) {
    match world.kind().is_mysql() {
        true => {
            for table in LARGE {
                let sql = format!("ANALYZE TABLE stripe_sync_{table}");
                world.rows(sql, &[CellType::Text]).await;
            }
        }
        false => world.run("ANALYZE").await,
    }
}

/// What the steps of the service send.
async fn sent(world: &World) -> Sent {
    let store = &world.store;
    let scope = World::scope();
    let known = HandledResources {
        objects: vec!["customer".to_owned(), "invoice".to_owned()],
    };
    let tellable = Deliverable {
        tables: vec!["customers".to_owned()],
        patterns: vec!["customer.*".to_owned()],
    };
    let mut sent = Sent::new();
    let batch = BATCH as u64;
    let mut turn = Turn::default();
    let mut claims = Vec::new();
    for due in [Debounce::Steady, Debounce::AtOnce] {
        let claimed = store.claim_work(false, (&known, due), BATCH, LEASE, &mut turn);
        claims.extend(note(&mut sent, batch, claimed).await);
    }
    assert!(claims.len() > BATCH, "{} claims", claims.len());
    note(&mut sent, 1, store.work_due_in(false, &known)).await;
    note(&mut sent, 1, store.notices(&claims[0])).await;
    note(&mut sent, 1, store.renew_claim(&claims[0], LEASE)).await;
    note(&mut sent, 1, store.release_claim(&claims[0])).await;
    let retried = store.retry_work(&claims[1], &["evt_0"], Again::Failed(LEASE), "reason");
    note(&mut sent, 1, retried).await;
    note(
        &mut sent,
        1,
        store.dead_letter_work(&claims[2], &["evt_10"], "reason"),
    )
    .await;
    let subject = ObjectRef::new("customer", "cus_20");
    let pending = note(&mut sent, 1, store.pending_events(&scope, &subject)).await;
    assert!(!pending.is_empty());
    note(&mut sent, 1, store.ask_for(&scope, &subject)).await;
    note(&mut sent, STEP, store.purge_quiet(false)).await;

    let event = |id: &str| NewEvent {
        scope: scope.clone(),
        id: id.to_owned(),
        kind: "customer.updated".to_owned(),
        created: 7,
        source: Source::Delivered,
        thin: false,
        payload: "{}".to_owned(),
        disposition: Disposition::Pending {
            subject: subject.clone(),
            others: Vec::new(),
        },
    };
    // One that is new, and one that is there.
    let events = [event(&format!("evt_new_{}", now())), event("evt_1")];
    note(&mut sent, 2, store.receive(&events)).await;

    let mut turn = Turn::default();
    let claimed = store.claim_messages(false, &tellable, BATCH, LEASE, &mut turn);
    let messages = note(&mut sent, batch, claimed).await;
    assert!(messages.len() > 3, "{} messages", messages.len());
    note(&mut sent, 1, store.renew_message(&messages[0], LEASE)).await;
    note(&mut sent, 1, store.delivered(&messages[0])).await;
    let again = store.not_delivered(&messages[1], LEASE, "reason");
    note(&mut sent, 1, again).await;
    note(
        &mut sent,
        1,
        store.dead_letter_message(&messages[2], "reason"),
    )
    .await;
    note(&mut sent, 1, store.release_message(&messages[3])).await;

    let page = Selection::default();
    let listed = note(&mut sent, batch, store.events(false, &page, BATCH)).await;
    let last = listed.last().unwrap();
    let next = Selection {
        before: Some((last.created.timestamp(), last.id.clone())),
        state: Some(EventState::Done),
        ..Selection::default()
    };
    note(&mut sent, batch, store.events(false, &next, BATCH)).await;

    let model = Customer::MODEL;
    let page = store.failed_rows_page(model, &scope, None, BATCH);
    let last = note(&mut sent, batch, page).await.pop().unwrap();
    let page = store.failed_rows_page(model, &scope, Some(&last.id), BATCH);
    assert_eq!(note(&mut sent, batch, page).await.len(), BATCH);
    let ids = ["cus_1", "cus_2"].map(str::to_owned);
    let among = store.failed_among(model, &scope, &ids);
    assert_eq!(note(&mut sent, 2, among).await, ["cus_1"]);

    note(&mut sent, batch, store.order_changes()).await;
    note(&mut sent, batch, store.changes_behind(false, 100, BATCH)).await;
    // What happened in the first 100 seconds.
    let old = now() - 100_000;
    let purged = store.purge_events(false, EventState::Done, old);
    assert!(note(&mut sent, STEP, purged).await > 0);
    note(&mut sent, STEP, store.purge_changes(false, old)).await;
    let purged = store.purge_messages(false, &tellable, old);
    note(&mut sent, STEP, purged).await;
    sent
}

async fn note<T, E: std::fmt::Debug>(
    sent: &mut Sent,
    most: u64,
    work: impl Future<Output = Result<T, E>>,
) -> T {
    let (result, statements) = recorded(work).await;
    sent.extend(statements.into_iter().map(|sql| (most, sql)));
    result.unwrap()
}

/// Checks the plan of each statement about a table that grows. Returns the plans of SQLite by statement.
async fn plans(world: &World, sent: Sent) -> BTreeMap<String, String> {
    let mut plans = BTreeMap::new();
    for (most, sql) in sent {
        let is_about_large = LARGE
            .iter()
            .any(|table| sql.contains(&format!("stripe_sync_{table}")));
        if !is_about_large || sql.starts_with("INSERT INTO") && !sql.contains("SELECT") {
            continue;
        }
        let mut transaction = world.begin().await;
        let (plan, touched) = explained(world, &mut transaction, &sql).await;
        transaction.rollback().await.unwrap();
        let is_scan = plan.lines().any(|line| {
            let of_large = LARGE
                .iter()
                .any(|table| line.contains(&format!("stripe_sync_{table}")));
            (line.contains("Seq Scan") && of_large)
                || line.starts_with("SCAN")
                || line.contains("TEMP B-TREE")
        });
        assert!(!is_scan, "{sql}\n{plan}");
        // A statement that says how many it takes has that as its batch.
        let limits = sql.split("LIMIT ").skip(1);
        let limits = limits.filter_map(|rest| rest.split(' ').next()?.parse::<u64>().ok());
        let lists = sql.split("IN (").skip(1);
        let lists =
            lists.filter_map(|rest| Some(rest.split(')').next()?.matches(',').count() as u64 + 1));
        let most = limits.chain(lists).max().unwrap_or(most).max(most);
        assert!(
            touched <= most + SPARE,
            "{touched} rows of {most}: {sql}\n{plan}"
        );
        plans.insert(shape(&sql), plan);
    }
    plans
}

/// A statement without its numbers, and without the lengths of its lists.
fn shape(sql: &str) -> String {
    let mut shape = sql.replace(|letter: char| letter.is_ascii_digit(), "");
    for (one, none) in [("'evt_', ", ""), ("'msg_', ", ""), (", , ", ", ")] {
        while shape.contains(one) {
            shape = shape.replace(one, none);
        }
    }
    shape
}

/// How a database finds the rows of a statement, and how many it touches; none is counted on SQLite.
async fn explained(world: &World, transaction: &mut Begun, sql: &str) -> (String, u64) {
    let cells = async |transaction: &mut Begun, sql: String, columns: &[CellType]| {
        let sql = AssertSqlSafe(sql).into_sql_str();
        transaction.conn().cells(sql, &[], columns).await.unwrap()
    };
    let text = |cell: &Cell<'_>| match cell {
        Cell::Text(text) => text.clone().into_owned(),
        other => panic!("expected a text, got {other:?}"),
    };
    if world.kind().is_postgres() {
        let explain = format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {sql}");
        let rows = cells(transaction, explain, &[CellType::Text]).await;
        let lines: Vec<String> = rows.iter().map(|row| text(&row[0])).collect();
        let touched = touched(&lines);
        return (lines.join("\n"), touched);
    }
    if world.kind().is_mysql() {
        let explain = cells(transaction, format!("EXPLAIN {sql}"), &[])
            .await
            .len();
        let before = handler_reads(transaction).await;
        let overhead = handler_reads(transaction).await - before;
        let before = handler_reads(transaction).await;
        transaction.conn().run(sql.to_owned()).await.unwrap();
        let after = handler_reads(transaction).await;
        return (format!("{explain} lines"), after - before - overhead);
    }
    let explain = format!("EXPLAIN QUERY PLAN {sql}");
    let columns = [
        CellType::Integer,
        CellType::Integer,
        CellType::Integer,
        CellType::Text,
    ];
    let rows = cells(transaction, explain, &columns).await;
    let lines: Vec<String> = rows.iter().map(|row| text(&row[3])).collect();
    (lines.join("\n"), 0)
}

async fn handler_reads(transaction: &mut Begun) -> u64 {
    let sql = AssertSqlSafe("SHOW SESSION STATUS LIKE 'Handler_read%'").into_sql_str();
    let columns = [CellType::Text, CellType::Text];
    let rows = transaction.conn().cells(sql, &[], &columns).await.unwrap();
    let count = |row: &Vec<Cell<'_>>| match &row[1] {
        Cell::Text(count) => count.parse::<u64>().unwrap(),
        other => panic!("expected a count, got {other:?}"),
    };
    rows.iter().map(count).sum()
}

/// How many rows the nodes of a plan read that read a table.
fn touched(lines: &[String]) -> u64 {
    let number = |line: &str, name: &str| {
        let at = line.find(name)? + name.len();
        let digits = line[at..].bytes().take_while(u8::is_ascii_digit).count();
        line[at..at + digits].parse::<u64>().ok()
    };
    let (mut touched, mut loops, mut is_scan) = (0, 1, false);
    for line in lines {
        if line.contains("actual rows=") || line.contains("(never executed)") {
            // The entries of a bitmap are counted with its rows; some are of rows that are gone.
            let is_bitmap = line.contains("Bitmap Index Scan");
            is_scan = line.contains(" Scan ") && line.contains("stripe_sync_") && !is_bitmap;
            loops = number(line, "loops=").unwrap_or(0);
            if is_scan {
                touched += number(line, "rows=").unwrap_or(0) * loops;
            }
        } else if is_scan && line.contains("Rows Removed by") {
            touched += number(line, ": ").unwrap_or(0) * loops;
        }
    }
    touched
}
