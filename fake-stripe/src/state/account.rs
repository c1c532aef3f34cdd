//! A handle on the objects of one account in one mode.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use serde_json::Value;
use stripe_sync_schema::Mode;
use stripe_sync_schema::catalogue;

use crate::data::collection::{Collection, Record};
use crate::data::inline_lists;
use crate::data::partition::{Scope, parse};
use crate::error::FakeError;
use crate::state::Shared;
use crate::state::coherence::{Invoiced, integer};
use crate::state::create::CreateOptions;

/// The objects of one account in one mode: made, changed, deleted and looked at from a test.
///
/// Every change records the events that Stripe would record. A handle is cheap to clone. It keeps the fake's objects in memory,
/// but not its server.
#[derive(Clone)]
pub struct FakeAccount {
    pub(crate) shared: Arc<Shared>,
    pub(crate) scope: Scope,
    /// Whether what a test gives is checked.
    pub(crate) checked: bool,
}

impl fmt::Debug for FakeAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeAccount")
            .field("account", &self.scope.account)
            .field("mode", &self.scope.mode)
            .finish()
    }
}

impl FakeAccount {
    /// The account's id.
    pub fn id(&self) -> &str {
        &self.scope.account
    }

    /// The mode whose objects these are.
    pub fn mode(&self) -> Mode {
        self.scope.mode
    }

    /// The same objects, through a handle that does not check what `create` and `update` are given: names that the schema does not
    /// know, other forms and words, and ids of nothing are taken. For what Stripe may send one day, and for what it should not.
    #[must_use]
    pub fn unchecked(&self) -> Self {
        Self {
            checked: false,
            ..self.clone()
        }
    }

    /// Creates an object at the fake's current time: made up by seed, with the members of `overrides` (a JSON object, or null for
    /// none) merged in. Members that are objects are merged member by member.
    ///
    /// `created` in `overrides` dates the object back. Rows given for an embedded list (`items` of a subscription, as an array or
    /// as a list object) become objects of their own, and the object shows the first ten.
    ///
    /// # Errors
    /// An object name that Stripe does not have, overrides that are no object, an id that exists, or was deleted and is not
    /// one of a coupon, a plan or a product: these come again.
    pub fn create(&self, object: &str, overrides: Value) -> Result<Value, FakeError> {
        self.shared
            .lock()
            .create(&self.scope, object, overrides, self.options())
    }

    /// Creates an object that no list shows and that can only be retrieved, like an inline price.
    ///
    /// # Errors
    /// As [`FakeAccount::create`].
    pub fn create_unlisted(&self, object: &str, overrides: Value) -> Result<Value, FakeError> {
        self.shared.lock().create(
            &self.scope,
            object,
            overrides,
            CreateOptions {
                unlisted: true,
                ..self.options()
            },
        )
    }

    /// Creates an object in the nested list of the object with the id `parent`: a `line_item` of an invoice.
    ///
    /// # Errors
    /// As [`FakeAccount::create`], or there is no such parent.
    pub fn create_child(
        &self,
        parent: &str,
        object: &str,
        overrides: Value,
    ) -> Result<Value, FakeError> {
        let mut state = self.shared.lock();
        let (holder, _) = state.find(&self.scope, parent)?;
        state.create(
            &self.scope,
            object,
            overrides,
            CreateOptions {
                parent: Some((holder, parent)),
                ..self.options()
            },
        )
    }

    /// Creates many objects of the past without events, spread over the account's life up to now; some share their second.
    /// Returns their ids in no particular order.
    ///
    /// # Errors
    /// An object name that Stripe does not have.
    pub fn generate(&self, object: &str, count: usize) -> Result<Vec<String>, FakeError> {
        let (since, now) = {
            let state = self.shared.lock();
            let partition = state.partition(&self.scope)?;
            // What an object is of comes first in an account.
            let before = match object {
                "price" | "plan" => "product",
                _ => "customer",
            };
            let before = partition.collection(before).filter(|_| object != before);
            let first =
                before.and_then(|before| Some(integer(&parse(before.iter().next()?), "created")));
            (first.unwrap_or(partition.since), state.now)
        };
        self.generate_between(object, count, since..=now)
    }

