//! `#[stripe(...)]` as the user wrote it: each attribute in its form and at most once.

mod container;
mod field;
mod foreign;
mod index;
mod items;
mod parameter;
mod slot;
mod value;
mod with;

pub(crate) use container::ContainerAttrs;
pub(crate) use field::FieldAttrs;
pub(crate) use index::Name;
pub(crate) use parameter::Parameter;
