//! What a page shows of a model's objects: they are its own, or stand in lists of its own.

use bytes::Bytes;

use crate::model::Model;
use crate::model::context::Context;
use crate::object::list;
use crate::store::rows::Failure;
use crate::sync::list::page::id_of;
use crate::sync::list::pager::ElementList;
use crate::sync::object::Mapped;
use crate::sync::object::complete::Incomplete;
use crate::sync::object::map::map_page;
use crate::sync::object::sets::{elements_of, map_elements};

/// The objects of a page, or those in the list of one parent.
pub(crate) struct Shown {
    parent: Option<String>,
    objects: Vec<Result<Bytes, Failure>>,
}

impl Shown {
    /// Takes a page apart: of the list of one parent, or of parents in whose lists the objects stand.
    pub(crate) fn of_page(
        objects: Vec<Bytes>,
        mut incomplete: Incomplete,
        (parent, list): (Option<String>, Option<ElementList>),
    ) -> Vec<Self> {
        let objects = objects.into_iter().enumerate();
        let objects = objects.map(|(place, object)| match incomplete.remove(&place) {
            Some(failure) => Err(failure),
            None => Ok(object),
        });
        match list {
            Some(list) => objects.map(|parent| Self::inside(parent, list)).collect(),
            None => vec![Self {
                parent,
                objects: objects.collect(),
            }],
        }
    }

    /// What stands in a list of a parent. A parent whose list is no list fails by its own id.
    fn inside(parent: Result<Bytes, Failure>, list: ElementList) -> Self {
        let found = parent.and_then(|parent| {
            let id = id_of(&parent).unwrap_or_default();
            let text = std::str::from_utf8(&parent).unwrap_or_default();
            let elements = match list::member(text, list.member) {
                None | Some("null") => Ok(Vec::new()),
                Some(json) => elements_of(json, list.member),
            };
            let elements = elements.map_err(|error| Failure::whole(&id, error))?;
            let elements = elements.into_iter();
            let elements = elements.map(|one| Ok(parent.slice_ref(one.as_bytes())));
            Ok((id, elements.collect()))
        });
        match found {
            Ok((id, objects)) => Self {
                parent: Some(id),
                objects,
            },
            Err(failure) => Self {
                parent: Some(failure.id.clone()),
                objects: vec![Err(failure)],
            },
        }
    }

    /// The ids of its objects.
    pub(crate) fn ids(&self) -> impl Iterator<Item = String> {
        self.objects.iter().filter_map(|object| match object {
            Ok(object) => id_of(object),
            Err(failure) => Some(failure.id.clone()),
        })
    }
}

/// Maps what a page shows.
pub(crate) async fn map_shown(
    model: &'static Model,
    shown: Vec<Shown>,
    context: &Context,
) -> Vec<Mapped> {
    let mut mapped = Vec::new();
    for Shown { parent, objects } in shown {
        mapped.extend(match parent {
            Some(parent) => map_elements(model, &parent, objects, context).await,
            None => map_page(model, objects, context).await,
        });
    }
    mapped
}
