//! What a model asks Stripe for in `expand`: in lists below `data`, in reads of one object as it is.

use std::sync::Arc;

use crate::client::Request;
use crate::model::Model;

use crate::sync::list::pager::ChildList;
use crate::sync::list::{ListTarget, Pager, Query};

/// The parameter; it stands once for each path.
const EXPAND: &str = "expand[]";

/// The request for one object.
pub(crate) fn of_object(mut request: Request, model: &'static Model) -> Request {
    for path in model.expand() {
        request = request.query(EXPAND, *path);
    }
    request
}

/// The request for more elements of a list inside an object, which stands at this path.
pub(crate) fn of_inner_list(mut request: Request, model: &'static Model, list: &str) -> Request {
    let below = |path: &'static str| path.strip_prefix(list)?.strip_prefix(".data.");
    for path in model.expand().iter().filter_map(|path| below(path)) {
        request = request.query(EXPAND, format!("data.{path}"));
    }
    request
}

impl Pager {
    /// The same, whose rows have what the model asks for.
    pub(crate) fn expanding(mut self, model: &'static Model) -> Self {
        expand(&mut self.query, &mut self.target, model);
        self
    }
}

/// Lists of parents are left as they are: only the rows at their end are kept.
fn expand(query: &mut Query, target: &mut ListTarget, model: &'static Model) {
    if model.expand().is_empty() {
        return;
    }
    match target {
        ListTarget::Rows => {
            let paths = model.expand().iter();
            query.extend(paths.map(|path| (EXPAND.to_owned(), format!("data.{path}"))));
        }
        ListTarget::Parents(below) => {
            let mut rows = ChildList::clone(below);
            expand(&mut rows.query, &mut rows.target, model);
            *below = Arc::new(rows);
        }
    }
}
