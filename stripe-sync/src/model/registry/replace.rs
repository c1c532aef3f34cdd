//! One model in the place of another one.

use super::{Entry, Registry};
use crate::model::declared::assertions::is;
use crate::model::stand_ins::{Replaced, StandIns};
use crate::model::table_name::TableName;
use crate::model::{Model, StripeSync};

impl Registry {
    /// The same with a model in the place of another one of the same Stripe object: your own struct for a ready-made one.
    ///
    /// What refers to the old model by `#[stripe(references = ...)]` refers to the new one, and where the old one has the rows of
    /// a list, by `#[stripe(children)]`, the new one has them. The new model's table is where its struct says; a place that is
    /// said afterwards counts for it, too. Children of the old model that no other model has any more get runs of their own;
    /// elements without ids leave with it. A model that is not there is added.
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")] {
    /// use stripe_sync::{Registry, StripeSync};
    ///
    /// # mod ready_made {
    /// #     #[derive(stripe_sync::StripeSync)]
    /// #     #[stripe(object = "customer", table = "customers", namespace = "stripe")]
    /// #     pub struct Customer { pub id: String }
    /// #     #[derive(stripe_sync::StripeSync)]
    /// #     #[stripe(object = "invoice", table = "invoices", namespace = "stripe")]
    /// #     pub struct Invoice {
    /// #         pub id: String,
    /// #         #[stripe(references = Customer)]
    /// #         pub customer: Option<String>,
    /// #     }
    /// # }
    /// #[derive(StripeSync)]
    /// #[stripe(object = "customer", table = "users")]
    /// struct User {
    ///     id: String,
    ///     email: Option<String>,
    /// }
    ///
    /// let registry = Registry::new().model::<ready_made::Customer>().model::<ready_made::Invoice>();
    /// let registry = registry.replace::<ready_made::Customer, User>();
    /// let names: Vec<&str> = registry.models().map(|model| model.name()).collect();
    /// assert_eq!(names, ["User", "Invoice"]);
    /// let invoice = registry.models().last().unwrap();
    /// assert_eq!(invoice.references().next().unwrap().1.name(), "User");
    /// # }
    /// ```
    ///
    /// Two structs of different objects do not compile:
    ///
    /// ```compile_fail
    /// use stripe_sync::{Registry, StripeSync};
    ///
    /// #[derive(StripeSync)]
    /// #[stripe(object = "customer", table = "customers")]
    /// struct Customer { id: String }
    ///
    /// #[derive(StripeSync)]
    /// #[stripe(object = "invoice", table = "invoices")]
    /// struct Invoice { id: String }
    ///
    /// let _ = Registry::new().model::<Customer>().replace::<Customer, Invoice>();
    /// ```
    ///
    /// Descriptions of the models that name the old one are kept until the program ends: some hundred bytes for each, once for
    /// each registry that differs.
    pub fn replace<Old: StripeSync, New: StripeSync>(self) -> Self {
        const { check(Old::MODEL, New::MODEL) };
        self.with_stand_in(Old::MODEL, New::MODEL)
    }

    fn with_stand_in(mut self, model: &'static Model, by: &'static Model) -> Self {
        if model.is(by) {
            return self;
        }
        self.replaced
            .retain(|known| !known.model.is(by) && !known.model.is(model));
        for known in &mut self.replaced {
            if known.by.is(model) {
                known.by = by;
            }
        }
        self.replaced.push(Replaced { model, by });
        let mut entry = Entry {
            model: by,
            table: TableName::of(by),
            placed: false,
            as_child: false,
        };
        let old = self.models.iter().position(|known| known.model.is(model));
        let new = self.models.iter_mut().find(|known| known.model.is(by));
        match (old, new) {
            (Some(old), None) => {
                entry.as_child = self.models[old].as_child;
                self.models[old] = entry;
            }
            (None, None) => self.models.push(entry),
            (_, Some(new)) => new.as_child = false,
        }
        self.settle();
        self.free_orphans();
        self
    }

    /// Returns a model as this registry has it: with the references and children that it has here.
    pub(crate) fn resolved(&self, model: &'static Model) -> &'static Model {
        let mut entries = self.models.iter().map(|entry| entry.model);
        entries.find(|known| known.is(model)).unwrap_or(model)
    }

    /// Returns the same registry with its models as another one has them. A replaced model that somebody named stays, which is a
    /// mistake; one that is here as a child has its place taken.
    pub(crate) fn resolved_in(mut self, registry: &Self) -> Self {
        for entry in &mut self.models {
            match registry.stand_in(entry.model).filter(|_| entry.as_child) {
                Some(by) => *entry = Entry::child(registry.resolved(by)),
                None => entry.model = registry.resolved(entry.model),
            }
        }
        self
    }

    /// Returns the model that is in the place of another one.
    pub(crate) fn stand_in(&self, model: &Model) -> Option<&'static Model> {
        let mut replaced = self.replaced.iter();
        let found = replaced.find(|replaced| replaced.model.is(model));
        found.map(|replaced| replaced.by)
    }

