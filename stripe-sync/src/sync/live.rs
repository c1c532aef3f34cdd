//! What the drivers have that live events need too.

pub(crate) use super::changes::{OVERLAP, REMEMBERED};
pub(crate) use super::children::{children_of, is_told_by};
pub(crate) use super::inline::{complete, is_whole};
pub(crate) use super::page::{Mapped, Page, map};
pub(crate) use super::retrieve::{Reader, Retrieved, retrieve_cut, retrieve_request};
pub(crate) use super::run::bind;
