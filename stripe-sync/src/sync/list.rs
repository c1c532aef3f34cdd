//! Lists of Stripe: which of them show a resource, and how one is read page by page.

pub(crate) mod endless;
pub(crate) mod events;
pub(crate) mod expand;
mod inside_parents;
pub(crate) mod newest_event;
pub(crate) mod page;
pub(crate) mod pager;
pub(crate) mod plan;
pub(crate) mod reader;
pub(crate) mod step;
pub(crate) mod warnings;

pub(crate) use events::{EVENTS, OVERLAP, REMEMBERED};
pub(crate) use page::Page;
pub(crate) use pager::{ListTarget, Pager, Query};
pub(crate) use reader::Reader;
pub(crate) use warnings::Warnings;