    /// Adds the models of all children, and makes every model name those that are here.
    pub(super) fn settle(&mut self) {
        loop {
            let replaced = &self.replaced;
            let is_replaced = |model: &Model| replaced.iter().any(|one| one.model.is(model));
            self.models.retain(|entry| !is_replaced(entry.model));
            self.bind();
            if !self.add_children() {
                return;
            }
        }
    }

    fn bind(&mut self) {
        if self.replaced.is_empty() {
            return;
        }
        let models: Vec<&'static Model> = self.models().collect();
        if let Some(set) = StandIns::new(&self.replaced, &models) {
            for entry in &mut self.models {
                entry.model = set.of(entry.model);
            }
        }
    }

    /// Adds the models of children that are not here, and returns whether there were any.
    fn add_children(&mut self) -> bool {
        let children = self
            .models
            .iter()
            .flat_map(|entry| entry.model.descendants());
        let mut new: Vec<&'static Model> = Vec::new();
        for child in children {
            let mut known = self.models().chain(new.iter().copied());
            if !known.any(|known| known.is(child)) {
                new.push(child);
            }
        }
        let added = !new.is_empty();
        self.models.extend(new.into_iter().map(Entry::child));
        added
    }

    /// Children whose parents left have runs of their own. What has no ids cannot be without its parents.
    fn free_orphans(&mut self) {
        let parents: Vec<&'static Model> = self.models().collect();
        let has_parent = |model: &Model| {
            let mut children = parents.iter().flat_map(|parent| parent.descendants());
            children.any(|child| child.is(model))
        };
        for entry in &mut self.models {
            entry.as_child = entry.as_child && has_parent(entry.model);
        }
        self.models
            .retain(|entry| !entry.model.is_of_elements() || has_parent(entry.model));
    }
}

