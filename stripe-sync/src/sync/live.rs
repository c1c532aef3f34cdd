//! What the drivers have that live events need too.

pub(crate) use super::changes::{OVERLAP, REMEMBERED};
pub(crate) use super::children::ids_of_parent;
pub(crate) use super::page::{Mapped, Page, map};
pub(crate) use super::retrieve::{Reader, retrieve, retrieve_request};
pub(crate) use super::run::bind;