    /// As [`FakeAccount::generate`], with `created` in a range of Unix seconds: `t..=t` puts all in one second.
    ///
    /// # Errors
    /// An object name that Stripe does not have.
    pub fn generate_between(
        &self,
        object: &str,
        count: usize,
        created: RangeInclusive<i64>,
    ) -> Result<Vec<String>, FakeError> {
        /// Share of objects that have the same second as the one before.
        const SAME_SECOND: f64 = 0.1;
        /// How often an object is drawn that Stripe would refuse, before that is an error. Most draws fit where half of all is strange.
        const ATTEMPTS: usize = 100;
        let mut state = self.shared.lock();
        let mut seconds = Vec::with_capacity(count);
        let mut second = *created.start();
        let mut invoiced = Invoiced::default();
        for _ in 0..count {
            if seconds.is_empty() || state.rng.f64() >= SAME_SECOND {
                second = if created.is_empty() {
                    second
                } else {
                    state.rng.i64(created.clone())
                };
            }
            let renewal = match object {
                "invoice" if state.is_coherent => {
                    state.renewal(&self.scope, &created, &mut invoiced)
                }
                _ => None,
            };
            seconds.push(renewal.unwrap_or((second, Value::Null)));
        }
        // Objects come in the order of their times, as in a real account.
        seconds.sort_by_key(|(second, _)| *second);
        let mut ids = Vec::with_capacity(count);
        for (second, given) in seconds {
            let options = CreateOptions {
                created: Some(second),
                silent: !state.has_past_events,
                past: true,
                ..CreateOptions::default()
            };
            state.told_at = state.has_past_events.then_some(second);
            let mut made = state.create(&self.scope, object, given.clone(), options.clone());
            for _ in 1..ATTEMPTS {
                if !matches!(made, Err(FakeError::Refused { .. })) {
                    break;
                }
                // What it was to be of is strange: another draw.
                made = state.create(&self.scope, object, given.clone(), options.clone());
            }
            state.told_at = None;
            let value = made?;
            ids.extend(value.get("id").and_then(Value::as_str).map(str::to_owned));
        }
        state.renumber(&self.scope)?;
        Ok(ids)
    }

    /// Copies an object in which a list has an element, as many times as there are `lengths`: copy after copy has so many copies of
    /// the list's newest element in the member `member`. They are spread over the time since the original, no event tells of
    /// them, and it takes far less time than to make them up. All else is the original's, sums included. Returns the copies'
    /// ids, oldest first.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), fake_stripe::FakeError> {
    /// # let fake = fake_stripe::FakeStripe::builder().start().await?;
    /// let original = fake.generate("subscription", 1)?.remove(0);
    /// // Nine of ten have one item, and each tenth has 250.
    /// let lengths = (0..1_000).map(|n| if n % 10 == 0 { 250 } else { 1 });
    /// fake.copies(&original, "items", lengths)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// No alive object has this id, or no such list with an element.
    pub fn copies(
        &self,
        id: &str,
        member: &str,
        lengths: impl IntoIterator<Item = usize>,
    ) -> Result<Vec<String>, FakeError> {
        let lengths: Vec<usize> = lengths.into_iter().collect();
        let mut state = self.shared.lock();
        state.copies(&self.scope, id, member, &lengths)
    }

    /// Merges `changes` into the object with this id and returns what it is then. Objects are merged member by member; everything
    /// else is replaced, null included. Rows given for an embedded list replace all of its rows. A change of nothing makes no event.
    ///
    /// # Errors
    /// No alive object has this id, or `changes` is no JSON object.
    pub fn update(&self, id: &str, changes: Value) -> Result<Value, FakeError> {
        self.shared
            .lock()
            .update(&self.scope, id, &changes, self.checked)
    }

    /// Deletes an object as a DELETE request does, and returns what it was last: subscriptions are canceled, payment methods detached,
    /// the subscriptions of a customer canceled.
    ///
    /// # Errors
    /// No alive object has this id, or Stripe cannot delete such objects.
    pub fn delete(&self, id: &str) -> Result<Value, FakeError> {
        self.shared.lock().delete(&self.scope, id)
    }

    /// Forgets an event, as Stripe does with each after 30 days.
    ///
    /// # Errors
    /// There is no such event.
    pub fn forget_event(&self, id: &str) -> Result<(), FakeError> {
        let mut state = self.shared.lock();
        let events = state.partition_mut(&self.scope)?.collection_mut("event")?;
        let removed = events.remove(id, false);
        removed.map(drop).ok_or_else(|| FakeError::NoSuchId {
            id: id.to_owned(),
            account: self.scope.account.clone(),
            mode: self.scope.mode,
        })
    }

