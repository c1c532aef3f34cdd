//! What a call returns for people to read can be printed.

use std::fmt::Display;

use stripe_sync::client::MeterSnapshot;
use stripe_sync::live::{
    CatchUpReport, ChangeKind, ChangePosition, EventState, InboxCounts, InboxEvent, ProcessStats,
    RowChange, Source, WaitOutcome,
};
use stripe_sync::webhook::{EndpointStatus, Event, EventForm, EventType, WebhookEndpoint};
use stripe_sync::{
    BackfillPhase, BackfillStatus, Bottleneck, DatabaseKind, Difference, DifferenceKind, FailedRow,
    Failure, IdOutcome, IdsReport, MapError, ModelStatus, Outcome, PendingStatements, Plan, Report,
    TableName,
};

fn printed<T: Display>() {}

#[test]
fn every_report_is_printed() {
    macro_rules! each {
        ($($report:ty),* $(,)?) => { $(printed::<$report>();)* };
    }
    each! {
        BackfillPhase, BackfillStatus, Bottleneck, CatchUpReport, ChangeKind, ChangePosition, DatabaseKind,
        Difference, DifferenceKind, EndpointStatus, Event, EventForm, EventState, EventType, FailedRow, Failure,
        IdOutcome, IdsReport, InboxCounts, InboxEvent, MapError, MeterSnapshot, ModelStatus, Outcome,
        PendingStatements, Plan, ProcessStats, Report, RowChange, Source, TableName, WaitOutcome, WebhookEndpoint,
    }
}

#[test]
fn the_words_are_those_of_people() {
    for (printed, words) in [
        (IdOutcome::OutsideFilter.to_string(), "outside the filter"),
        (format!("{:>9}", IdOutcome::Inserted), " inserted"),
        (Outcome::Unchanged.to_string(), "unchanged"),
        (DifferenceKind::WrongType.to_string(), "wrong type"),
        (WaitOutcome::TimedOut.to_string(), "timed out"),
        (ChangeKind::LeftFilter.to_string(), "left the filter"),
        (EventState::Dead.to_string(), "dead"),
        (BackfillPhase::Lists.to_string(), "lists"),
        (
            InboxCounts::default().to_string(),
            "0 events waiting for 0 s, 0 done, 0 dead, 0 ignored; 0 to be delivered, 0 never delivered",
        ),
        (PendingStatements::default().to_string(), ""),
    ] {
        assert_eq!(printed, words);
    }
}
