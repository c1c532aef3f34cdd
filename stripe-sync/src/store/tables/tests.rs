//! Tests of the bookkeeping tables on each enabled database.

pub(crate) mod content;
pub(crate) mod creation;
pub(crate) mod database;
pub(crate) mod shape;
pub(crate) mod upgrade;
pub(crate) mod version1;
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) mod writer;

/// Each test once for a database, in a database of its own that is dropped afterwards.
macro_rules! on_database {
    ($kind:ident $feature:literal $($module:ident::$name:ident)*) => {
        #[cfg(feature = $feature)]
        mod $kind {
            $(
                #[tokio::test]
                async fn $name() {
                    let database = crate::store::tables::tests::database::Database::$kind().await;
                    crate::store::tables::tests::database::run(database, |database| Box::pin(super::$module::$name(database))).await;
                }
            )*
        }
    };
}

/// The tests of every database, and those of one alone.
macro_rules! on_each_database {
    ($all:tt $(+ $kind:ident $feature:literal $own:tt)*) => {
        $(on_each_database!(@ $kind $feature $all $own);)*
    };
    (@ $kind:ident $feature:literal {$($all:tt)*} {$($own:tt)*}) => {
        on_database!($kind $feature $($all)* $($own)*);
    };
}

on_each_database! {
    {
        creation::what_is_created_twice_is_created_once
        creation::nothing_is_missing_behind_the_statements
        creation::only_what_is_missing_is_created
        creation::tables_are_placed_in_a_schema
        creation::two_prefixes_side_by_side
        creation::no_column_needs_quotation_marks
        creation::the_first_rows_are_there
        creation::processes_prepare_at_once
        upgrade::each_row_of_version_0_is_found
        upgrade::an_upgraded_table_is_as_a_new_one
        upgrade::an_upgrade_may_be_stopped_anywhere
        upgrade::an_upgrade_needs_no_live_tables
        upgrade::other_placements_leave_version_0_alone
        upgrade::tables_created_over_version_0_are_refused_and_mended
        upgrade::what_was_added_to_a_version_is_added
        upgrade::a_newer_version_is_refused
        version1::each_event_of_version_1_is_found_once
        version1::tables_that_no_version_speaks_for_are_left_alone
    }
    + sqlite "sqlite" {}
    + postgres "postgres" {
        writer::a_role_without_ddl_takes_tokens
        writer::tokens_only_grow
    }
    + mysql "mysql" {
        writer::a_role_without_ddl_takes_tokens
    }
}
