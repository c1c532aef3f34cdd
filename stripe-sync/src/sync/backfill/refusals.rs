//! Lists of parents that the key may not read: the run goes on without what lies below them, and its report says so.

use std::collections::BTreeMap;

use crate::client::ClientError;
use crate::model::Model;

use crate::sync::list::Pager;

/// The lists of parents that Stripe refused, by their endpoints, and what it said.
#[derive(Debug, Default)]
pub(crate) struct Refusals(BTreeMap<&'static str, String>);

impl Refusals {
    /// Takes a refusal in. Returns whether the run can do without what was refused. It cannot do without the model's own
    /// list, and not without all parents: what read nothing must not look like a run that did its work.
    pub(crate) fn take(&mut self, pager: &Pager, lists: &[Pager], error: &ClientError) -> bool {
        if !error.is_permission() || pager.is_of_rows() {
            return false;
        }
        let endpoint = pager.template;
        self.0.entry(endpoint).or_insert_with(|| {
            tracing::warn!(name: "stripe_sync.parents_refused", endpoint, %error, "list of parents refused");
            error.to_string()
        });
        lists.iter().any(|list| {
            !self
                .0
                .keys()
                .any(|refused| list.asks_for_parents_at(refused))
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the report says of them.
    pub(crate) fn warnings(&self, model: &Model) -> impl Iterator<Item = String> {
        let object = model.object();
        self.0.iter().map(move |(endpoint, said)| {
            let parents = endpoint.rsplit('/').next().unwrap_or(endpoint);
            let parents = parents.replace('_', " ");
            format!(
                "`{object}` objects of {parents} were not read, because the key may not list {parents}: {said}"
            )
        })
    }
}
