//! Stripe's resources: where they are listed and retrieved, which events carry them, and which walks show all of them.

mod events;
mod filter;
mod names;
mod parse;

use std::sync::{LazyLock, OnceLock};

use crate::blocks::{self, Block};
use crate::suggest;

pub use events::{event_types, nearest_event_type};
pub use filter::{BOUNDS, Filter, FilterForm, FilterSort};
pub use names::instead;

/// The generated catalogue; its head explains the form.
pub(crate) const DATA: &str = include_str!("../data/catalogue.txt");

/// An object of Stripe's API that at least one list shows.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Stripe's name for it, the value of its field `object`: `customer`, `checkout.session`.
    pub object: &'static str,
    /// What its ids begin with, without the underscore: `cus`. `None` if they have no prefix or more than one.
    pub id_prefix: Option<&'static str>,
    /// The list of the whole account. It may demand a filter; [`Resource::recipes`] says how to walk it then.
    pub list: Option<List>,
    /// The lists under a parent object.
    pub nested: Vec<List>,
    /// The path of one object, with `{id}`: `/v1/customers/{id}`.
    pub retrieve: Option<&'static str>,
    /// Where one object is read that has no path of its own: below each kind of parent that it may have.
    pub under: Vec<UnderParent>,
    /// The event about a parent's objects where they have no events and do not name their parent.
    pub summary: Option<Summary>,
    /// What a retrieve of a deleted object answers.
    pub deleted: DeletedForm,
    /// Whether there is an endpoint that removes the object. False for a subscription: its delete cancels it.
    pub deletable: bool,
    /// The field with the Unix time that orders its list: `created`, or `date` for an invoice item. `None` if the
    /// object has no such field, even where the list takes a `created` filter.
    pub created: Option<&'static str>,
    /// Whether the object has a field `livemode`.
    pub livemode: bool,
    /// Whether the object has a field `metadata`.
    pub metadata: bool,
    /// The types of the events that carry the object, sorted.
    pub events: Vec<&'static str>,
    /// Those of the events which say that the object is gone. Not `customer.subscription.deleted`: a canceled
    /// subscription can still be retrieved.
    pub deleted_events: Vec<&'static str>,
    /// The types of the events that carry an object which is no resource, name this object in the member of its name, and tell
    /// that it changed: `customer.discount.created` of a customer.
    pub mentions: Vec<&'static str>,
    /// The walks that together show everything a list can show. They may overlap. Empty if no set of walks does: a
    /// required filter's values cannot be listed, or nothing lists the parent.
    pub recipes: Vec<Recipe>,
    /// The lists inside the object, of which only the first page is inline.
    pub embedded: Vec<Embedded>,
}

/// A list endpoint.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// `/v1/customers`; with `{id}` for the parent's id in a nested list: `/v1/invoices/{id}/lines`.
    pub path: &'static str,
    /// The object that holds a nested list: `invoice`. It need not be listable itself.
    pub parent: Option<&'static str>,
    /// Whether it takes `created` as a range.
    pub created_filter: bool,
    /// Whether it takes `limit`, `starting_after` and `ending_before`. If not, one answer holds everything.
    pub paginated: bool,
    /// Its own filters; the paging parameters, `created` and `expand` are not among them.
    pub filters: Vec<Filter>,
    /// The objects it shows: one, unless the list mixes types.
    pub items: Vec<&'static str>,
}

impl List {
    /// The filter with this name, `created` among them where the list takes it.
    #[must_use]
    pub fn filter(&self, name: &str) -> Option<Filter> {
        if name == "created" {
            return self.created_filter.then(Filter::created);
        }
        let mut filters = self.filters.iter();
        filters.find(|filter| filter.name == name).cloned()
    }

    /// Whether requests reach it at all: the objects that hold a nested list can be listed themselves.
    #[must_use]
    pub fn is_walkable(&self) -> bool {
        self.parent
            .is_none_or(|parent| resource(parent).is_some_and(|parent| !parent.recipes.is_empty()))
    }
}

impl Resource {
    /// The lists that a table is filled from: those of the recipes. Where there are none, all of them: a required filter that
    /// the user gives may make one of them walkable.
    #[must_use]
    pub fn walked(&self) -> Vec<&List> {
        let lists = self.list.iter().chain(&self.nested);
        if self.recipes.is_empty() {
            return lists.collect();
        }
        let walks = |path: &str| {
            self.recipes.iter().any(|recipe| match recipe {
                Recipe::PerParent { path: walked, .. } => *walked == path,
                _ => self.list.as_ref().is_some_and(|list| list.path == path),
            })
        };
        lists.filter(|list| walks(list.path)).collect()
    }
}

