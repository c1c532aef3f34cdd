//! One list with fixed parameters, page by page: its cursors, and what its objects are the start of.

use std::sync::Arc;

use crate::client::Request;

use crate::sync::list::endless::Endless;
use crate::sync::list::step::Doubt;

/// The largest page that Stripe gives; its default is 10, which costs ten times the requests.
const PAGE_SIZE: &str = "100";
/// How many ids of objects that were seen are kept as cursors to fall back on: a few pages.
const FALLBACK_CURSORS: usize = 300;
/// How often a list without an order in time, whose cursors all vanished, is begun again.
pub(crate) const RESTARTS: u32 = 3;

pub(crate) type Query = Vec<(String, String)>;

/// The request at a path with a placeholder, with this id in its place.
pub(crate) fn request_at(template: &'static str, id: &str) -> Request {
    let request = match template.split_once("/{id}") {
        Some((before, after)) => {
            let mut request = Request::get(before).segment(id);
            request.path.push_str(after);
            request
        }
        None => Request::get(template),
    };
    request.endpoint(template)
}

/// One list with fixed parameters, and where in it we are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pager {
    pub(crate) path: String,
    /// The endpoint, with placeholders for ids.
    pub(crate) template: &'static str,
    pub(crate) query: Query,
    paginated: bool,
    pub(crate) target: ListTarget,
    /// Ids that were seen, the newest last; the last one is the cursor.
    pub(crate) cursors: Vec<String>,
    /// How often the pager was begun again without getting further, because its cursors had vanished.
    pub(crate) restarts: u32,
    /// How far to step back at the next vanished cursor.
    pub(crate) step: usize,
    /// Whether it went on from an earlier id, so that a cursor may come once more.
    pub(crate) stepped: bool,
    /// `created` of the last object that was read, where the list is cut by it.
    pub(crate) last: Option<i64>,
    /// Pages of the window so far, and those of the try before.
    pub(crate) pages: u64,
    pub(crate) reach: u64,
    pub(crate) endless: Endless,
    pub(crate) doubt: Option<Doubt>,
    /// Whether the list is that of one parent, which may be gone by now.
    pub(crate) of_parent: bool,
    /// The object and the id of that parent, if objects can stand in its lists.
    pub(crate) parent: Option<(&'static str, String)>,
    /// The field with the time by which the list is ordered and can be cut into slices, if it can.
    pub(crate) created: Option<&'static str>,
    /// Only objects that are older, in unix seconds. A cursor is used with the window it was born with, and no other:
    /// Stripe may answer an empty page to any other.
    pub(crate) until: Option<i64>,
}

/// What the objects of a pager are.
#[derive(Debug, Clone, Default)]
pub(crate) enum ListTarget {
    /// Rows of the model.
    #[default]
    Rows,
    /// Parents, whose lists have the rows.
    Elements(ElementList),
    /// Parents: each is the start of another pager.
    Parents(Arc<ChildList>),
}

/// The list inside parents that has the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ElementList {
    /// Stripe's name of the member: `items`.
    pub(crate) member: &'static str,
    /// Whether it is there without being asked for.
    pub(crate) inline: bool,
}

/// The pager that starts at a parent's id.
#[derive(Debug, Clone)]
pub(crate) struct ChildList {
    /// The object whose lists they are; `None` for those of test clocks, in whose lists no object stands.
    pub(crate) of: Option<&'static str>,
    pub(crate) path: &'static str,
    pub(crate) param: Option<&'static str>,
    pub(crate) query: Query,
    pub(crate) paginated: bool,
    pub(crate) target: ListTarget,
}

