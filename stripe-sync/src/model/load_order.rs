//! The order in which tables are filled: each behind those that its rows refer to.

use stripe_sync_schema::catalogue;

use crate::model::Model;
use crate::model::registry::Registry;

impl Registry {
    /// Returns the models, each behind those that its columns refer to by `#[stripe(references = ...)]`. Where models refer to
    /// each other in a circle, the first by its struct's name begins it. Models that do not refer to each other are in the
    /// order in which Stripe's resources do.
    #[must_use]
    pub fn in_load_order(&self) -> Vec<&'static Model> {
        let models: Vec<&'static Model> = self.models().collect();
        let order = load_order(&models, &references(&models));
        order.iter().map(|step| models[step.model]).collect()
    }
}

/// For each model, the places of those that it refers to.
pub(crate) fn references(models: &[&'static Model]) -> Vec<Vec<usize>> {
    let places = |model: &'static Model| {
        let others = models.iter().enumerate();
        let others = others.filter(|(_, other)| model.references().any(|(_, one)| one.is(other)));
        others.map(|(place, _)| place).collect()
    };
    models.iter().map(|model| places(model)).collect()
}

/// One model's place in the order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) model: usize,
    /// The models before it that it refers to.
    pub(crate) behind: Vec<usize>,
}

/// Puts models in an order in which each stands behind those that it refers to. Of a circle, the first by name comes before
/// what it refers to.
pub(crate) fn load_order(models: &[&'static Model], references: &[Vec<usize>]) -> Vec<Step> {
    let mut left: Vec<usize> = (0..models.len()).collect();
    left.sort_by_key(|model| catalogue::load_order(models[*model].object()));
    let mut steps: Vec<Step> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits_for = |model: usize| {
            let others = references[model].iter().copied();
            others.filter(move |other| *other != model)
        };
        let is_free = |model: &usize| waits_for(*model).all(|other| !left.contains(&other));
        let free = left.iter().copied().find(|model| is_free(model));
        let next = free.or_else(|| {
            let in_circle = |model: &usize| {
                let reached = reached(*model, &left, references);
                reached
                    .iter()
                    .all(|other| self::reached(*other, &left, references).contains(model))
            };
            let circle = left.iter().copied().filter(in_circle);
            circle.min_by_key(|model| (models[*model].name(), models[*model].table()))
        });
        let Some(next) = next else { break };
        left.retain(|model| *model != next);
        let placed = |other: &usize| steps.iter().any(|step| step.model == *other);
        let behind = references[next].iter().copied().filter(placed);
        let behind = behind.collect();
        steps.push(Step {
            model: next,
            behind,
        });
    }
    steps
}

/// The models among those that are left to which references lead from one.
fn reached(from: usize, left: &[usize], references: &[Vec<usize>]) -> Vec<usize> {
    let mut found = vec![from];
    let mut at = 0;
    while at < found.len() {
        let next: Vec<usize> = references[found[at]]
            .iter()
            .copied()
            .filter(|other| left.contains(other) && !found.contains(other))
            .collect();
        found.extend(next);
        at += 1;
    }
    found
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::{load_order, references};
    use crate::StripeSync;
    use crate::model::Model;

    macro_rules! model {
        ($name:ident $object:literal $($other:ident $path:ident)*) => {
            #[derive(StripeSync)]
            #[stripe(object = $object, table = "rows", crate = crate)]
            struct $name {
                id: String,
                $(#[stripe(path = $path, with = none, references = $other)] $path: Option<String>,)*
            }
        };
    }
    model!(Customer "customer");
    model!(Invoice "invoice" Customer customer Charge number);
    model!(Charge "charge" Intent payment_intent Customer customer);
    model!(Intent "payment_intent" Charge latest_charge);
    model!(Alone "product");

    fn none(_: &crate::Slot<'_>) -> Result<Option<String>, crate::ValueError> {
        Ok(None)
    }

    fn names(models: &[&'static Model]) -> Vec<(&'static str, Vec<&'static str>)> {
        let steps = load_order(models, &references(models)).into_iter();
        let name = |place: usize| models[place].name();
        let step = |step: super::Step| {
            let mut behind: Vec<_> = step.behind.into_iter().map(name).collect();
            behind.sort_unstable();
            (name(step.model), behind)
        };
        steps.map(step).collect()
    }

    #[test]
    fn a_model_is_behind_those_it_refers_to_and_a_circle_begins_by_name() {
        let models = [
            Invoice::MODEL,
            Intent::MODEL,
            Charge::MODEL,
            Customer::MODEL,
            Alone::MODEL,
        ];
        let mut order = names(&models);
        let backwards: Vec<_> = models.iter().rev().copied().collect();
        assert_eq!(order, names(&backwards));
        order.retain(|(name, _)| *name != "Alone");
        assert_eq!(
            order,
            [
                ("Customer", vec![]),
                ("Charge", vec!["Customer"]),
                ("Intent", vec!["Charge"]),
                ("Invoice", vec!["Charge", "Customer"]),
            ]
        );
    }
}
