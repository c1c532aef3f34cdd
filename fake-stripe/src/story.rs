//! Stories: what happens in an account, one step after the other, with the events of each.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde_json::{Value, json};

use crate::data::partition::Scope;
use crate::error::FakeError;
use crate::state::State;
use crate::state::account::FakeAccount;
use crate::state::create::CreateOptions;

/// What happens in an account, from the customer on. Each begins with a new customer, who has a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Story {
    /// Pays once: a payment intent that succeeds, and its charge.
    Payment,
    /// Pays once, and half of it is refunded.
    Refund,
    /// Pays once, and the bank asks it back.
    Dispute,
    /// Subscribes to a monthly price, and pays the first invoice.
    Subscription,
    /// Subscribes, wants to stop at the end of the month, and is canceled at once.
    Cancellation,
    /// Gets an invoice of two lines, which is finalized and then paid.
    Invoice,
    /// Buys in a checkout session.
    Checkout,
    /// Pays once, and the money goes to the account's bank.
    Payout,
}

impl Story {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Payment,
        Self::Refund,
        Self::Dispute,
        Self::Subscription,
        Self::Cancellation,
        Self::Invoice,
        Self::Checkout,
        Self::Payout,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::Subscription => "subscription",
            Self::Cancellation => "cancellation",
            Self::Invoice => "invoice",
            Self::Checkout => "checkout",
            Self::Payout => "payout",
        }
    }
}

/// The word in lower case: `payment`.
impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Story {
    type Err = FakeError;

    fn from_str(name: &str) -> Result<Self, FakeError> {
        let mut all = Self::ALL.into_iter();
        all.find(|story| story.name() == name)
            .ok_or_else(|| FakeError::UnknownStory {
                name: name.to_owned(),
                known: Self::ALL.map(Self::name).join("`, `"),
            })
    }
}

/// What a story made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    made: BTreeMap<&'static str, Vec<String>>,
}

impl Told {
    /// The ids of the objects of this name that the story made, in the order in which it made them.
    pub fn ids(&self, object: &str) -> &[String] {
        self.made.get(object).map_or(&[], Vec::as_slice)
    }

    /// The id of the first object of this name.
    ///
    /// # Errors
    /// The story made no such object.
    pub fn id(&self, object: &str) -> Result<&str, FakeError> {
        let first = self.ids(object).first();
        first
            .map(String::as_str)
            .ok_or_else(|| FakeError::NotInStory {
                object: object.to_owned(),
            })
    }

    /// The names of the objects that the story made.
    pub fn objects(&self) -> impl Iterator<Item = &'static str> {
        self.made.keys().copied()
    }
}

impl FakeAccount {
    /// Lets a story happen now, with all the events that Stripe would record.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), fake_stripe::FakeError> {
    /// use fake_stripe::{FakeStripe, Story};
    ///
    /// let fake = FakeStripe::builder().start().await?;
    /// let told = fake.tell(Story::Refund)?;
    /// let charge = fake.get(told.id("charge")?).unwrap_or_default();
    /// assert_eq!(charge["amount_refunded"], 1_000);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Only if the account is not part of the fake any more.
    pub fn tell(&self, story: Story) -> Result<Told, FakeError> {
        let mut state = self.shared.lock();
        state.made = Some(Vec::new());
        let teller = Teller {
            state: &mut state,
            scope: &self.scope,
        };
        let told = teller.tell(story);
        let made = state.made.take().unwrap_or_default();
        told?;
        let mut told = Told::default();
        for (object, id) in made {
            told.made.entry(object).or_default().push(id);
        }
        Ok(told)
    }
}

/// Tells a story in an account.
struct Teller<'a> {
    state: &'a mut State,
    scope: &'a Scope,
}

/// What is charged in the stories, in the minor unit of the dollar.
const AMOUNT: i64 = 2_000;

