//! The objects that the arguments ask for, and changes to them.

use fake_stripe::{FakeError, FakeStripe};
use serde_json::{Value, json};
use stripe_sync_schema::catalogue::{self, Resource};

/// So many objects of a name.
#[derive(Debug)]
pub(crate) struct Amount {
    pub(crate) resource: &'static Resource,
    pub(crate) count: usize,
}

impl Amount {
    /// Reads `customer=1000`.
    pub(crate) fn parse(argument: &str) -> Result<Self, String> {
        let Some((object, count)) = argument
            .split_once('=')
            .filter(|(name, _)| !name.is_empty())
        else {
            return Err(format!(
                "expected OBJECT=COUNT such as customer=100, got `{argument}`"
            ));
        };
        let Some(resource) = catalogue::resource(object) else {
            let nearest = catalogue::nearest(object);
            let hint = match nearest[..] {
                [] => String::new(),
                _ => format!("; did you mean `{}`?", nearest.join("`, `")),
            };
            return Err(format!("Stripe lists no object named `{object}`{hint}"));
        };
        match count.parse() {
            Ok(count) => Ok(Self { resource, count }),
            Err(_) => Err(format!(
                "expected a number of objects after `{object}=`, got `{count}`"
            )),
        }
    }
}

/// Changes of objects, drawn by seed.
#[derive(Debug)]
pub(crate) struct Changes {
    resources: Vec<&'static Resource>,
    rng: fastrand::Rng,
    so_far: u64,
}

impl Changes {
    /// Changes of those objects that have metadata, which is what changes. The error is that there are none.
    pub(crate) fn new(amounts: &[Amount], seed: u64) -> Result<Self, String> {
        let resources = amounts.iter().map(|amount| amount.resource);
        let resources: Vec<_> = resources.filter(|resource| resource.metadata).collect();
        if resources.is_empty() {
            return Err("--changes needs objects with metadata, such as customer=10".to_owned());
        }
        Ok(Self {
            resources,
            rng: fastrand::Rng::with_seed(seed),
            so_far: 0,
        })
    }

    /// Changes an object, or creates one.
    pub(crate) fn one(&mut self, fake: &FakeStripe) -> Result<(), FakeError> {
        self.so_far += 1;
        let Some(resource) = self.rng.choice(&self.resources) else {
            return Ok(());
        };
        let ids = fake.ids(resource.object);
        match self.rng.choice(ids) {
            Some(id) if !self.so_far.is_multiple_of(4) => {
                let number = self.so_far.to_string();
                match fake.update(&id, json!({ "metadata": { "change": number } })) {
                    // It was deleted meanwhile, by a request.
                    Err(FakeError::NoSuchId { .. }) => Ok(()),
                    updated => updated.map(drop),
                }
            }
            _ => fake.create(resource.object, Value::Null).map(drop),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_and_what_is_wrong_with_them() {
        let amount = Amount::parse("customer=1000").unwrap();
        assert_eq!((amount.resource.object, amount.count), ("customer", 1000));
        for (argument, words) in [
            ("custmer=10", "did you mean `customer`?"),
            ("customer", "expected OBJECT=COUNT"),
            ("=abc", "expected OBJECT=COUNT"),
            ("customer=abc", "after `customer=`, got `abc`"),
            ("customer=-1", "got `-1`"),
        ] {
            let error = Amount::parse(argument).unwrap_err();
            assert!(error.contains(words), "{argument}: {error}");
        }
    }
}
