//! Stripe's resources and field trees, and the SQL text of a mirrored table.
//!
//! Pure facts and text: no input or output, no database driver, no syntax tree.

pub mod sql;
pub mod table;
