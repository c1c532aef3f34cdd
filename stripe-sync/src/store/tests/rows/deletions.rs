use std::time::Duration;

use crate::model::StripeSync;
use crate::model::hooks::Outcome::{Inserted, Unchanged, Updated};
use crate::store::rows::delete::{Deletion, Removal};
use crate::store::rows::outcome::Written::{Done, ReadAgain};
use crate::store::tests::models::{Customer, HardCustomer, customer};
use crate::store::tests::world::{World, Write};

/// Long enough for another task to reach the lock that it has to wait for.
const A_MOMENT: Duration = Duration::from_millis(300);

async fn delete<M: StripeSync>(world: &World, start: i64, id: &str) -> Deletion {
    let report = world
        .store
        .delete(
            M::MODEL,
            &World::scope(),
            &[id.to_owned()],
            Removal::deleted(start),
        )
        .await
        .unwrap();
    report.rows[0].1
}

async fn count(world: &World, condition: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM customers WHERE {condition}");
    world.number(sql).await
}

pub(crate) async fn a_soft_deletion_marks_and_a_newer_read_takes_it_back(world: &World) {
    world.table::<Customer>().await;
    let object = [customer("cus_1", r#""email":"a""#)];
    world.list::<Customer>(&object).await;
    let old = world.next_token().await;
    let now = world.next_token().await;
    assert_eq!(
        delete::<Customer>(world, now, "cus_1").await,
        Deletion::Deleted
    );
    assert_eq!(count(world, "stripe_deleted_at IS NOT NULL").await, 1);
    assert_eq!(
        delete::<Customer>(world, now, "cus_1").await,
        Deletion::AlreadyDeleted
    );

    // An older read of the living object does not bring it back, though its content is that of the row.
    let late = Write::list(old);
    assert_eq!(late.rows::<Customer>(world, &object).await, [ReadAgain]);
    assert_eq!(count(world, "stripe_deleted_at IS NOT NULL").await, 1);
    // A newer one does.
    assert_eq!(world.list::<Customer>(&object).await, [Done(Updated)]);
    assert_eq!(count(world, "stripe_deleted_at IS NULL").await, 1);
    assert_eq!(world.list::<Customer>(&object).await, [Done(Unchanged)]);
}

pub(crate) async fn a_hard_deletion_leaves_a_tombstone(world: &World) {
    world.table::<HardCustomer>().await;
    let object = [customer("cus_1", r#""email":"a""#)];
    world.list::<HardCustomer>(&object).await;
    let old = world.next_token().await;
    let now = world.next_token().await;
    assert_eq!(
        delete::<HardCustomer>(world, now, "cus_1").await,
        Deletion::Deleted
    );
    assert_eq!(count(world, "1 = 1").await, 0);
    for late in [Write::list(old), Write::single(old)] {
        assert_eq!(late.rows::<HardCustomer>(world, &object).await, [ReadAgain]);
    }
    assert_eq!(count(world, "1 = 1").await, 0);
    // The id is used again.
    assert_eq!(
        world.single::<HardCustomer>(&object).await,
        [Done(Inserted)]
    );
    let tombstones = "SELECT COUNT(*) FROM stripe_sync_objects WHERE deleted_token IS NOT NULL";
    assert_eq!(world.number(tombstones).await, 0);
}

pub(crate) async fn an_object_that_was_never_seen_can_be_deleted(world: &World) {
    world.table::<Customer>().await;
    let old = world.next_token().await;
    let now = world.next_token().await;
    assert_eq!(
        delete::<Customer>(world, now, "cus_1").await,
        Deletion::Unknown
    );
    let objects = [customer("cus_1", ""), customer("cus_2", "")];
    let late = Write::list(old);
    assert_eq!(
        late.rows::<Customer>(world, &objects).await,
        [ReadAgain, Done(Inserted)]
    );
}

pub(crate) async fn an_insert_behind_a_delete_sees_its_tombstone(world: &World) {
    world.table::<HardCustomer>().await;
    let old = world.next_token().await;
    // The insert of two rows stops in its middle, behind somebody else's second row.
    let mut other = world.begin().await;
    let second = "INSERT INTO customers (id) VALUES ('cus_2')";
    other.conn().run(second).await.unwrap();
    let objects = [customer("cus_1", ""), customer("cus_2", "")];
    let write = Write::single(old);
    let wait = async {
        tokio::time::sleep(A_MOMENT).await;
        let now = match world.kind().dialect().locks_by_asking {
            // Nobody else can take a token while the file is locked.
            true => old + 1,
            false => world.next_token().await,
        };
        tokio::join!(delete::<HardCustomer>(world, now, "cus_1"), async {
            tokio::time::sleep(A_MOMENT).await;
            other.rollback().await.unwrap();
        })
        .0
    };
    let (written, deleted) = tokio::join!(write.rows::<HardCustomer>(world, &objects), wait);
    // Either the deletion saw the row, or the insert saw the tombstone, or the deletion is repeated.
    if deleted == Deletion::ReadAgain {
        let now = world.next_token().await;
        delete::<HardCustomer>(world, now, "cus_1").await;
    }
    assert_eq!(
        count(world, "id = 'cus_1'").await,
        0,
        "{written:?}, {deleted:?}"
    );
    assert_eq!(count(world, "id = 'cus_2'").await, 1);
}

pub(crate) async fn a_deletion_that_is_too_old_is_read_again(world: &World) {
    world.table::<Customer>().await;
    let old = world.next_token().await;
    world
        .list::<Customer>(&[customer("cus_1", r#""email":"a""#)])
        .await;
    assert_eq!(
        delete::<Customer>(world, old, "cus_1").await,
        Deletion::ReadAgain
    );
    assert_eq!(count(world, "stripe_deleted_at IS NULL").await, 1);
}
