//! A page of a list, taken apart without reading its objects.

use bytes::Bytes;
use serde::de::Error;

use crate::client::Response;
use crate::object::list;
use crate::sync::error::SyncError;

/// A list page with the bytes of its objects.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) objects: Vec<Bytes>,
    pub(crate) has_more: bool,
    /// How many objects the whole list has, where it says so.
    pub(crate) total_count: Option<usize>,
}

impl Page {
    /// Splits the page that a list answered, without reading the objects.
    ///
    /// # Errors
    /// When it is not a list page.
    pub(crate) fn of(path: &str, response: &Response) -> Result<Self, SyncError> {
        let body = &response.body;
        let text = std::str::from_utf8(body).map_err(serde_json::Error::custom);
        let list = text.and_then(list::list);
        let list = list.map_err(|error| SyncError::page(path, &error, response))?;
        let objects = list.objects.iter();
        Ok(Self {
            objects: objects
                .map(|object| body.slice_ref(object.as_bytes()))
                .collect(),
            has_more: list.has_more,
            total_count: list.total_count,
        })
    }

    /// The ids of its objects.
    pub(crate) fn ids(&self) -> impl DoubleEndedIterator<Item = String> {
        self.objects.iter().filter_map(|object| id_of(object))
    }
}

/// The id of an object, without reading the rest.
pub(crate) fn id_of(object: &[u8]) -> Option<String> {
    list::id(std::str::from_utf8(object).ok()?)
}
