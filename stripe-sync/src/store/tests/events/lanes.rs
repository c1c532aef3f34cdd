//! Lanes: who has much does not keep others waiting, and messages about one object are delivered in their order.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::store::db::{Scope, Store};
use crate::store::events::outbox::deliverable::Deliverable;
use crate::store::events::queue::debounce::Debounce;
use crate::store::events::{HandledResources, ObjectRef, Turn};
use crate::store::tests::world::World;

/// What one claim takes.
const WINDOW: usize = 8;
const LEASE: Duration = Duration::from_secs(60);

fn known() -> HandledResources {
    HandledResources {
        objects: vec!["customer".to_owned()],
    }
}

fn tellable() -> Deliverable {
    Deliverable {
        tables: Vec::new(),
        patterns: vec!["customer.*".to_owned()],
    }
}

async fn notice(world: &World, account: &str, objects: usize) {
    let scope = Scope {
        account: account.to_owned(),
        livemode: false,
    };
    let subjects: Vec<ObjectRef> = (0..objects)
        .map(|number| ObjectRef::new("customer", format!("cus_{number:04}")))
        .collect();
    world
        .store
        .enqueue_objects(&scope, &subjects)
        .await
        .unwrap();
}

/// The accounts of the objects that one claim takes.
async fn claim(world: &World, known: &HandledResources, turn: &mut Turn) -> Vec<String> {
    let claims = world
        .store
        .claim_work(false, (known, Debounce::Steady), WINDOW, LEASE, turn);
    let claims = claims.await.unwrap().into_iter();
    claims.map(|claim| claim.scope.account).collect()
}

/// One object of an account is claimed with the first window, whatever another account has.
pub(crate) async fn a_flood_of_one_account_is_passed(world: &World) {
    world.store.prepare().await.unwrap();
    notice(world, "acct_flood", 200).await;
    let mut turn = Turn::default();
    let first = claim(world, &known(), &mut turn).await;
    assert_eq!(first, ["acct_flood"; WINDOW]);
    for other in ["acct_a", "acct_z"] {
        notice(world, other, 1).await;
        let next = claim(world, &known(), &mut turn).await;
        assert_eq!(next.len(), WINDOW);
        assert!(next.iter().any(|account| account == other), "{next:?}");
    }
}

/// Where there are more accounts than fit into a window, each has its turn.
pub(crate) async fn many_accounts_have_their_turns(world: &World) {
    const ACCOUNTS: usize = 30;
    world.store.prepare().await.unwrap();
    notice(world, "acct_flood", 200).await;
    for account in 0..ACCOUNTS {
        notice(world, &format!("acct_{account}"), 3).await;
    }
    let mut turn = Turn::default();
    let mut claimed = BTreeMap::<String, usize>::new();
    for _ in 0..(ACCOUNTS + 1).div_ceil(WINDOW) {
        for account in claim(world, &known(), &mut turn).await {
            *claimed.entry(account).or_default() += 1;
        }
    }
    assert_eq!(claimed.len(), ACCOUNTS + 1, "{claimed:?}");
    assert!(claimed["acct_flood"] <= WINDOW, "{claimed:?}");
}

/// What nobody here knows is neither claimed nor in the way, and is not looked for again and again.
pub(crate) async fn a_resource_that_is_not_known_is_left(world: &World) {
    world.store.prepare().await.unwrap();
    notice(world, "acct_1", 50).await;
    let nobody = HandledResources {
        objects: vec!["invoice".to_owned()],
    };
    assert!(claim(world, &nobody, &mut Turn::default()).await.is_empty());
    let month = 31_i64 * 86_400_000;
    let due_in = world.store.work_due_in(false, &nobody).await.unwrap();
    assert!(due_in.is_some_and(|due| due > month / 2), "{due_in:?}");
    // A month later it belongs to a model that was given up.
    world
        .run(format!(
            "UPDATE stripe_sync_work SET since = since - {month}, due_at = due_at - {month}"
        ))
        .await;
    let adopted = claim(world, &nobody, &mut Turn::default()).await;
    assert_eq!(adopted.len(), WINDOW);
}

async fn write_messages(world: &World, about: &str, from: usize, to: usize) {
    for number in from..to {
        world
            .run(format!(
                "INSERT INTO stripe_sync_outbox (account, livemode, subject, object_id, body, about, about_id, due_at) \
                 VALUES ('acct_1', FALSE, 'customer.updated', '{about} {number:04}', '', 'customer', '{about}', 1)"
            ))
            .await;
    }
}

async fn left(world: &World) -> (i64, i64) {
    world.store.count_messages(false).await.unwrap()
}

