//! Events reach the tables, whatever order they come in: deliveries, handlers, dead letters, and what is listed when none
//! come. Each test runs on each database.

mod absent;
mod catching_up;
mod changes;
mod child;
mod children;
mod clouds;
mod connect;
mod connected;
mod cut_off;
#[path = "../databases/database.rs"]
mod database;
mod deliveries;
mod encoding;
mod every;
mod fairness;
mod filters;
mod forms;
mod handlers;
mod histories;
mod hooked;
mod inline;
#[path = "../databases/lost.rs"]
mod lost;
mod misbehaved;
mod nested;
mod order;
mod owned;
mod owners;
mod platform;
#[path = "../convergence/process.rs"]
mod process;
#[path = "../databases/proxy.rs"]
mod proxy;
mod rollout;
mod service;
mod set_back;
mod sets;
mod signatures;
mod silent;
mod snapshots;
mod soak;
mod starting;
mod stopping;
#[path = "../databases/strange.rs"]
mod strange;
mod undelivered;
mod unreadable;
mod verified;
mod waiting;

/// Each test once for each database.
macro_rules! on_each_database {
    ($($module:ident: $($name:ident)*;)*) => {
        on_each_database!(@ sqlite Sqlite $($($module $name)*)*);
        on_each_database!(@ postgres Postgres $($($module $name)*)*);
        on_each_database!(@ mysql MySql $($($module $name)*)*);
    };
    (@ $database:ident $kind:ident $($module:ident $name:ident)*) => {
        mod $database {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    let service = super::service::Service::start(stripe_sync::DatabaseKind::$kind).await;
                    super::$module::$name(&service).await;
                    service.end().await;
                }
            )*
        }
    };
}

