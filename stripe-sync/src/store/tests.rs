//! One suite that runs on every enabled database. A test that cannot reach its database fails.
//!
//! `STRIPE_SYNC_TEST_POSTGRES` and `STRIPE_SYNC_TEST_MYSQL` name other servers than those on the loopback interface.

pub(crate) mod backfill;
pub(crate) mod check;
pub(crate) mod db;
#[cfg(feature = "live")]
pub(crate) mod events;
pub(crate) mod matrix;
pub(crate) mod mends;
pub(crate) mod models;
pub(crate) mod rows;
pub(crate) mod verifications;
pub(crate) mod world;

use backfill::{runs, shares};
use db::{contention, doors};
use rows::{attributed, changes, deletions, freshness, keys, refusals, unasked, values};

/// Each test once for each database, in a database of its own that is dropped afterwards.
macro_rules! on_each_database {
    ($($module:ident: $($name:ident)*;)*) => {
        on_each_database!(@ sqlite "sqlite" $($($module $name)*)*);
        on_each_database!(@ postgres "postgres" $($($module $name)*)*);
        on_each_database!(@ mysql "mysql" $($($module $name)*)*);
    };
    (@ $database:ident $feature:literal $($module:ident $name:ident)*) => {
        #[cfg(feature = $feature)]
        mod $database {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    let world = crate::store::tests::world::World::$database().await;
                    crate::store::tests::world::run(world, |world| Box::pin(super::$module::$name(world))).await;
                }
            )*
        }
    };
}

on_each_database! {
    matrix:
        what_comes_back_is_what_was_sent;
    values:
        null_absent_and_present_differ
        a_decimal_keeps_twelve_places
        every_type_comes_back
        a_second_identical_write_writes_nothing
        fresh_does_not_trust_the_hash
        local_columns_are_left_alone
        a_big_batch_is_written_whole
        the_time_of_a_write_is_kept;
    unasked:
        every_type_comes_back_unasked
        rows_that_exist_after_all_are_compared
        a_row_that_is_refused_unasked_fails_alone
        a_table_of_other_types_takes_rows_unasked;
    freshness:
        an_older_read_is_read_again
        only_single_reads_raise_what_they_find_unchanged
        a_single_read_that_began_before_a_page_is_read_again
        a_lost_row_of_the_page_counts_as_compared_now
        tokens_only_grow
        an_unversioned_table_takes_everything;
    deletions:
        a_soft_deletion_marks_and_a_newer_read_takes_it_back
        a_hard_deletion_leaves_a_tombstone
        an_object_that_was_never_seen_can_be_deleted
        an_insert_behind_a_delete_sees_its_tombstone
        a_deletion_that_is_too_old_is_read_again;
    refusals:
        a_row_that_breaks_a_check_is_named_with_its_column
        a_null_where_none_may_be_is_named_with_its_column
        a_second_unique_key_is_never_overwritten
        a_foreign_key_refuses_one_row
        text_with_nul_ends_as_the_row_s_failure
        a_value_too_wide_is_named_with_its_column
        a_session_that_cuts_values_is_refused
        failures_are_remembered_and_forgotten
        many_bad_rows_are_all_found;
    attributed:
        a_constraint_of_any_name_is_that_of_its_column
        a_trigger_s_message_keeps_no_value
        a_value_that_no_cast_takes_names_its_column;
    keys:
        of_two_equal_ids_the_last_counts
        ids_that_differ_only_in_case_are_two
        one_id_in_two_accounts_and_both_modes
        a_table_is_bound_to_one_account_and_mode
        a_table_in_a_schema_of_its_own
        a_table_with_an_id_of_its_own;
    contention:
        a_deadlock_is_replayed
        a_lock_that_is_let_go_is_waited_for
        a_lock_that_is_never_let_go_is_an_error
        many_writers_end_with_the_newest
        many_processes_prepare_and_bind_at_once;
    runs:
        a_run_goes_on_where_its_pages_left_it
        another_process_takes_part_and_nobody_s_slice_is_taken
        a_run_with_other_settings_does_not_join
        one_process_closes_a_run_when_all_is_read
        what_a_run_did_not_see_is_found;
    shares:
        each_client_counts_once_in_its_account_and_mode
        who_stops_renewing_is_forgotten
        many_join_and_leave_at_once
        processes_halve_the_rate_and_restore_it
        a_process_that_dies_stops_counting;
    changes:
        changes_hold_the_local_columns
        a_sync_hook_writes_in_a_savepoint
        a_sync_hook_runs_for_unchanged_objects_too;
    doors:
        a_connection_goes_back_when_its_work_ends
        a_panic_undoes_its_work_and_closes_the_connection
        a_future_that_is_dropped_undoes_its_work
        work_is_done_again_when_its_connection_breaks
        a_row_of_another_type_is_an_error;
    check:
        a_new_table_fits
        every_difference_is_said_and_mended
        a_table_of_narrower_types_fits
        columns_that_cannot_hold_a_kind_are_refused
        a_currency_needs_three_letters
        a_mended_column_holds_what_it_held
        numbers_of_an_earlier_version_become_texts;
    mends:
        each_mend_runs_on_a_table_with_rows
        where_no_statement_runs_there_are_words;
    verifications:
        who_verify_at_once_verify_once
        what_does_not_cover_is_waited_for_and_made
        one_that_was_killed_is_made_by_the_next
        one_that_is_dropped_is_given_back
        one_that_fails_is_made_by_who_waits
        who_lost_the_lease_stops_and_waits
        one_that_ended_not_before_a_moment_is_enough
        the_newest_are_kept
        one_that_ends_late_is_not_the_last;
}

#[cfg(feature = "live")]
mod live {
    use super::events::{lanes, plans, positions};

    on_each_database! {
        lanes:
            a_flood_of_one_account_is_passed
            many_accounts_have_their_turns
            a_resource_that_is_not_known_is_left
            messages_of_one_object_are_delivered_in_their_order
            many_deliver_in_order;
        plans:
            every_statement_of_the_service_finds_its_rows;
        positions:
            whoever_reads_by_position_misses_no_change;
    }
}