    /// Cancels a subscription: it stays, with the status `canceled`, and its event is `customer.subscription.deleted`.
    ///
    /// # Errors
    /// No alive subscription has this id.
    pub fn cancel_subscription(&self, id: &str) -> Result<Value, FakeError> {
        self.shared.lock().cancel(&self.scope, id)
    }

    /// Detaches a payment method: its customer becomes null, and no list shows it any more.
    ///
    /// # Errors
    /// No alive payment method has this id.
    pub fn detach_payment_method(&self, id: &str) -> Result<Value, FakeError> {
        let mut state = self.shared.lock();
        match state.find(&self.scope, id)?.0 {
            "payment_method" => state.amend(
                &self.scope,
                id,
                &serde_json::json!({ "customer": null }),
                false,
            ),
            other => Err(FakeError::WrongObject {
                id: id.to_owned(),
                object: other.to_owned(),
                expected: "payment_method",
            }),
        }
    }

    /// Records an event of any type, known to Stripe or not, about any object, and returns the event.
    ///
    /// # Errors
    /// Only if the account is not part of the fake any more.
    pub fn record_event(&self, kind: &str, object: &Value) -> Result<Value, FakeError> {
        self.shared
            .lock()
            .record_event(&self.scope, kind, object, None)
    }

    /// The alive object with this id, as a retrieve returns it.
    pub fn get(&self, id: &str) -> Option<Value> {
        self.shared
            .lock()
            .find(&self.scope, id)
            .ok()
            .map(|(_, record)| parse(record))
    }

    /// All alive objects of a name, oldest first, also those that no list shows. Empty for unknown names.
    pub fn truth(&self, object: &str) -> Vec<Value> {
        self.records(object, parse)
    }

    /// The rows of an object's nested list, in the order of the list: the `line_item`s of an invoice, of which the invoice shows
    /// ten. Empty for an object that has no such list, or is not there.
    pub fn children(&self, parent: &str, object: &str) -> Vec<Value> {
        let state = self.shared.lock();
        let Ok(partition) = state.partition(&self.scope) else {
            return Vec::new();
        };
        let holder = partition.find(parent).map(|(holder, _)| holder);
        let kind = catalogue::resource(object).map(|resource| resource.object);
        let (Some(holder), Some(kind)) = (holder, kind) else {
            return Vec::new();
        };
        let rows = inline_lists::children(partition, holder, parent, &[kind]);
        rows.into_iter()
            .map(|(_, _, record)| parse(record))
            .collect()
    }

    /// The ids of [`FakeAccount::truth`].
    pub fn ids(&self, object: &str) -> Vec<String> {
        self.records(object, |record| record.id.to_string())
    }

    /// How many objects [`FakeAccount::truth`] has.
    pub fn count(&self, object: &str) -> usize {
        let state = self.shared.lock();
        state
            .partition(&self.scope)
            .ok()
            .and_then(|partition| partition.collection(object))
            .map_or(0, Collection::len)
    }

    /// All events that were ever recorded, oldest first, also those that `/v1/events` does not show yet or any more.
    pub fn events(&self) -> Vec<Value> {
        let mut events = self.truth("event");
        // The list order has no meaning inside a second; the order of recording is not kept either.
        events.sort_by_key(|event| event.get("created").and_then(Value::as_i64));
        events
    }

    fn options<'a>(&self) -> CreateOptions<'a> {
        CreateOptions {
            checked: self.checked,
            ..CreateOptions::default()
        }
    }

    fn records<T>(&self, object: &str, of: impl FnMut(&Record) -> T) -> Vec<T> {
        let state = self.shared.lock();
        let collection = state
            .partition(&self.scope)
            .ok()
            .and_then(|partition| partition.collection(object));
        collection
            .map(|collection| collection.iter().map(of).collect())
            .unwrap_or_default()
    }

    /// Whether Stripe has an object of this name.
    pub(crate) fn check_object(object: &str) -> Result<&'static str, FakeError> {
        catalogue::resource(object)
            .map(|resource| resource.object)
            .ok_or_else(|| FakeError::unknown_object(object))
    }
}