/// One walk over lists. Where a parent is named, its objects are those that the parent's own recipes show.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipe {
    /// The account's list with these parameters: `[]`, `[("status", "all")]`, `[("active", "false")]`.
    Query(Vec<(&'static str, &'static str)>),
    /// The account's list once for each test clock (`GET /v1/test_helpers/test_clocks`). In live mode there are none.
    PerTestClock {
        /// The parameter that takes the clock's id.
        param: &'static str,
        /// The parameters that are the same for each.
        query: Vec<(&'static str, &'static str)>,
    },
    /// The account's list once for each customer that has a test clock. In live mode there are none.
    PerTestClockCustomer {
        /// The parameter that takes the customer's id.
        param: &'static str,
        /// The parameters that are the same for each.
        query: Vec<(&'static str, &'static str)>,
    },
    /// A list once for each object of `parent`.
    PerParent {
        /// The parent's object name.
        parent: &'static str,
        /// The list; `{id}` in it stands for the parent's id.
        path: &'static str,
        /// The parameter that takes the parent's id, where the path does not.
        param: Option<&'static str>,
        /// The parameters that are the same for each.
        query: Vec<(&'static str, &'static str)>,
    },
}

/// The path of one object below its parent.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnderParent {
    /// The list of the parent, which the object's id follows: `/v1/accounts/{id}/persons`.
    pub list: &'static str,
    /// The parent's object name.
    pub parent: &'static str,
    /// The member of the object that names the parent. An object of several kinds of parents has one of their members.
    pub member: &'static str,
}

/// An event that sums up a parent's list.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The object that the event carries, which is no resource: `entitlements.active_entitlement_summary`.
    pub object: &'static str,
    /// The object name of the parent whose list it sums up.
    pub parent: &'static str,
    /// The member of that object that names the parent.
    pub member: &'static str,
    /// The types of the events.
    pub events: Vec<&'static str>,
}

/// What a retrieve of a deleted object answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletedForm {
    /// `{"id": ..., "object": ..., "deleted": true}`
    Stub,
    /// Status 404 with the code `resource_missing`.
    Missing,
}

/// A list object that is a field of a resource.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedded {
    /// The field: `lines` of an invoice.
    pub field: &'static str,
    /// The list that has the rest, with `{id}` for the resource's id where it is nested. Where it is not, the list
    /// takes a filter, and the `url` of the list object names it.
    pub list: Option<&'static str>,
    /// Whether the field is there without being asked for with `expand`.
    pub inline: bool,
    /// The objects it shows.
    pub items: Vec<&'static str>,
}

/// A block and what was read from it, once it was asked for.
struct Entry {
    block: Block,
    parsed: OnceLock<Resource>,
}

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    blocks::split(DATA)
        .into_iter()
        .map(|block| Entry {
            block,
            parsed: OnceLock::new(),
        })
        .collect()
});

static RESOURCES: LazyLock<Vec<Resource>> = LazyLock::new(|| {
    ENTRIES
        .iter()
        .map(|entry| parse::resource(&entry.block))
        .collect()
});

/// The resource with Stripe's object name: `customer`, `checkout.session`. `None` if no list shows such an object.
#[must_use]
pub fn resource(object: &str) -> Option<&'static Resource> {
    let at = ENTRIES
        .binary_search_by(|entry| entry.block.name.cmp(object))
        .ok()?;
    let entry = ENTRIES.get(at)?;
    Some(entry.parsed.get_or_init(|| parse::resource(&entry.block)))
}

/// Every resource that the account or a parent object lists, sorted by object name.
#[must_use]
pub fn resources() -> &'static [Resource] {
    &RESOURCES
}

/// The generated order; its head explains it.
const LOAD_ORDER: &str = include_str!("../data/load_order.txt");

/// The place of a resource in an order in which each stands behind those that its objects refer to, as far as that can be:
/// who fills tables in this order finds what a row refers to. A resource that is not known stands last.
#[must_use]
pub fn load_order(object: &str) -> usize {
    let mut names = LOAD_ORDER.lines().filter(|line| !line.starts_with('#'));
    names.position(|name| name == object).unwrap_or(usize::MAX)
}

/// The object names that `object` was probably meant to be, best first, at most three; empty if nothing is near.
#[must_use]
pub fn nearest(object: &str) -> Vec<&'static str> {
    let other = names::resources(object);
    if !other.is_empty() {
        return other.to_vec();
    }
    suggest::nearest_object(object, ENTRIES.iter().map(|entry| entry.block.name))
}

#[cfg(test)]
mod tests;
