//! What is stored: objects by account, mode and name, in list order, with the values that lists filter by.

pub(crate) mod collection;
pub(crate) mod currency;
pub(crate) mod difference;
pub(crate) mod index;
pub(crate) mod inline_lists;
pub(crate) mod on_request;
pub(crate) mod partition;
pub(crate) mod render;
pub(crate) mod unlisted;
