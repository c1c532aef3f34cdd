//! The customer of the example: each hook changes what it says.

use hooks::customers::{Customer, Tenants};
use hooks::mail::Mail;
use serde_json::{Value, json};
use stripe_sync::{Context, Origin, State, StripeObject, StripeSync, Syncer, reexport::sqlx};
use tokio::sync::mpsc::{self, Receiver};

use crate::stage::Stage;

type Columns = (String, Option<String>, Option<String>, Option<String>);

/// A stage with the example's table and state.
async fn customers() -> (Stage, Syncer, Receiver<Mail>) {
    let stage = Stage::new().await;
    let (queue, mails) = mpsc::channel::<Mail>(10);
    let syncer = Syncer::builder(stage.stripe.clone(), stage.pool.clone())
        .state(Tenants::from([("acme.example", "acme")]))
        .state(queue)
        .build();
    syncer.ensure_table::<Customer>().await.unwrap();
    (stage, syncer, mails)
}

/// What the hooks make of a customer.
async fn row_of(customer: Value) -> Columns {
    let (stage, syncer, _mails) = customers().await;
    stage.fake.create("customer", customer).unwrap();
    let report = syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!((report.inserted, report.failed), (1, 0), "{report}");
    sqlx::query_as("SELECT id, email, name, tenant FROM customers")
        .fetch_one(&stage.pool)
        .await
        .unwrap()
}

fn columns(id: &str, email: &str, name: &str, tenant: &str) -> Columns {
    let [email, name, tenant] = [email, name, tenant].map(|text| Some(text.to_owned()));
    (id.to_owned(), email, name, tenant)
}

#[tokio::test]
async fn each_step_of_the_mapping_sees_the_one_before() {
    // `set_default` finds the tenant only of the e-mail that `pre_set_default` normalized, and `post_set_default` makes the
    // name from the mapped e-mail.
    let customer =
        json!({ "id": "cus_1", "email": " Ada@ACME.example", "name": null, "metadata": {} });
    assert_eq!(
        row_of(customer).await,
        columns("cus_1", "ada@acme.example", "ada", "acme")
    );
}

#[tokio::test]
async fn what_stripe_has_is_kept() {
    let customer = json!({
        "id": "cus_1", "email": "ada@acme.example", "name": "Ada", "metadata": { "tenant": "own" },
    });
    assert_eq!(
        row_of(customer).await,
        columns("cus_1", "ada@acme.example", "Ada", "own")
    );
}

#[tokio::test]
async fn a_customer_of_whom_little_is_known_is_a_row_too() {
    let customer = json!({ "id": "cus_1", "email": null, "name": null, "metadata": {} });
    assert_eq!(
        row_of(customer).await,
        ("cus_1".to_owned(), None, None, None)
    );
}

/// A second run gives the same values from the hooks, so the row is not written again.
#[tokio::test]
async fn hooks_do_not_make_rows_look_changed() {
    let (stage, syncer, _mails) = customers().await;
    let customer = json!({ "email": "Ada@ACME.example", "name": null, "metadata": {} });
    stage.fake.create("customer", customer).unwrap();
    syncer.sync_all::<Customer>().await.unwrap();
    let report = syncer.sync_all::<Customer>().await.unwrap();
    assert_eq!((report.unchanged, report.written()), (1, 0));
}

#[tokio::test]
async fn after_commit_tells_new_from_changed_and_a_first_sync_from_both() {
    let (stage, syncer, mut mails) = customers().await;
    let customer =
        |id: &str| json!({ "id": id, "email": format!("{id}@acme.example"), "name": "A" });
    stage.fake.create("customer", customer("cus_old")).unwrap();
    syncer.sync_all::<Customer>().await.unwrap();
    assert!(mails.try_recv().is_err(), "a first sync sends nothing");

    stage.fake.create("customer", customer("cus_new")).unwrap();
    syncer.sync_by_ids::<Customer>(["cus_new"]).await.unwrap();
    let to = "cus_new@acme.example".to_owned();
    assert_eq!(mails.try_recv(), Ok(Mail::Welcome { to: to.clone() }));

    // By a list too: the change is one, however it was found.
    let changes = json!({ "email": "New@acme.example" });
    stage.fake.update("cus_new", changes).unwrap();
    syncer.sync_all::<Customer>().await.unwrap();
    let changed = Mail::AddressChanged {
        from: Some(to),
        to: "new@acme.example".to_owned(),
    };
    assert_eq!(mails.try_recv(), Ok(changed));

    stage
        .fake
        .update("cus_new", json!({ "name": "B" }))
        .unwrap();
    syncer.sync_by_ids::<Customer>(["cus_new"]).await.unwrap();
    assert!(mails.try_recv().is_err(), "the address is the same");
}

/// Nobody takes mails any more: the row is committed, and the report says what was not done.
#[tokio::test]
async fn a_mail_that_cannot_be_queued_is_in_the_report() {
    let (stage, syncer, mails) = customers().await;
    drop(mails);
    let customer = json!({ "id": "cus_1", "email": "ada@acme.example" });
    stage.fake.create("customer", customer).unwrap();
    let report = syncer.sync_by_ids::<Customer>(["cus_1"]).await.unwrap();
    assert_eq!((report.inserted, report.failed), (1, 1), "{report}");
    assert_eq!(report.failures[0].id, "cus_1");
    assert!(
        report.failures[0].reason.starts_with("after_commit: "),
        "{report}"
    );
    assert_eq!(stage.texts("SELECT id FROM customers").await, ["cus_1"]);
}

/// The generated mapping alone, as `set_default` calls it, needs no run.
#[test]
fn the_generated_mapping_is_callable() {
    let object = r#"{"id":"cus_1","email":"A@acme.example","name":null,"metadata":{}}"#;
    let object = StripeObject::from_json(object).unwrap();
    let state = State::default().with(Tenants::from([("acme.example", "acme")]));
    let context = Context::new(Origin::Direct).with_state(state);
    let customer = Customer::from_stripe(&object, &context).unwrap();
    assert_eq!(
        customer.email.as_deref(),
        Some("A@acme.example"),
        "no hook is called"
    );
    assert_eq!((customer.name, customer.tenant), (None, None));
}
