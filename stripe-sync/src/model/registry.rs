//! Models, and where their tables are.

mod replace;

use crate::model::stand_ins::Replaced;
use crate::model::table_name::TableName;
use crate::model::{Model, StripeSync};

/// A list of models, each with the place of its table.
///
/// One struct can stand in several databases, schemas or under several names: a [`Syncer`](crate::sync::syncer::Syncer) is built with
/// one registry, and each has a place of its own.
///
/// ```
/// # #[cfg(feature = "sqlite")] {
/// use stripe_sync::{Registry, StripeSync, TableName};
///
/// #[derive(StripeSync)]
/// #[stripe(object = "customer", table = "customers")]
/// struct Customer {
///     id: String,
/// }
///
/// let registry = Registry::new().model::<Customer>();
/// assert_eq!(registry.tables()[0].to_string(), "customers");
/// let mirrored = registry.clone().in_schema("stripe");
/// assert_eq!(mirrored.tables()[0].to_string(), "stripe.customers");
/// let prefixed = registry.clone().prefixed("stripe_");
/// assert_eq!(prefixed.tables()[0].to_string(), "stripe_customers");
/// // As each database has it: a schema on PostgreSQL, and a prefix elsewhere.
/// let either = registry.in_namespace("stripe").on(stripe_sync::DatabaseKind::Sqlite);
/// assert_eq!(either.tables()[0].to_string(), "stripe_customers");
/// let elsewhere = Registry::new().model_at::<Customer>(TableName::new("people").in_schema("crm"));
/// assert_eq!(elsewhere.tables()[0].to_string(), "crm.people");
/// # }
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Registry {
    models: Vec<Entry>,
    /// The models that have another one in their place.
    replaced: Vec<Replaced>,
}

#[derive(Debug, Clone)]
struct Entry {
    model: &'static Model,
    table: TableName,
    /// Whether the place was said, and is not only the struct's own.
    placed: bool,
    /// Whether it is here as another one's child alone: its rows come with those of the parents.
    as_child: bool,
}

impl Entry {
    /// Of a model whose rows come with those of its parents.
    fn child(model: &'static Model) -> Self {
        Self {
            model,
            table: TableName::of(model),
            placed: false,
            as_child: true,
        }
    }
}

impl Registry {
    /// A registry without models.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with a model whose table is where its struct says.
    pub fn model<M: StripeSync>(self) -> Self {
        self.with(M::MODEL)
    }

    /// The same with a model whose table is elsewhere than its struct says.
    pub fn model_at<M: StripeSync>(self, table: TableName) -> Self {
        self.entry(Entry {
            model: M::MODEL,
            table,
            placed: true,
            as_child: false,
        })
    }

    /// The same with a model that is known by its description. The models of its children come with it.
    pub fn with(self, model: &'static Model) -> Self {
        self.entry(Entry {
            model,
            table: TableName::of(model),
            placed: false,
            as_child: false,
        })
    }

    fn entry(mut self, entry: Entry) -> Self {
        if self.stand_in(entry.model).is_some() {
            return self;
        }
        let mut known = self.models.iter_mut();
        // A child that is named itself, too, is no child alone.
        match known.find(|known| known.as_child && known.model.is(entry.model)) {
            Some(known) => *known = entry,
            None => self.models.push(entry),
        }
        self.settle();
        self
    }

    /// The same with these models alone, in this order, where their tables are here; a model that is not here is left out.
    pub fn only(&self, models: &[&'static Model]) -> Self {
        let of = |model: &'static Model| {
            let entries = self.models.iter();
            entries.filter(move |entry| entry.model.is(model))
        };
        // A child without any of its parents is no child.
        let has_parent = |child: &Model| {
            let others = models.iter().map(|model| self.resolved(model));
            let mut others = others.flat_map(Model::descendants);
            others.any(|other| other.is(child))
        };
        let entries = models.iter().flat_map(|model| of(model)).cloned();
        Self {
            models: entries
                .map(|entry| Entry {
                    as_child: entry.as_child && has_parent(entry.model),
                    ..entry
                })
                .collect(),
            replaced: self.replaced.clone(),
        }
    }

    /// The same with every table moved to a schema, which is there: nothing creates it. It takes the place of a namespace.
    pub fn in_schema(self, schema: &str) -> Self {
        self.placed(|_, table| table.in_schema(schema))
    }

    /// The same with every table moved to a namespace: a schema on PostgreSQL, which is created with the tables, and a prefix of their
    /// names elsewhere, with `_` between them. It takes the place of a schema.
    pub fn in_namespace(self, namespace: &str) -> Self {
        self.placed(|_, table| table.in_namespace(namespace))
    }

    /// The same with every table's name behind a prefix. It takes the place of a namespace, and a schema stays.
    pub fn prefixed(self, prefix: &str) -> Self {
        self.placed(|_, table| table.prefixed(prefix))
    }

