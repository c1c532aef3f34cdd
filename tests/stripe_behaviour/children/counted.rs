//! What children cost: no request more than their parents, and one for each further hundred of a long list.

use serde_json::json;
use stripe_sync::{DatabaseKind, StripeSync};

use super::stage::{Stage, child, draft};

#[derive(StripeSync)]
#[stripe(object = "subscription", table = "many_subscriptions")]
struct Subscription {
    id: String,
    #[stripe(children)]
    items: Vec<Item>,
}

#[derive(StripeSync)]
#[stripe(object = "subscription_item", table = "many_items")]
struct Item {
    id: String,
    #[stripe(parent)]
    subscription: String,
    quantity: Option<i64>,
}

#[derive(StripeSync)]
#[stripe(object = "invoice", table = "many_invoices")]
struct Invoice {
    id: String,
    #[stripe(children)]
    lines: Vec<Line>,
}

#[derive(StripeSync)]
#[stripe(object = "line_item", table = "many_lines")]
struct Line {
    id: String,
    #[stripe(parent)]
    invoice: String,
    amount: i64,
}

const PARENTS: usize = 10_000;
/// Requests beside the pages: the account, other lists, a page that is short because a slice ends.
const MORE: usize = 10;

/// Lengths that add up: each hundredth list is longer than what Stripe shows inside, up to 250 elements.
fn lengths(elements: usize) -> Vec<usize> {
    const LONG: [usize; 5] = [11, 25, 110, 111, 250];
    let mut lengths: Vec<usize> = (0..PARENTS)
        .map(|nth| match nth % 100 {
            99 => LONG[nth / 100 % LONG.len()],
            _ => 1,
        })
        .collect();
    let mut left = elements - lengths.iter().sum::<usize>();
    // The first is what the others are copies of.
    let short = lengths.iter_mut().skip(1).filter(|length| **length == 1);
    for length in short {
        let more = left.min(9);
        *length += more;
        left -= more;
    }
    assert_eq!(lengths.iter().sum::<usize>(), elements);
    lengths
}

/// The pages of what is behind the ten elements that are shown.
fn rests(lengths: &[usize]) -> usize {
    let rests = lengths.iter().map(|length| length.saturating_sub(10));
    rests.map(|rest| rest.div_ceil(100)).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscriptions_with_their_items() {
    let stage = Stage::start(DatabaseKind::Sqlite).await;
    let lengths = lengths(23_086);
    let given = json!({"status": "active"});
    stage.copies("subscription", given, "items", lengths[1..].iter().copied());
    stage.syncer.ensure_table::<Subscription>().await.unwrap();
    stage.fake.reset_requests();
    let report = stage.sync_all::<Subscription>().await;
    assert_eq!(report.inserted, PARENTS as u64, "{report}");
    assert_eq!(child::<Item>(&report).inserted, 23_086, "{report}");
    let most = PARENTS / 100 + rests(&lengths) + MORE;
    assert!(report.requests <= most as u64, "{most} < {report}");
    assert_eq!(stage.requests("/v1/subscription_items"), rests(&lengths));
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invoices_with_their_lines() {
    let stage = Stage::start(DatabaseKind::Sqlite).await;
    let lengths = lengths(46_292);
    stage.copies("invoice", draft(), "lines", lengths[1..].iter().copied());
    stage.syncer.ensure_table::<Invoice>().await.unwrap();
    stage.fake.reset_requests();
    let report = stage.sync_all::<Invoice>().await;
    assert_eq!(report.inserted, PARENTS as u64, "{report}");
    assert_eq!(child::<Line>(&report).inserted, 46_292, "{report}");
    let most = PARENTS / 100 + rests(&lengths) + MORE;
    assert!(report.requests <= most as u64, "{most} < {report}");
    assert_eq!(stage.requests("/v1/invoices/{id}/lines"), rests(&lengths));
    stage.end().await;
}
