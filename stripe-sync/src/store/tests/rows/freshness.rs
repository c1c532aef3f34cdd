use crate::model::StripeSync;
use crate::model::hooks::Outcome::{Inserted, Unchanged, Updated};
use crate::store::rows::delete::{Deletion, Removal};
use crate::store::rows::outcome::Written::{Done, ReadAgain};
use crate::store::tests::models::{Customer, PlainCustomer, customer};
use crate::store::tests::world::{World, Write};

fn email(value: &str) -> [String; 1] {
    [customer("cus_1", &format!(r#""email":"{value}""#))]
}

async fn stored(world: &World) -> String {
    let email = world.text("SELECT email FROM customers").await;
    email.unwrap_or_default()
}

const OBSERVED: &str = "SELECT stripe_observed_at FROM customers";
const OF_FIRST: &str = "SELECT stripe_observed_at FROM customers WHERE id = 'cus_1'";

pub(crate) async fn an_older_read_is_read_again(world: &World) {
    world.table::<Customer>().await;
    let old = world.next_token().await;
    assert_eq!(
        world.single::<Customer>(&email("new")).await,
        [Done(Inserted)]
    );
    // Began before the row was written: on a page or alone, it is neither written nor dropped.
    let late = Write::list(old);
    assert_eq!(
        late.rows::<Customer>(world, &email("old")).await,
        [ReadAgain]
    );
    let late = Write::single(old);
    assert_eq!(
        late.rows::<Customer>(world, &email("old")).await,
        [ReadAgain]
    );
    assert_eq!(stored(world).await, "new");
    // The same content is nothing to do, however late.
    let late = Write::list(old);
    assert_eq!(
        late.rows::<Customer>(world, &email("new")).await,
        [Done(Unchanged)]
    );
    assert_eq!(
        world.list::<Customer>(&email("newer")).await,
        [Done(Updated)]
    );
}

pub(crate) async fn only_single_reads_raise_what_they_find_unchanged(world: &World) {
    world.table::<Customer>().await;
    world.list::<Customer>(&email("a")).await;
    let first = world.number(OBSERVED).await;
    world.list::<Customer>(&email("a")).await;
    assert_eq!(world.number(OBSERVED).await, first);
    world.single::<Customer>(&email("a")).await;
    let raised = world.number(OBSERVED).await;
    assert!(raised > first);
    // A finish that is known is kept, and never lowers.
    let batch = Write::single(first);
    batch.rows::<Customer>(world, &email("a")).await;
    assert!(world.number(OBSERVED).await > raised);
}

pub(crate) async fn a_single_read_that_began_before_a_page_is_read_again(world: &World) {
    world.table::<Customer>().await;
    world.list::<Customer>(&email("a")).await;
    let single = world.next_token().await;
    // A page compares the row and leaves it alone. Stripe went from a to b and back; the single read saw b.
    world.list::<Customer>(&email("a")).await;
    // The row's own token would let it pass.
    assert!(world.number(OBSERVED).await <= single);
    let late = Write::single(single);
    assert_eq!(late.rows::<Customer>(world, &email("b")).await, [ReadAgain]);
    // The run goes on, and none of its pages keeps the next read from being written: the row speaks for itself now.
    let again = world.next_token().await;
    assert!(world.number(OBSERVED).await > single);
    let others = [customer("cus_2", "")];
    Write::list(again).rows::<Customer>(world, &others).await;
    let next = Write::single(again);
    assert_eq!(
        next.rows::<Customer>(world, &email("b")).await,
        [Done(Updated)]
    );
    // A page that compares it raises it.
    let observed = world.number(OF_FIRST).await;
    let page = Write::list(world.next_token().await);
    assert_eq!(
        page.rows::<Customer>(world, &email("b")).await,
        [Done(Unchanged)]
    );
    assert!(world.number(OF_FIRST).await > observed);
}

pub(crate) async fn a_lost_row_of_the_page_counts_as_compared_now(world: &World) {
    world.table::<Customer>().await;
    world.list::<Customer>(&email("a")).await;
    let single = world.next_token().await;
    // As after a crash of a PostgreSQL server, which empties unlogged tables.
    world.run("DELETE FROM stripe_sync_locks").await;
    let late = Write::single(single);
    assert_eq!(late.rows::<Customer>(world, &email("b")).await, [ReadAgain]);
    assert_eq!(world.single::<Customer>(&email("b")).await, [Done(Updated)]);
}

pub(crate) async fn tokens_only_grow(world: &World) {
    world.store.prepare().await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let store = world.store.clone();
        tasks.spawn(async move {
            let mut tokens = Vec::new();
            for _ in 0..25 {
                tokens.push(store.next_token().await.unwrap());
            }
            tokens
        });
    }
    let mut all = Vec::new();
    while let Some(tokens) = tasks.join_next().await {
        let tokens = tokens.unwrap();
        assert!(tokens.is_sorted());
        all.extend(tokens);
    }
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 100);
}

pub(crate) async fn an_unversioned_table_takes_everything(world: &World) {
    world.table::<PlainCustomer>().await;
    let old = world.next_token().await;
    assert_eq!(
        world.single::<PlainCustomer>(&email("a")).await,
        [Done(Inserted)]
    );
    let late = Write::list(old);
    assert_eq!(
        late.rows::<PlainCustomer>(world, &email("b")).await,
        [Done(Updated)]
    );
    let email = world.text("SELECT email FROM plain").await;
    assert_eq!(email.as_deref(), Some("b"));

    let ids = ["cus_1".to_owned(), "cus_2".to_owned()];
    let model = PlainCustomer::MODEL;
    let report = world
        .store
        .delete(model, &World::scope(), &ids, Removal::deleted(old))
        .await
        .unwrap();
    let outcomes: Vec<Deletion> = report
        .rows
        .into_iter()
        .map(|(_, outcome)| outcome)
        .collect();
    assert_eq!(outcomes, [Deletion::Deleted, Deletion::Unknown]);
    assert_eq!(world.number("SELECT COUNT(*) FROM plain").await, 0);
}