impl Pager {
    pub(crate) fn new(list: (&'static str, bool), query: Query, target: ListTarget) -> Self {
        Self {
            path: list.0.to_owned(),
            template: list.0,
            query,
            paginated: list.1,
            target,
            step: 1,
            ..Self::default()
        }
    }

    /// Whether the objects are rows, and not parents.
    pub(crate) fn is_of_rows(&self) -> bool {
        matches!(self.target, ListTarget::Rows)
    }

    /// Whether the list of parents at an endpoint is on the way to this pager's rows.
    pub(crate) fn asks_for_parents_at(&self, endpoint: &str) -> bool {
        let (mut at, mut target) = (self.template, &self.target);
        while let ListTarget::Parents(below) = target {
            if at == endpoint {
                return true;
            }
            (at, target) = (below.path, &below.target);
        }
        false
    }

    /// What the pager reads, as text: a checkpoint of other pagers is not resumed.
    pub(crate) fn identity(&self) -> String {
        format!(
            "{} {:?} {:?} {:?}",
            self.path, self.query, self.target, self.created
        )
    }

    /// The request for the next page.
    pub(crate) fn request(&self) -> Request {
        let mut request = Request::get(self.path.clone()).endpoint(self.template);
        for (name, value) in &self.query {
            request = request.query(name, value);
        }
        if let Some(until) = self.until {
            request = request.query("created[lt]", until.to_string());
        }
        if self.paginated {
            request = request.query("limit", PAGE_SIZE);
        }
        match self.cursors.last() {
            Some(cursor) => request.query("starting_after", cursor),
            None => request,
        }
    }

    /// Goes on after these ids, the last of which becomes the cursor.
    pub(crate) fn advance(&mut self, ids: impl IntoIterator<Item = String>) {
        self.cursors.extend(ids);
        let surplus = self.cursors.len().saturating_sub(FALLBACK_CURSORS);
        self.cursors.drain(..surplus);
        self.step = 1;
    }

    /// The cursors that a checkpoint keeps, as JSON: the newest, and a few to fall back on.
    pub(crate) fn place(&self) -> String {
        let mut kept: Vec<&String> = (0..)
            .map(|power| 1_usize << power)
            .map_while(|back| self.cursors.get(self.cursors.len().checked_sub(back)?))
            .collect();
        kept.reverse();
        // Ids are text, so this cannot fail.
        serde_json::to_string(&kept).unwrap_or_default()
    }

    /// Goes on where a checkpoint stands, behind an object of that second. One that cannot be read is the beginning, which is
    /// safe.
    pub(crate) fn resume(&mut self, place: &str, last: Option<i64>) {
        self.cursors = serde_json::from_str(place).unwrap_or_default();
        self.last = last;
    }

    /// Whether there is no cursor: the next request begins the list.
    pub(crate) fn is_at_the_beginning(&self) -> bool {
        self.cursors.is_empty()
    }
}

impl ChildList {
    /// The pager below one parent.
    pub(crate) fn pager(&self, parent: &str) -> Pager {
        let mut pager = Pager::new(
            (self.path, self.paginated),
            self.query.clone(),
            self.target.clone(),
        );
        pager.of_parent = true;
        pager.parent = self.of.map(|of| (of, parent.to_owned()));
        pager.path = request_at(self.path, parent).path;
        if let Some(param) = self.param {
            pager.query.push((param.to_owned(), parent.to_owned()));
        }
        pager
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_escapes_the_parent() {
        let template = ChildList {
            of: Some("invoice"),
            path: "/v1/customers/{id}/tax_ids",
            param: None,
            query: Query::new(),
            paginated: true,
            target: ListTarget::Rows,
        };
        assert_eq!(
            template.pager("cus_1/x").path,
            "/v1/customers/cus_1%2Fx/tax_ids"
        );
    }

    #[test]
    fn stepping_back_doubles_and_ends_at_the_start() {
        let mut pager = Pager::new(("/v1/customers", true), Query::new(), ListTarget::Rows);
        pager.advance((0..8).map(|n| format!("cus_{n}")));
        let mut seen = Vec::new();
        while !pager.cursors.is_empty() {
            seen.push(pager.cursors.len());
            pager.step_back();
        }
        assert_eq!((seen, pager.restarts), (vec![8, 7, 5, 1], 1));
    }
}
