//! Runs may be spawned and awaited in handlers: their futures are `Send`. Fails by not compiling.

use stripe_sync::{StripeObject, StripeSync, SyncAllOptions, Syncer};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    #[allow(dead_code, reason = "nothing is run")]
    id: String,
}

fn send<T: Send>(_: T) {}

fn every_run(syncer: &Syncer, object: StripeObject) {
    send(syncer.sync_all::<Customer>());
    send(syncer.sync_all_with::<Customer>(SyncAllOptions::default()));
    send(syncer.sync_by_ids::<Customer>(["cus_1"]));
    send(syncer.sync::<Customer>(object));
    send(syncer.start_read());
    send(syncer.ensure_table::<Customer>());
    send(syncer.check_table::<Customer>());
    send(syncer.failed_rows::<Customer>());
}

#[test]
fn the_futures_of_runs_are_send() {
    let _ = every_run;
}