/// Checks that a model can stand in another one's place.
///
/// # Panics
/// When it cannot, which is an error of the compiler.
const fn check(old: &Model, new: &Model) {
    assert!(
        is(old.parts.object.as_bytes(), new.parts.object.as_bytes()),
        "`Registry::replace`: expected two structs with the same `object`, got different ones"
    );
    let (old, new) = (old.parts.declared.parent, new.parts.declared.parent);
    let (Some(old), new) = (old, new) else { return };
    let Some(new) = new else {
        panic!(
            "`Registry::replace`: the replaced struct has a field with `#[stripe(parent)]`: the one in its place needs one, too"
        );
    };
    assert!(
        is(old.object.as_bytes(), new.object.as_bytes()),
        "`Registry::replace`: expected the same parent in both structs, got different ones"
    );
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::{Model, Registry};
    use crate::StripeSync;

    /// A struct of which only the model matters.
    macro_rules! model {
        ($name:ident, $object:literal, $table:literal $(, $($fields:tt)*)?) => {
            #[derive(StripeSync)]
            #[stripe(object = $object, table = $table, crate = crate)]
            struct $name {
                #[allow(dead_code, reason = "only the model matters")]
                id: String,
                $($($fields)*)?
            }
        };
    }

    model!(Customer, "customer", "customers");
    model!(User, "customer", "users");
    model!(Member, "customer", "members");
    model!(Bill, "invoice", "bills");
    model!(Item, "subscription_item", "items", #[stripe(parent)] subscription: String);
    model!(Seat, "subscription_item", "seats", #[stripe(parent)] subscription: String);
    model!(Price, "price", "prices", #[stripe(children, expand)] tiers: Vec<Tier>);
    model!(Offer, "price", "offers");
    model!(
        Subscription, "subscription", "subscriptions",
        #[stripe(references = Customer)] customer: String,
        #[stripe(children)] items: Vec<Item>
    );
    model!(
        Contract, "subscription", "contracts",
        #[stripe(children)] items: Vec<Item>
    );
    model!(Lease, "subscription", "leases");

    #[derive(StripeSync)]
    #[stripe(object = "price.tiers", table = "tiers", crate = crate)]
    #[allow(dead_code, reason = "only the model matters")]
    struct Tier {
        #[stripe(parent)]
        price: String,
        #[stripe(position)]
        position: i64,
    }

    fn names(registry: &Registry) -> Vec<&'static str> {
        registry.models().map(Model::name).collect()
    }

    /// The models that have runs of their own.
    fn runs(registry: &Registry) -> Vec<&'static str> {
        names(&registry.without_children(|_| false))
    }

    /// What a model of the registry refers to, and its children.
    fn named(registry: &Registry, name: &str) -> (Vec<&'static str>, Vec<&'static str>) {
        let mut models = registry.models();
        let model = models.find(|model| model.name() == name).unwrap();
        let references = model.references().map(|(_, other)| other.name()).collect();
        let children = model.children().map(|(_, child)| child.name()).collect();
        (references, children)
    }

    fn all() -> Registry {
        Registry::new()
            .model::<Subscription>()
            .model::<Customer>()
            .model::<Price>()
    }

    #[test]
    fn references_lead_to_the_model_in_the_place_of_another() {
        let registry = all().replace::<Customer, User>();
        let expected = ["Subscription", "Item", "User", "Price", "Tier"];
        assert_eq!(names(&registry), expected);
        assert_eq!(
            named(&registry, "Subscription"),
            (vec!["User"], vec!["Item"])
        );
        let order: Vec<&str> = registry
            .in_load_order()
            .iter()
            .map(|model| model.name())
            .collect();
        let place = |name| order.iter().position(|other| *other == name);
        assert!(place("User") < place("Subscription"), "{order:?}");
        // The struct itself still says what it says.
        assert_eq!(named(&all(), "Subscription").0, ["Customer"]);
        assert_eq!(
            Subscription::MODEL.references().next().unwrap().1.name(),
            "Customer"
        );
        // Its place is that of its struct, and one that is said afterwards.
        let place = |registry: &Registry| registry.tables()[2].to_string();
        assert_eq!(
            place(&all().prefixed("x_").replace::<Customer, User>()),
            "users"
        );
        assert_eq!(place(&registry.prefixed("x_")), "x_users");
    }

    #[test]
    fn what_comes_later_refers_to_it_too() {
        let registry = Registry::new().model::<Customer>();
        let registry = registry.replace::<Customer, User>().model::<Subscription>();
        assert_eq!(named(&registry, "Subscription").0, ["User"]);
        // The old one by its name is the one in its place.
        assert_eq!(
            names(&registry.model::<Customer>()),
            ["User", "Subscription", "Item"]
        );
    }

    #[test]
    fn the_last_of_several_counts() {
        let twice = all().replace::<Customer, User>().replace::<User, Member>();
        assert_eq!(named(&twice, "Subscription").0, ["Member"]);
        assert_eq!(twice.stand_in(Customer::MODEL).unwrap().name(), "Member");
        let back = all()
            .replace::<Customer, User>()
            .replace::<User, Customer>();
        assert_eq!(names(&back), names(&all()));
        assert_eq!(named(&back, "Subscription").0, ["Customer"]);
        let same = all().replace::<Customer, Customer>();
        assert_eq!(named(&same, "Subscription").0, ["Customer"]);
        let both = all().model::<User>().replace::<Customer, User>();
        assert_eq!(
            names(&both),
            ["Subscription", "Item", "Price", "Tier", "User"]
        );
        assert_eq!(
            names(&Registry::new().replace::<Customer, User>()),
            ["User"]
        );
    }

    #[test]
    fn a_child_is_one_of_the_same_parents() {
        let registry = all().replace::<Item, Seat>();
        assert_eq!(named(&registry, "Subscription").1, ["Seat"]);
        assert_eq!(names(&registry)[..2], ["Subscription", "Seat"]);
        assert_eq!(runs(&registry), ["Subscription", "Customer", "Price"]);
        let only = registry.only(&[Subscription::MODEL, Seat::MODEL]);
        assert_eq!(runs(&only), ["Subscription"]);
        // Also of a parent that comes later, or stands in for another.
        let registry = registry.replace::<Subscription, Contract>();
        assert_eq!(named(&registry, "Contract").1, ["Seat"]);
        let registry = all()
            .replace::<Subscription, Contract>()
            .replace::<Item, Seat>();
        assert_eq!(named(&registry, "Contract").1, ["Seat"]);
        assert_eq!(runs(&registry), ["Contract", "Customer", "Price"]);
    }

    #[test]
    fn children_whose_parent_left_have_runs_of_their_own() {
        let registry = all().replace::<Subscription, Lease>();
        assert_eq!(runs(&registry), ["Lease", "Item", "Customer", "Price"]);
        let registry = all().replace::<Price, Offer>();
        assert_eq!(
            names(&registry),
            ["Subscription", "Item", "Customer", "Offer"]
        );
        assert_eq!(names(&registry.model::<Bill>()).len(), 5);
    }

    #[test]
    fn registries_that_are_alike_share_their_descriptions() {
        let address = |registry: &Registry| std::ptr::from_ref(registry.models().next().unwrap());
        let (one, other) = (
            all().replace::<Customer, User>(),
            all().replace::<Customer, User>(),
        );
        assert_eq!(address(&one), address(&other));
        assert_ne!(address(&one), address(&all().replace::<Customer, Member>()));
    }
}
