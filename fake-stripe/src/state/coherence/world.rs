//! The account around an object: its neighbours, found or made.

use serde_json::{Value, json};

use crate::chaos::nasty::{NastyKind, Oddities};
use crate::data::collection::Record;
use crate::data::index::LINK;
use crate::data::inline_lists;
use crate::data::partition::{Scope, parse};
use crate::error::FakeError;
use crate::generate;
use crate::state::State;
use crate::state::coherence::{Draft, id_in, integer};
use crate::state::create::CreateOptions;

pub(crate) const DAY: i64 = 86_400;

/// Stripe's fee on a card payment in the United States: 2.9 % and 30 cents (stripe.com/pricing).
const FEE_PER_THOUSAND: i64 = 29;
const FEE_FIXED: i64 = 30;
/// How many objects are drawn before the oldest one is taken.
const DRAWS: usize = 6;

/// The account that an object belongs to, while a rule looks at it.
pub(crate) struct World<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) scope: &'a Scope,
    /// Part of the past: nothing announces what is made.
    pub(crate) silent: bool,
    /// The object is part of the past, and nobody described it.
    pub(crate) past: bool,
}

impl World<'_> {
    pub(crate) fn now(&self) -> i64 {
        self.state.now
    }

    pub(crate) fn rng(&mut self) -> &mut fastrand::Rng {
        &mut self.state.rng
    }

    /// When the account was created: no object is older.
    pub(crate) fn since(&self) -> i64 {
        let partition = self.state.partition(self.scope).ok();
        partition.map_or(self.state.now, |partition| partition.since)
    }

    /// A moment soon after another, which is not in the future unless the other is.
    pub(crate) fn moment(&mut self, after: i64) -> i64 {
        /// What a payment takes, about.
        const SECONDS: std::ops::RangeInclusive<i64> = 1..=30;
        let soon = after + self.state.rng.i64(SECONDS);
        soon.min(self.state.now).max(after)
    }

    /// Whether a draw falls into a share of so many per cent.
    pub(crate) fn per_cent(&mut self, share: u8) -> bool {
        self.state.rng.u8(..100) < share
    }

    /// One of these words, each as often as its weight says.
    pub(crate) fn weighted(&mut self, words: &[(&'static str, u32)]) -> &'static str {
        let total: u32 = words.iter().map(|(_, weight)| weight).sum();
        let mut draw = self.state.rng.u32(..total);
        for (word, weight) in words {
            if draw < *weight {
                return word;
            }
            draw -= weight;
        }
        words.last().map_or("", |(word, _)| word)
    }

    /// An amount that people charge, or a strange one if the object is strange.
    pub(crate) fn amount(&mut self, draft: &Draft<'_>) -> i64 {
        /// Stripe's amounts go up to 12 digits (docs.stripe.com/api/charges/object, `amount`).
        const LARGE: i64 = 999_999_999_999;
        if draft.odd.has(NastyKind::Amounts) {
            return *self.state.rng.choice(&[1, 50, LARGE]).unwrap_or(&LARGE);
        }
        generate::amount(&mut self.state.rng)
    }

    /// A new id in Stripe's form.
    pub(crate) fn new_id(&mut self, object: &str) -> String {
        generate::new_id(object, self.scope.mode, &mut self.state.rng)
    }

    /// Letters and digits.
    pub(crate) fn characters(&mut self, count: usize) -> String {
        generate::characters(count, &mut self.state.rng)
    }

    /// The alive object of this name and id.
    pub(crate) fn value(&self, object: &str, id: &str) -> Option<Value> {
        self.state.partition(self.scope).ok()?.value(object, id)
    }

    /// The alive object that a member refers to.
    pub(crate) fn neighbour(&self, of: &Value, member: &str, object: &str) -> Option<Value> {
        self.value(object, id_in(of, member)?)
    }

    /// The alive object that a member of a draft refers to.
    pub(crate) fn neighbour_of(
        &self,
        draft: &Draft<'_>,
        member: &str,
        object: &str,
    ) -> Option<Value> {
        self.value(object, &draft.id_in(member)?)
    }

    /// Whether an account has an object of this name.
    pub(crate) fn has_any(&self, object: &str) -> bool {
        let partition = self.state.partition(self.scope).ok();
        partition
            .and_then(|partition| partition.collection(object))
            .is_some_and(|collection| collection.len() > 0)
    }

    /// Some object of this name that `fits` and was created by a moment, drawn at random.
    pub(crate) fn some(
        &mut self,
        object: &str,
        by: i64,
        fits: impl Fn(&Value) -> bool,
    ) -> Option<Value> {
        self.some_in(DRAWS, object, by, fits)
    }

    /// The same, in so many draws: more for what few objects fit.
    pub(crate) fn some_in(
        &mut self,
        draws: usize,
        object: &str,
        by: i64,
        fits: impl Fn(&Value) -> bool,
    ) -> Option<Value> {
        let State {
            partitions, rng, ..
        } = &mut *self.state;
        let collection = partitions.get(self.scope)?.collection(object)?;
        let is_there = |value: &Value| integer(value, "created") <= by && fits(value);
        let drawn = (0..draws).find_map(|_| {
            let id = collection.sample(rng)?;
            let record = collection.get(id).filter(|record| record.listed)?;
            Some(parse(record)).filter(is_there)
        });
        drawn.or_else(|| {
            let oldest = collection.iter().filter(|record| record.listed);
            oldest.take(draws).map(parse).find(is_there)
        })
    }

    /// The objects whose member, one that the index has a key of, is this id.
    pub(crate) fn all_with(&self, object: &str, member: &str, value: &str) -> Vec<Value> {
        let records = self.found(object, member, value);
        records.map(parse).collect()
    }

    /// How many objects these are.
    pub(crate) fn count_with(&self, object: &str, member: &str, value: &str) -> usize {
        self.found(object, member, value).count()
    }

    fn found(&self, object: &str, member: &str, value: &str) -> impl Iterator<Item = &Record> {
        let partition = self.state.partition(self.scope).ok();
        let collection = partition.and_then(|partition| partition.collection(object));
        let positions = collection.map(|collection| {
            let key = |name: &str| collection.index.key(name);
            let found = key(&format!("{LINK}{member}"))
                .or_else(|| key(member))
                .and_then(|key| collection.positions(key, value));
            debug_assert!(found.is_some(), "{object} has no index of {member}");
            found.into_iter().flatten()
        });
        let positions = positions.into_iter().flatten();
        positions.filter_map(move |at| collection?.at(*at))
    }

    /// The rows of an object's nested list.
    pub(crate) fn children(&self, parent: &str, id: &str, kind: &'static str) -> Vec<Value> {
        let Ok(partition) = self.state.partition(self.scope) else {
            return Vec::new();
        };
        let rows = inline_lists::children(partition, parent, id, &[kind]);
        rows.into_iter()
            .map(|(_, _, record)| parse(record))
            .collect()
    }

    /// The id of the row of these kinds that came last to an object's nested list.
    pub(crate) fn newest_child(
        &self,
        parent: &str,
        id: &str,
        kinds: &[&'static str],
    ) -> Option<String> {
        let partition = self.state.partition(self.scope).ok()?;
        let rows = inline_lists::children(partition, parent, id, kinds);
        rows.first().map(|(_, _, record)| record.id.to_string())
    }

    /// Makes an object.
    pub(crate) fn make(
        &mut self,
        object: &str,
        created: i64,
        given: Value,
    ) -> Result<Value, FakeError> {
        let options = CreateOptions {
            created: Some(created),
            silent: self.silent,
            past: self.past,
            odd: Some(Oddities::default()),
            ..CreateOptions::default()
        };
        self.state.create(self.scope, object, given, options)
    }

    /// Makes an object that no list shows.
    pub(crate) fn make_unlisted(
        &mut self,
        object: &str,
        created: i64,
        given: Value,
    ) -> Result<Value, FakeError> {
        let options = CreateOptions {
            created: Some(created),
            silent: self.silent,
            past: self.past,
            odd: Some(Oddities::default()),
            unlisted: true,
            ..CreateOptions::default()
        };
        self.state.create(self.scope, object, given, options)
    }

    /// Changes a neighbour, with the events of that. One whose own change brought us here is left to that change.
    pub(crate) fn amend(&mut self, id: &str, changes: &Value) -> Result<(), FakeError> {
        if self.state.changing.iter().any(|changing| changing == id) {
            return Ok(());
        }
        self.state
            .amend(self.scope, id, changes, self.silent)
            .map(drop)
    }

    /// The customer that the test gave; else one that is there by then; else a new one. `None` if it gave null or one that is
    /// nowhere.
    pub(crate) fn customer(&mut self, draft: &mut Draft<'_>) -> Result<Option<Value>, FakeError> {
        self.customer_with(draft, None)
    }

    /// The same, of an object that has the customer of another one, if there is another.
    pub(crate) fn customer_with(
        &mut self,
        draft: &mut Draft<'_>,
        other: Option<&Value>,
    ) -> Result<Option<Value>, FakeError> {
        self.customer_billed_in(draft, other, None)
    }

    /// The same, of an object that is billed in a currency: the customer found is billed in it, or in none so far.
    pub(crate) fn customer_billed_in(
        &mut self,
        draft: &mut Draft<'_>,
        other: Option<&Value>,
        currency: Option<&str>,
    ) -> Result<Option<Value>, FakeError> {
        if let Some(other) = other {
            draft.set(
                "customer",
                id_in(other, "customer").map_or(Value::Null, Value::from),
            );
        }
        if other.is_some() || draft.is_given("customer") {
            return Ok(self.neighbour_of(draft, "customer", "customer"));
        }
        let fits = |customer: &Value| {
            let own = customer.get("currency").and_then(Value::as_str);
            own.is_none() || currency.is_none() || own == currency
        };
        let customer = match self.some("customer", draft.created, fits) {
            Some(customer) => customer,
            None => self.make("customer", draft.created, Value::Null)?,
        };
        let id = customer.get("id").cloned().unwrap_or_default();
        draft.set("customer", id);
        Ok(Some(customer))
    }

    /// A card of a customer, found or made.
    pub(crate) fn payment_method(
        &mut self,
        customer: Option<&str>,
        created: i64,
    ) -> Result<Value, FakeError> {
        self.payment_method_of("card", customer, created)
    }

    /// A payment method of this type.
    pub(crate) fn payment_method_of(
        &mut self,
        kind: &str,
        customer: Option<&str>,
        created: i64,
    ) -> Result<Value, FakeError> {
        let given = json!({ "customer": customer, "type": kind });
        let Some(customer) = customer else {
            return self.make_unlisted("payment_method", created, given);
        };
        let own = self.all_with("payment_method", "customer", customer);
        let mut own = own.into_iter();
        let fits = |method: &Value| method.get("type") == Some(&json!(kind));
        match own.find(|method| integer(method, "created") <= created && fits(method)) {
            Some(method) => Ok(method),
            None => self.make("payment_method", created, given),
        }
    }

    /// The movement on the account's balance that belongs to an object; its id.
    pub(crate) fn movement(
        &mut self,
        of: (&str, &str),
        amount: (i64, &str),
        created: i64,
    ) -> Result<Value, FakeError> {
        self.described_movement(of, amount, created, None)
    }

    /// The same, with what statements say about it.
    pub(crate) fn described_movement(
        &mut self,
        of: (&str, &str),
        (amount, currency): (i64, &str),
        created: i64,
        description: Option<&str>,
    ) -> Result<Value, FakeError> {
        let (kind, source) = of;
        let given = json!({
            "type": kind, "source": source, "amount": amount, "currency": currency, "description": description,
        });
        let movement = self.make("balance_transaction", created, given)?;
        Ok(movement.get("id").cloned().unwrap_or_default())
    }
}

/// What Stripe takes of a payment.
pub(crate) fn fee(amount: i64) -> i64 {
    (amount.saturating_mul(FEE_PER_THOUSAND) / 1_000 + FEE_FIXED).clamp(0, amount.max(0))
}