    /// The same with every table where a function says.
    pub fn placed(mut self, place: impl Fn(&'static Model, TableName) -> TableName) -> Self {
        for entry in &mut self.models {
            entry.table = place(entry.model, entry.table.clone());
            entry.placed = true;
        }
        self
    }

    /// The same with other names of the same tables: that a place was said for a model, or was not, stays.
    pub(crate) fn renamed(mut self, name: impl Fn(TableName) -> TableName) -> Self {
        for entry in &mut self.models {
            entry.table = name(entry.table.clone());
        }
        self
    }

    /// Returns the models, in the order in which they were added.
    pub fn models(&self) -> impl ExactSizeIterator<Item = &'static Model> + '_ {
        self.models.iter().map(|entry| entry.model)
    }

    /// The same without the models that are here as other ones' children alone, and those for which a function says so.
    pub(crate) fn without_children(&self, is_left_out: impl Fn(&'static Model) -> bool) -> Self {
        let entries = self.models.iter();
        let kept = entries.filter(|entry| !entry.as_child && !is_left_out(entry.model));
        Self {
            models: kept.cloned().collect(),
            replaced: self.replaced.clone(),
        }
    }

    /// Returns where the models' tables are, in the same order.
    pub fn tables(&self) -> Vec<TableName> {
        let tables = self.models.iter().map(|entry| entry.table.clone());
        tables.collect()
    }

    /// Returns each model with the place that was said for it; `None` is where the syncer has it.
    pub(crate) fn entries(
        &self,
    ) -> impl Iterator<Item = (&'static Model, Option<&TableName>)> + '_ {
        let place = |entry: &'_ Entry| entry.placed;
        self.models
            .iter()
            .map(move |entry| (entry.model, place(entry).then_some(&entry.table)))
    }
}

#[cfg(feature = "live")]
impl Registry {
    pub(crate) fn extend(&mut self, other: Self) {
        self.models.extend(other.models);
        self.replaced.extend(other.replaced);
    }
}

impl From<&Registry> for Registry {
    fn from(registry: &Registry) -> Self {
        registry.clone()
    }
}

impl FromIterator<&'static Model> for Registry {
    fn from_iter<I: IntoIterator<Item = &'static Model>>(models: I) -> Self {
        models.into_iter().fold(Self::new(), Self::with)
    }
}

impl From<&[&'static Model]> for Registry {
    fn from(models: &[&'static Model]) -> Self {
        models.iter().copied().collect()
    }
}

impl<const N: usize> From<[&'static Model; N]> for Registry {
    fn from(models: [&'static Model; N]) -> Self {
        models.into_iter().collect()
    }
}

impl<const N: usize> From<&[&'static Model; N]> for Registry {
    fn from(models: &[&'static Model; N]) -> Self {
        models.iter().copied().collect()
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::{Model, Registry};
    use crate::StripeSync;

    #[derive(StripeSync)]
    #[stripe(object = "subscription", table = "subscriptions", crate = crate)]
    struct Subscription {
        #[allow(dead_code, reason = "only the model matters")]
        id: String,
        #[stripe(children)]
        items: Vec<Item>,
    }

    #[derive(StripeSync)]
    #[stripe(object = "subscription_item", table = "items", crate = crate)]
    struct Item {
        #[allow(dead_code, reason = "only the model matters")]
        id: String,
        #[stripe(parent)]
        subscription: String,
    }

    #[derive(StripeSync)]
    #[stripe(object = "customer", table = "customers", namespace = "stripe", crate = crate)]
    struct Customer {
        #[allow(dead_code, reason = "only the model matters")]
        id: String,
    }

    #[test]
    fn the_last_place_counts() {
        use crate::store::db::DatabaseKind::Sqlite;

        let registry = Registry::new().model::<Customer>();
        assert_eq!(Customer::MODEL.table(), "stripe.customers");
        let places = [
            (registry.clone(), "stripe_customers"),
            (registry.clone().in_namespace("other"), "other_customers"),
            (registry.clone().in_schema("mine"), "mine.customers"),
            (registry.clone().prefixed("x_"), "x_customers"),
            (
                registry.clone().in_schema("mine").prefixed("x_"),
                "mine.x_customers",
            ),
            (
                registry.clone().in_schema("mine").in_namespace("other"),
                "other_customers",
            ),
            (
                registry.prefixed("x_").in_namespace("other"),
                "other_x_customers",
            ),
        ];
        for (registry, expected) in places {
            let on_sqlite = registry.clone().on(Sqlite);
            assert_eq!(on_sqlite.tables()[0].to_string(), expected);
            // Once more changes nothing, and neither says a place for a model without one.
            assert_eq!(on_sqlite.clone().on(Sqlite).tables(), on_sqlite.tables());
            let said = |registry: &Registry| registry.entries().next().unwrap().1.is_some();
            assert_eq!(said(&on_sqlite), said(&registry));
        }
    }

    fn names(registry: &Registry) -> Vec<&'static str> {
        registry.models().map(Model::name).collect()
    }

    #[test]
    fn children_come_along_and_have_runs_of_their_own_where_they_are_named() {
        let registry = Registry::new().model::<Subscription>();
        assert_eq!(names(&registry), ["Subscription", "Item"]);
        let prefixed = registry.clone().prefixed("stripe_");
        assert_eq!(prefixed.tables()[1].to_string(), "stripe_items");
        let runs = |registry: &Registry| names(&registry.without_children(|_| false));
        assert_eq!(runs(&registry), ["Subscription"]);
        assert_eq!(
            runs(&registry.clone().model::<Item>()),
            ["Subscription", "Item"]
        );
        assert_eq!(runs(&registry.only(&[Item::MODEL])), ["Item"]);
        let both = registry.only(&[Subscription::MODEL, Item::MODEL]);
        assert_eq!(runs(&both), ["Subscription"]);
        let first = Registry::new().model::<Item>().model::<Subscription>();
        assert_eq!(names(&first), ["Item", "Subscription"]);
    }
}
