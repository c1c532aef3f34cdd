//! Stripe's resources and field trees, and the SQL text of a mirrored table and of the bookkeeping tables.
//!
//! Pure facts and text: no input or output, no database driver, no syntax tree.
//!
//! The facts are generated text files that are compiled in; `data/generate.py` writes them. A lookup reads only the
//! block of the object it is about, so the first one costs microseconds.

mod blocks;
pub mod bookkeeping;
pub mod catalogue;
pub mod fields;
mod mode;
mod rate_limit;
pub mod sql;
mod suggest;
pub mod table;

pub use catalogue::{
    DeletedForm, Embedded, Filter, FilterForm, FilterSort, List, Recipe, Resource,
};
pub use fields::{Field, Kind, PathError, Resolved, Step};
pub use mode::Mode;
pub use rate_limit::RateLimitReason;
pub use suggest::nearest;

/// The version of Stripe's API that the facts describe, such as `2026-10-28.endive`: the value for `Stripe-Version`.
#[must_use]
pub fn api_version() -> &'static str {
    blocks::version(fields::DATA)
}

#[cfg(test)]
mod tests {
    use super::{api_version, blocks, catalogue, fields};

    #[test]
    fn both_files_are_of_one_version() {
        assert_eq!(api_version(), blocks::version(catalogue::DATA));
        let (date, name) = api_version().split_once('.').unwrap();
        assert_eq!(date.len(), "2026-10-28".len());
        assert!(!name.is_empty());
        assert!(fields::DATA.len() < 300_000);
    }
}
