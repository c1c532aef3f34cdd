use std::time::Duration;

use crate::client::{Mode, Request, Stripe};
use crate::store::backfill::rate_members::Share;
use crate::store::db::Scope;
use crate::store::tests::world::World;
use crate::store::{IntoStore as _, Store};
use crate::sync::syncer::rate_share::{Pace, Sharing};

/// Much quicker than in earnest, so that the tests are.
const PACE: Pace = Pace {
    first: Duration::from_millis(1),
    renew: Duration::from_millis(50),
};
/// Some databases are slow when others test on the same cores.
const PATIENCE: Duration = Duration::from_secs(20);

fn share(process: &str) -> Share {
    Share::new(World::scope(), process.to_owned())
}

/// The same database, reached through a pool of its own.
pub(crate) fn other(store: &Store) -> Store {
    match &store.pool {
        #[cfg(feature = "sqlite")]
        crate::store::db::pool::Pool::Sqlite(pool) => {
            let options = (*pool.connect_options()).clone();
            sqlx::SqlitePool::connect_lazy_with(options).into_store()
        }
        #[cfg(feature = "postgres")]
        crate::store::db::pool::Pool::Postgres(pool) => {
            let options = (*pool.connect_options()).clone();
            sqlx::PgPool::connect_lazy_with(options).into_store()
        }
        #[cfg(feature = "mysql")]
        crate::store::db::pool::Pool::MySql(pool) => {
            let options = (*pool.connect_options()).clone();
            sqlx::MySqlPool::connect_lazy_with(options).into_store()
        }
    }
}

pub(crate) async fn each_client_counts_once_in_its_account_and_mode(world: &World) {
    let (one, two) = (&world.store, &other(&world.store));
    one.prepare().await.unwrap();
    let (a, b) = (share("a"), share("b"));
    assert_eq!(one.join_share(&a).await.unwrap(), 1);
    assert_eq!(one.join_share(&a).await.unwrap(), 1);
    assert_eq!(two.join_share(&b).await.unwrap(), 2);
    assert_eq!(one.renew_share(&a).await.unwrap(), 2);
    for (account, livemode) in [("acct_2", false), ("acct_1", true)] {
        let account = account.to_owned();
        let scope = Scope { account, livemode };
        let apart = Share::new(scope, "c".to_owned());
        assert_eq!(two.join_share(&apart).await.unwrap(), 1);
    }
    two.leave_share(&b).await.unwrap();
    two.leave_share(&b).await.unwrap();
    assert_eq!(one.renew_share(&a).await.unwrap(), 1);
}

pub(crate) async fn who_stops_renewing_is_forgotten(world: &World) {
    let (one, two) = (&world.store, &other(&world.store));
    one.prepare().await.unwrap();
    let (a, b) = (share("a"), share("b"));
    one.join_share(&a).await.unwrap();
    assert_eq!(two.join_share(&b).await.unwrap(), 2);
    let left = "SELECT MAX(expires_at) - MIN(expires_at) FROM stripe_sync_shares";
    assert!((0..5_000).contains(&world.number(left).await));
    let age = "UPDATE stripe_sync_shares SET expires_at = expires_at - 19000 WHERE process = 'b'";
    world.run(age).await;
    assert_eq!(one.renew_share(&a).await.unwrap(), 2);
    world.run(age).await;
    assert_eq!(one.renew_share(&a).await.unwrap(), 1);
    // It was only halted: it takes its share again.
    assert_eq!(two.renew_share(&b).await.unwrap(), 2);
    assert_eq!(one.renew_share(&a).await.unwrap(), 2);
    // Rows of the dead are removed by whoever joins.
    world.run(age).await;
    world.run(age).await;
    assert_eq!(one.join_share(&share("c")).await.unwrap(), 2);
    let rows = "SELECT COUNT(*) FROM stripe_sync_shares";
    assert_eq!(world.number(rows).await, 2);
}

pub(crate) async fn many_join_and_leave_at_once(world: &World) {
    world.store.prepare().await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..12 {
        let store = world.store.clone();
        tasks.spawn(async move {
            let share = share(&format!("{number}"));
            store.join_share(&share).await.unwrap();
            store.renew_share(&share).await.unwrap();
            if number % 2 == 0 {
                store.leave_share(&share).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(world.store.renew_share(&share("1")).await.unwrap(), 6);
}

fn client() -> Stripe {
    Stripe::new("rk_live_1234").unwrap()
}

/// What a client may send to one endpoint and in all, a second.
fn targets(stripe: &Stripe) -> (f64, f64) {
    let pressure = stripe.pressure(&Request::get("/v1/customers"));
    (pressure.endpoint.rate_target, pressure.account.rate_target)
}

async fn until(what: &str, reached: impl Fn() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !reached() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(waited.await.is_ok(), "never: {what}");
}

pub(crate) async fn processes_halve_the_rate_and_restore_it(world: &World) {
    let (one, two) = (&world.store, &other(&world.store));
    one.prepare().await.unwrap();
    let (a, b) = (client(), client());
    assert_eq!(a.mode(), Some(Mode::Live));
    let whole = (20.0, 80.0);
    assert_eq!(targets(&a), whole);
    let scope = World::scope();
    let of_a = Sharing::begin(&a, one, &scope, PACE);
    let of_b = Sharing::begin(&b, two, &scope, PACE);
    let half = (10.0, 40.0);
    until("both have half", || {
        targets(&a) == half && targets(&b) == half
    })
    .await;
    drop(of_b);
    until("both have all", || {
        targets(&a) == whole && targets(&b) == whole
    })
    .await;
    drop(of_a);
    let rows = "SELECT COUNT(*) FROM stripe_sync_shares";
    let empty = tokio::time::timeout(PATIENCE, async {
        while world.number(rows).await > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(empty.await.is_ok(), "a share was not given back");
}

pub(crate) async fn a_process_that_dies_stops_counting(world: &World) {
    let store = &world.store;
    store.prepare().await.unwrap();
    // It joins, and is killed before it renews or leaves.
    store.join_share(&share("killed")).await.unwrap();
    let stripe = client();
    let sharing = Sharing::begin(&stripe, store, &World::scope(), PACE);
    until("it has half", || targets(&stripe) == (10.0, 40.0)).await;
    world
        .run("UPDATE stripe_sync_shares SET expires_at = expires_at - 20000 WHERE process = 'killed'")
        .await;
    until("it has all", || targets(&stripe) == (20.0, 80.0)).await;
    drop(sharing);
}
