//! What is offered: quotes, payment links and schedules, with the rows of what is sold.

pub(crate) mod item;
pub(crate) mod link;
pub(crate) mod quote;
pub(crate) mod schedule;