on_each_database! {
    absent:
        an_object_that_cannot_be_read_yet_is_read_again
        an_id_that_comes_again_is_read_again
        a_deletion_that_an_event_tells_of_costs_one_read
        rows_stay_where_nothing_is_found;
    sets:
        an_event_of_a_parent_leaves_its_children_equal
        children_alone_follow_the_events_of_their_parents
        children_alone_are_filled_from_pages_of_their_parents
        children_alone_stay_where_no_parent_is_found;
    deliveries:
        any_order_and_any_number_of_deliveries_end_at_the_truth
        a_delivery_of_three_days_ago_is_only_a_notice
        a_late_update_does_not_bring_a_deleted_object_back
        a_payload_of_another_version_is_not_what_is_written
        an_object_that_was_never_seen_is_inserted
        unknown_events_are_kept_and_answered
        a_burst_about_few_objects_costs_few_reads
        a_burst_costs_few_reads_while_the_service_runs
        an_event_about_a_child_reads_its_parent
        an_event_of_the_other_mode_is_left_alone;
    handlers:
        what_a_handler_writes_happens_once
        a_handler_that_fails_undoes_the_write_and_is_tried_again
        after_a_commit_each_is_delivered
        a_hook_gets_each_change_at_least_once
        an_event_that_fails_for_good_is_a_dead_letter_that_can_be_replayed
        a_request_waits_for_its_event
        old_events_are_purged;
    catching_up:
        without_any_delivery_the_list_of_events_is_enough
        three_days_without_the_service_are_caught_up
        a_gap_of_more_than_thirty_days_is_swept
        a_gap_ends_though_a_model_cannot_be_mirrored
        events_are_fetched_by_id_by_type_and_by_failed_delivery
        a_list_of_events_that_does_not_end_is_an_error_by_name
        an_empty_page_of_events_is_asked_for_again
        a_date_of_another_century_hides_no_event
        a_date_of_another_century_is_not_where_following_begins
        a_date_of_another_century_hides_no_newer_object
        a_date_of_long_ago_does_not_end_later_runs
        a_place_in_the_future_is_a_gap_that_ends;
    every:
        one_event_of_every_type;
    stopping:
        what_a_dropped_service_was_at_is_given_back
        a_service_that_is_told_to_stop_finishes_what_it_is_at
        what_takes_too_long_to_finish_is_given_back
        what_is_slow_holds_nothing_else_up
        a_claim_is_renewed_while_it_is_worked_on;
    unreadable:
        an_unreadable_delivery_is_kept_with_its_bytes
        an_unreadable_event_of_a_batch_leaves_the_others
        an_unreadable_event_of_a_list_leaves_the_others
        a_preview_costs_no_request;
    misbehaved:
        a_run_goes_on
        the_service_goes_on;
    nested:
        events_bring_them_up_to_date
        thin_events_name_the_parent_in_their_path
        lists_and_events_agree_whose_they_are
        a_row_goes_only_if_its_parent_answers
        a_summary_brings_a_customers_entitlements
        what_cannot_be_read_is_not_retried;
    inline:
        an_event_that_carries_ten_items_brings_all
        an_item_that_was_removed_leaves_the_row;
    children:
        an_event_of_a_parent_brings_its_children
        an_event_of_a_parent_that_is_not_mirrored_brings_its_children
        an_event_of_a_parent_without_child_models_costs_one_read
        a_child_that_fails_for_good_is_remembered;
    snapshots:
        changes_of_later_seconds_cost_no_read
        what_may_be_older_than_the_row_is_read
        an_event_of_a_clock_that_is_ahead_is_read
        a_date_that_cannot_be_is_not_compared
        a_row_that_others_wrote_is_read
        a_copy_of_what_was_deleted_is_not_written
        a_copy_that_is_not_whole_or_of_another_form_is_read
        a_copy_in_another_version_or_without_the_object_is_read
        a_replay_reads_the_object
        a_copy_that_lay_in_the_inbox_for_long_is_not_taken
        who_waits_for_an_object_gets_a_read
        models_of_one_resource_share_a_read;
    changes:
        a_subscriber_gets_each_change
        a_subscription_goes_on_from_its_position
        a_change_that_commits_late_is_delivered
        many_get_all_in_the_order_of_each_object
        a_subscriber_that_comes_too_late_gets_an_error
        a_subscriber_of_a_newer_database_gets_an_error
        changes_that_are_not_recorded_have_no_subscribers;
    filters:
        rows_leave_and_come_back
        an_events_own_copy_says_so_too
        only_the_list_brings_rows_in
        a_service_with_another_filter_is_refused;
    hooked:
        a_sync_hook_decides_what_has_changed;
    waiting:
        an_object_is_in_its_table_after_it_was_waited_for
        all_who_wait_share_a_read_with_the_events
        who_waits_does_not_wait_for_quiet
        a_read_that_had_begun_is_not_what_is_waited_for
        a_failure_is_told_to_who_waits
        a_failure_that_had_begun_does_not_put_off_who_waits
        what_cannot_be_waited_for_is_an_error_at_once
        an_object_of_a_connected_account_is_waited_for;
    rollout:
        a_process_leaves_objects_to_those_that_mirror_them
        what_an_older_process_ignored_is_found_in_the_list
        what_nobody_mirrors_any_more_becomes_a_dead_letter
        an_event_that_two_versions_put_elsewhere_is_one;
    signatures:
        what_is_not_signed_right_is_refused_unread
        both_secrets_of_a_roll_are_taken
        cloud_deliveries_come_another_way;
    connect:
        one_id_in_three_accounts_is_three_rows
        a_burst_and_a_late_event_cost_few_reads_in_each_account
        a_model_without_an_account_field_is_refused
        a_thin_event_of_an_organization_is_read_as_its_account
        a_connected_account_of_the_other_mode_is_left_alone
        the_rest_of_a_list_is_read_as_the_account
        handlers_see_the_account_and_a_replay_keeps_it;
    connected:
        a_lost_delivery_of_a_connected_account_is_caught_up
        an_account_that_was_disconnected_does_not_stop_the_others
        an_account_that_was_named_is_followed
        accounts_whose_events_nobody_takes_are_not_followed
        a_gap_of_a_connected_account_is_swept_as_that_account
        the_service_follows_connected_accounts;
    fairness:
        a_flood_of_one_account_is_passed_by_anothers_event;
    owners:
        children_are_read_as_the_account
        an_account_is_an_object_of_its_platform;
    owned:
        events_of_a_second_resource_change_nothing
        events_of_another_accounts_key_change_nothing
        rows_of_a_dump_are_written_by_events;
    clouds:
        a_trusted_sender_delivers_and_nobody_else;
    silent:
        deliveries_are_answered_when_the_database_falls_silent
        a_silent_line_costs_the_pool_no_connection;
    cut_off:
        what_a_lost_answer_had_done_happens_once;
    forms:
        a_change_that_comes_in_both_forms_is_handled_once
        a_type_of_one_form_is_delivered_in_it
        events_that_come_in_the_other_form_alone_are_counted;
    set_back:
        work_of_a_clock_that_was_set_back_is_done
        pauses_and_claims_that_can_be_are_kept
        a_message_of_a_clock_that_was_set_back_is_delivered;
    order:
        a_handler_that_fails_gets_its_object_in_order
        so_is_one_of_an_object_that_nobody_mirrors
        hooks_and_handlers_of_one_object_are_in_one_order
        what_a_process_cannot_deliver_holds_nothing_back
        what_failed_for_the_last_time_holds_nothing_back;
    verified:
        nothing_is_drift_that_is_only_late;
    undelivered:
        what_a_process_cannot_deliver_is_left_to_those_that_can
        what_fails_waits_and_is_counted
        what_nobody_can_deliver_is_purged_with_dead_letters;
}
