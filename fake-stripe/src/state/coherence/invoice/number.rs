//! The numbers of invoices: the customer's prefix, and how many invoices of the customer were finalized before.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::data::partition::Scope;
use crate::error::FakeError;
use crate::state::State;
use crate::state::coherence::customer::PREFIX;
use crate::state::coherence::world::World;
use crate::state::coherence::{Draft, id_in, integer};

/// The number of an invoice that is finalized; the customer's next invoice has the next one.
pub(super) fn next(world: &mut World<'_>, draft: &Draft<'_>) -> Result<String, FakeError> {
    let customer = world.neighbour_of(draft, "customer", "customer");
    let prefix = customer
        .as_ref()
        .and_then(|customer| customer.get("invoice_prefix")?.as_str());
    let (Some(customer), Some(prefix)) = (&customer, prefix) else {
        return Ok(numbered(&world.characters(PREFIX).to_uppercase(), 1));
    };
    let sequence = integer(customer, "next_invoice_sequence").max(1);
    let id = id_in(customer, "id").unwrap_or_default();
    world.amend(id, &json!({ "next_invoice_sequence": sequence + 1 }))?;
    if world.past && world.silent {
        world.state.renumbered.insert(id.to_owned());
    }
    Ok(numbered(prefix, sequence))
}

fn numbered(prefix: &str, sequence: i64) -> String {
    format!("{prefix}-{sequence:04}")
}

impl State {
    /// Numbers the invoices of customers by the times of their finalization: those of the past were made in no order.
    pub(crate) fn renumber(&mut self, scope: &Scope) -> Result<(), FakeError> {
        let customers: BTreeSet<String> = std::mem::take(&mut self.renumbered);
        for customer in customers {
            let world = self.world(scope, (true, true));
            let Some(prefix) = world.value("customer", &customer).and_then(|customer| {
                let prefix = customer.get("invoice_prefix")?.as_str()?;
                Some(format!("{prefix}-"))
            }) else {
                continue;
            };
            let invoices = world.all_with("invoice", "customer", &customer);
            // Those that the test numbered keep their numbers.
            let number = |invoice: &Value| -> Option<(i64, String)> {
                let number = invoice.get("number")?.as_str()?;
                let sequence = number.strip_prefix(&prefix)?.parse().ok()?;
                Some((sequence, number.to_owned()))
            };
            let finalized = |invoice: &Value| {
                let times = invoice.get("status_transitions");
                times.map_or(0, |times| integer(times, "finalized_at"))
            };
            let mut numbers: Vec<(i64, String)> = invoices.iter().filter_map(number).collect();
            numbers.sort();
            let mut ordered: Vec<Value> = invoices
                .into_iter()
                .filter(|invoice| number(invoice).is_some())
                .collect();
            ordered.sort_by_key(finalized);
            for (mut invoice, (_, number)) in ordered.into_iter().zip(numbers) {
                let id = id_in(&invoice, "id").unwrap_or_default().to_owned();
                let old = invoice.get("number").cloned().unwrap_or_default();
                if old == json!(number) {
                    continue;
                }
                if let Some(members) = invoice.as_object_mut() {
                    members.insert("number".to_owned(), number.as_str().into());
                }
                self.replace(scope, "invoice", &id, &invoice)?;
                self.renumber_notes(scope, (&id, &number), &old)?;
            }
        }
        Ok(())
    }

    /// The numbers of credit notes begin with those of their invoices.
    fn renumber_notes(
        &mut self,
        scope: &Scope,
        (invoice, number): (&str, &str),
        old: &Value,
    ) -> Result<(), FakeError> {
        let old = old.as_str().unwrap_or_default();
        let world = self.world(scope, (true, true));
        for mut note in world.all_with("credit_note", "invoice", invoice) {
            let id = id_in(&note, "id").unwrap_or_default().to_owned();
            let tail = note
                .get("number")
                .and_then(Value::as_str)
                .and_then(|note| note.strip_prefix(old))
                .map(str::to_owned);
            if let (Some(tail), Some(members)) = (tail, note.as_object_mut()) {
                members.insert("number".to_owned(), format!("{number}{tail}").into());
                self.replace(scope, "credit_note", &id, &note)?;
            }
        }
        Ok(())
    }
}