impl Teller<'_> {
    fn tell(mut self, story: Story) -> Result<(), FakeError> {
        match story {
            Story::Payment => self.payment().map(drop),
            Story::Refund => {
                let intent = self.payment()?;
                let refund = json!({ "payment_intent": intent, "amount": AMOUNT / 2 });
                self.create("refund", refund).map(drop)
            }
            Story::Dispute => {
                let intent = self.payment()?;
                let dispute = json!({ "payment_intent": intent, "status": "needs_response" });
                self.create("dispute", dispute).map(drop)
            }
            Story::Subscription => self.subscription().map(drop),
            Story::Cancellation => {
                let subscription = self.subscription()?;
                self.update(&subscription, json!({ "cancel_at_period_end": true }))?;
                self.state.cancel(self.scope, &subscription).map(drop)
            }
            Story::Invoice => self.invoice(),
            Story::Checkout => self.checkout(),
            Story::Payout => {
                self.payment()?;
                let given = json!({ "amount": AMOUNT, "currency": "usd", "status": "in_transit" });
                self.create("payout", given).map(drop)
            }
        }
    }

    fn create(&mut self, object: &str, given: Value) -> Result<String, FakeError> {
        let options = CreateOptions {
            odd: Some(Default::default()),
            ..CreateOptions::default()
        };
        let made = self.state.create(self.scope, object, given, options)?;
        let id = made.get("id").and_then(Value::as_str);
        Ok(id.unwrap_or_default().to_owned())
    }

    fn update(&mut self, id: &str, changes: Value) -> Result<(), FakeError> {
        self.state.amend(self.scope, id, &changes, false).map(drop)
    }

    /// A customer with a card, which is the default.
    fn customer(&mut self) -> Result<(String, String), FakeError> {
        let customer = self.create("customer", json!({ "currency": "usd" }))?;
        let card = json!({ "customer": customer, "type": "card" });
        let card = self.create("payment_method", card)?;
        let default = json!({ "invoice_settings": { "default_payment_method": card } });
        self.update(&customer, default)?;
        Ok((customer, card))
    }

    fn payment(&mut self) -> Result<String, FakeError> {
        let (customer, card) = self.customer()?;
        let intent = self.create(
            "payment_intent",
            json!({
                "customer": customer, "amount": AMOUNT, "currency": "usd", "status": "requires_payment_method",
                "latest_charge": null,
            }),
        )?;
        self.update(
            &intent,
            json!({ "payment_method": card, "status": "succeeded" }),
        )?;
        Ok(intent)
    }

    fn price(&mut self, kind: &str) -> Result<String, FakeError> {
        let product = self.create("product", json!({ "active": true }))?;
        let price = json!({
            "product": product, "type": kind, "unit_amount": AMOUNT, "currency": "usd", "active": true,
            "recurring": if kind == "recurring" { json!({ "interval": "month", "interval_count": 1 }) } else { Value::Null },
        });
        self.create("price", price)
    }

    fn subscription(&mut self) -> Result<String, FakeError> {
        let (customer, _) = self.customer()?;
        let price = self.price("recurring")?;
        self.create(
            "subscription",
            json!({
                "customer": customer, "status": "active", "collection_method": "charge_automatically",
                "items": [{ "price": price, "quantity": 1 }],
            }),
        )
    }

    fn invoice(&mut self) -> Result<(), FakeError> {
        let (customer, _) = self.customer()?;
        let invoice = self.create(
            "invoice",
            json!({
                "customer": customer, "currency": "usd", "status": "draft", "parent": null,
                "collection_method": "charge_automatically",
                "lines": [{ "amount": AMOUNT, "taxes": [] }, { "amount": AMOUNT / 2, "taxes": [] }],
            }),
        )?;
        self.update(&invoice, json!({ "status": "open" }))?;
        self.update(&invoice, json!({ "status": "paid" }))
    }

    fn checkout(&mut self) -> Result<(), FakeError> {
        let (customer, _) = self.customer()?;
        let price = self.price("one_time")?;
        let price = self.state.current(self.scope, "price", &price)?;
        let item = json!({
            "price": price, "quantity": 1, "currency": "usd", "amount_subtotal": AMOUNT, "amount_total": AMOUNT,
            "amount_discount": 0, "amount_tax": 0,
        });
        let session = self.create(
            "checkout.session",
            json!({ "customer": customer, "mode": "payment", "status": "open", "currency": "usd", "line_items": [item] }),
        )?;
        self.update(&session, json!({ "status": "complete" }))
    }
}
