//! The children of one parent, by its list of them.

use crate::model::Model;

use super::SyncError;
use super::page::{Page, id_of};
use super::reading::again;
use super::recipes::of_parent;
use super::retrieve::{Reader, resource};

/// The ids of a model's objects that a parent lists; none if the parent is gone.
///
/// # Errors
/// When Stripe refuses or cannot be reached, or answers something that is not a page.
pub(crate) async fn ids_of_parent(
    reader: Reader<'_>,
    model: &'static Model,
    parent: &str,
    id: &str,
) -> Result<Vec<String>, SyncError> {
    let mut found = Vec::new();
    let lists =
        resource(model).map(|resource| of_parent(resource, model.parts.filters, parent, id));
    for mut list in lists.unwrap_or_default() {
        loop {
            let response = match reader.get(list.request()).await {
                Ok(response) => response,
                Err(error) if error.missing_param() == Some("starting_after") => {
                    list.step_back();
                    again(&list)?;
                    continue;
                }
                Err(error) if error.is_missing() => break,
                Err(error) => return Err(error.into()),
            };
            let page = Page::split(&response.body).map_err(|error| SyncError::Page {
                path: list.path.clone(),
                reason: error.to_string(),
                request_id: response.request_id.clone(),
            })?;
            let ids: Vec<String> = page.objects.iter().filter_map(|json| id_of(json)).collect();
            if !page.has_more {
                found.extend(ids);
                break;
            }
            if ids.is_empty() {
                list.step_back();
                again(&list)?;
            } else {
                list.advance(ids.iter().cloned());
                found.extend(ids);
            }
        }
    }
    Ok(found)
}
