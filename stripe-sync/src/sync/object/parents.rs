//! Objects that are read below their parent: which parent that is, by what told of the object, or by its row.

use std::collections::HashMap;
use std::sync::Mutex;

use serde::Deserialize;
use serde_json::Value;
use stripe_sync_schema::catalogue::{self, Resource, UnderParent};

use crate::calls::lock;
use crate::cell::CellType;
use crate::client::Request;
use crate::model::{Column, Model, Role};

use crate::sync::error::SyncError;
use crate::sync::list::pager::request_at;
use crate::sync::list::plan::resource;
use crate::sync::object::ModelRun;

/// One parent of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parent {
    under: UnderParent,
    id: String,
}

/// A member that names an object.
#[derive(Deserialize)]
#[serde(untagged)]
enum Reference {
    Id(String),
    Object { id: String },
}

/// The id that a member of an object names.
pub(crate) fn named(object: &Value, member: &str) -> Option<String> {
    let (Reference::Id(id) | Reference::Object { id }) =
        Reference::deserialize(object.get(member)?).ok()?;
    Some(id)
}

impl Parent {
    /// The parent that an object names.
    pub(crate) fn named_by(resource: &Resource, object: &Value) -> Option<Self> {
        resource.under.iter().find_map(|under| {
            let id = named(object, under.member)?;
            Some(Self { under: *under, id })
        })
    }

    /// The parent in the path of an object.
    #[cfg(feature = "live")]
    pub(crate) fn in_path(resource: &Resource, path: &str) -> Option<Self> {
        let path = path.split('?').next()?;
        resource.under.iter().find_map(|under| {
            let (before, after) = under.list.split_once("{id}")?;
            let (id, rest) = path.strip_prefix(before)?.split_once('/')?;
            let own = rest.strip_prefix(after.strip_prefix('/')?)?;
            let fits = !id.is_empty() && own.starts_with('/') && own.len() > 1;
            fits.then(|| Self {
                under: *under,
                id: id.to_owned(),
            })
        })
    }

    /// The parent's resource.
    #[cfg(feature = "live")]
    pub(crate) fn object(&self) -> &'static str {
        self.under.parent
    }

    /// The request for one of its objects.
    pub(crate) fn request(&self, id: &str) -> Request {
        request_at(self.under.list, &self.id)
            .segment(id)
            .endpoint(format!("{}/{{id}}", self.under.list))
    }

    /// The request for the parent itself, if it has an endpoint.
    pub(crate) fn own_request(&self) -> Option<Request> {
        let template = catalogue::resource(self.under.parent)?.retrieve?;
        Some(request_at(template, &self.id))
    }
}

/// What events said of parents, for the reads of one run.
#[derive(Debug, Default)]
pub(crate) struct Parents(Mutex<HashMap<String, Parent>>);

impl Parents {
    /// Remembers an object's parent.
    pub(crate) fn know(&self, id: &str, parent: Parent) {
        lock(&self.0).insert(id.to_owned(), parent);
    }
}

/// The column of a model with the text of an object's member.
pub(crate) fn text_column(model: &'static Model, member: &str) -> Option<&'static Column> {
    model.columns().iter().find(|column| {
        matches!(column.role, Role::Mapped | Role::Parent)
            && column.path == member
            && column.cell == Some(CellType::Text)
    })
}

/// The columns of a model that name a parent.
fn columns(
    model: &'static Model,
    resource: &Resource,
) -> impl Iterator<Item = (UnderParent, &'static Column)> {
    resource
        .under
        .iter()
        .filter_map(move |under| Some((*under, text_column(model, under.member)?)))
}

/// Whether rows of a model name their parents, of whatever kind these are.
pub(crate) fn are_in_rows(model: &'static Model) -> bool {
    let of = |resource: &Resource| {
        !resource.under.is_empty() && columns(model, resource).count() == resource.under.len()
    };
    resource(model).is_some_and(of)
}

/// The parent of an object: as an event said, else as its row has it.
///
/// # Errors
/// When the database fails.
pub(crate) async fn parent_of(run: &ModelRun<'_>, id: &str) -> Result<Option<Parent>, SyncError> {
    if let Some(parent) = lock(&run.parents.0).get(id) {
        return Ok(Some(parent.clone()));
    }
    let Some(resource) = resource(run.model) else {
        return Ok(None);
    };
    let (under, columns): (Vec<_>, Vec<_>) = columns(run.model, resource).unzip();
    if columns.is_empty() {
        return Ok(None);
    }
    let texts = run.store().texts(run.model, &run.scope, id, &columns);
    let named = under.into_iter().zip(texts.await?);
    let mut named = named.filter_map(|(under, id)| Some(Parent { under, id: id? }));
    Ok(named.next())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(object: &str) -> &'static Resource {
        catalogue::resource(object).unwrap()
    }

    #[test]
    fn the_parent_is_named_by_the_object() {
        let card = json!({"id": "card_1", "account": null, "customer": {"id": "cus_1"}});
        let parent = Parent::named_by(of("card"), &card).unwrap();
        assert_eq!(parent.object(), "customer");
        assert_eq!(
            parent.request("card/1").path,
            "/v1/customers/cus_1/sources/card%2F1"
        );
        assert_eq!(parent.own_request().unwrap().path, "/v1/customers/cus_1");
        let nobody = json!({"id": "card_1", "account": null});
        assert_eq!(Parent::named_by(of("card"), &nobody), None);
    }

    #[cfg(feature = "live")]
    #[test]
    fn the_parent_is_in_the_path() {
        let parent = Parent::in_path(of("fee_refund"), "/v1/application_fees/fee_1/refunds/fr_1");
        assert_eq!(
            parent.unwrap().request("fr_1").path,
            "/v1/application_fees/fee_1/refunds/fr_1"
        );
        for path in [
            "/v1/application_fees/fee_1/refunds",
            "/v1/application_fees/fee_1/refunds/",
            "/v1/application_fees//refunds/fr_1",
            "/v1/refunds/fr_1",
        ] {
            assert_eq!(Parent::in_path(of("fee_refund"), path), None, "{path}");
        }
    }
}
