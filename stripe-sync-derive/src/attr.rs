//! `#[stripe(...)]` as the user wrote it: each attribute in its form and at most once.

mod container;
mod field;
mod items;
mod slot;
mod value;

pub(crate) use container::{ContainerAttrs, Parameter};
pub(crate) use field::FieldAttrs;