/// Messages that wait for another one are no burden for those who look for something to deliver, and each is delivered.
pub(crate) async fn messages_of_one_object_are_delivered_in_their_order(world: &World) {
    const MESSAGES: usize = 60;
    world.store.prepare().await.unwrap();
    write_messages(world, "cus_hot", 0, MESSAGES).await;
    write_messages(world, "cus_other", 0, 1).await;
    let store = &world.store;
    let mut turn = Turn::default();
    let claim = async |turn: &mut Turn| {
        let tellable = tellable();
        let claimed = store.claim_messages(false, &tellable, WINDOW, LEASE, turn);
        claimed.await.unwrap()
    };
    let first = claim(&mut turn).await;
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].object_id, "cus_hot 0000");
    // It is not told yet: the other object's is found behind 59 that wait for it.
    let second = claim(&mut turn).await;
    assert_eq!(second.len(), 1);
    assert_eq!(second[0].object_id, "cus_other 0000");
    store.delivered(&second[0]).await.unwrap();
    assert!(claim(&mut turn).await.is_empty());
    // It fails for the last time, and holds nothing back any more.
    store
        .dead_letter_message(&first[0], "reason")
        .await
        .unwrap();
    for number in 1..MESSAGES {
        // One that is written meanwhile comes last.
        if number == 7 {
            write_messages(world, "cus_hot", MESSAGES, MESSAGES + 1).await;
        }
        let next = claim(&mut turn).await;
        assert_eq!(next.len(), 1, "{number}");
        assert_eq!(next[0].object_id, format!("cus_hot {number:04}"));
        if number == 9 {
            store.release_message(&next[0]).await.unwrap();
            let again = claim(&mut turn).await;
            assert_eq!(again[0].object_id, next[0].object_id);
            store.delivered(&again[0]).await.unwrap();
        } else {
            store.delivered(&next[0]).await.unwrap();
        }
    }
    let last = claim(&mut turn).await;
    assert_eq!(last[0].object_id, format!("cus_hot {MESSAGES:04}"));
    store.delivered(&last[0]).await.unwrap();
    assert_eq!(left(world).await, (0, 1));
    // The one that was given up comes before what is written now.
    write_messages(world, "cus_hot", 90, 92).await;
    assert_eq!(store.revive_messages(false).await.unwrap(), 1);
    for expected in ["cus_hot 0000", "cus_hot 0090", "cus_hot 0091"] {
        let next = claim(&mut turn).await;
        assert_eq!(next[0].object_id, expected);
        store.delivered(&next[0]).await.unwrap();
    }
    assert_eq!(left(world).await, (0, 0));
}

/// Many who deliver at once keep the order of each object, and leave nothing.
pub(crate) async fn many_deliver_in_order(world: &World) {
    const OBJECTS: usize = 3;
    const MESSAGES: usize = 40;
    world.store.prepare().await.unwrap();
    for number in 0..MESSAGES {
        for object in 0..OBJECTS {
            write_messages(world, &format!("cus_{object}"), number, number + 1).await;
        }
    }
    let mut deliverers = Vec::new();
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    for _ in 0..4 {
        let (store, told) = (world.store.clone(), told.clone());
        deliverers.push(tokio::spawn(
            async move { deliver_all(&store, &told).await },
        ));
    }
    drop(told);
    for deliverer in deliverers {
        deliverer.await.unwrap();
    }
    let mut of_object = BTreeMap::<String, Vec<String>>::new();
    while let Some(id) = heard.recv().await {
        let (object, number) = id.split_once(' ').unwrap();
        of_object
            .entry(object.to_owned())
            .or_default()
            .push(number.to_owned());
    }
    assert_eq!(of_object.len(), OBJECTS);
    for (object, numbers) in of_object {
        assert_eq!(numbers.len(), MESSAGES, "{object}: {numbers:?}");
        assert!(numbers.is_sorted(), "{object}: {numbers:?}");
    }
    assert_eq!(left(world).await, (0, 0));
}

/// Delivers until nothing is left; says what, before the database knows.
async fn deliver_all(store: &Store, told: &tokio::sync::mpsc::UnboundedSender<String>) {
    let (mut turn, tellable) = (Turn::default(), tellable());
    loop {
        let claimed = store.claim_messages(false, &tellable, 4, LEASE, &mut turn);
        for message in claimed.await.unwrap() {
            told.send(message.object_id.clone()).unwrap();
            store.delivered(&message).await.unwrap();
        }
        let (waiting, _) = store.count_messages(false).await.unwrap();
        if waiting == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(fastrand::u64(0..3))).await;
    }
}
