//! The tables of live events.

use super::{ACCOUNT, ID, LIVEMODE, OBJECT, OBJECT_ID, OBJECT_OF_TABLE, SEQ, TABLE_NAME};
use crate::bookkeeping::table::{Column, Index, Table, Type};

pub(super) const TABLES: &[Table] = &[
    // Stripe's own time of what a row holds, for models that take events' own copies.
    Table::new(
        "content_times",
        OBJECT_OF_TABLE,
        &[
            TABLE_NAME,
            ACCOUNT,
            LIVEMODE,
            ID,
            // Unix seconds of Stripe's clock: events of later seconds are newer. The `Date` of the read's answer and how far
            // clocks may differ, or the second of the event.
            Column::given("stripe_at", Type::Integer),
            // The row's token after that write.
            Column::given("observed_at", Type::Integer),
        ],
    ),
    // Events as they came. One is known by its mode and id, whatever account a process puts it in.
    Table::new(
        "inbox",
        &["livemode", "id"],
        &[
            ACCOUNT,
            LIVEMODE,
            ID,
            // A token: the order in which events came.
            Column::given("seq", Type::Integer),
            // The event's type.
            Column::given("kind", Type::Key),
            // The object whose turn it is when the event is processed; both are empty if nobody wants the event.
            Column::given("object", Type::Key),
            OBJECT_ID,
            // Unix seconds of Stripe's clock.
            Column::given("created", Type::Integer),
            Column::given("received_at", Type::Integer),
            // How it came: 0 delivered, 1 listed or asked for by its id.
            Column::given("source", Type::Integer),
            // 0 pending, 1 done, 2 dead, 3 ignored.
            Column::given("state", Type::Integer),
            Column::zero("done_at"),
            // Why it failed last.
            Column::nullable("reason", Type::Text),
            // The event's JSON.
            Column::given("payload", Type::Text),
            // 0 an event with a snapshot of its object, 1 a thin one.
            Column::zero("form"),
        ],
    )
    .indexed(&[
        Index {
            name: "inbox_of",
            columns: &["account", "livemode", "object", "object_id", "state"],
            // An index of MySQL has 3072 bytes at the most, and each character counts as four.
            beginning: Some(("object", 64)),
        },
        Index {
            name: "inbox_done",
            columns: &["state", "done_at"],
            beginning: None,
        },
    ]),
    // Objects about which there is something to do.
    Table::new(
        "work",
        &["account", "livemode", "object", "object_id"],
        &[
            ACCOUNT,
            LIVEMODE,
            OBJECT,
            OBJECT_ID,
            // What was told of it and is not covered by a read.
            Column::given("notices", Type::Integer),
            // Of when the oldest of them is.
            Column::given("since", Type::Integer),
            Column::given("due_at", Type::Integer),
            // When it was read last.
            Column::zero("read_at"),
            // How often it failed since it last succeeded.
            Column::zero("attempts"),
            // The token of the claim on it, and when that ends.
            Column::zero("token"),
            Column::zero("expires_at"),
            // The token of the last claim that ended.
            Column::zero("ended"),
            Column::unset("given_up"),
        ],
    )
    .indexed(&[Index {
        name: "work_due",
        columns: &["due_at"],
        beginning: None,
    }]),
    // What is to be told after a commit.
    Table::new(
        "outbox",
        &["seq"],
        &[
            SEQ,
            ACCOUNT,
            LIVEMODE,
            // The table that changed, or the type of an event.
            Column::given("subject", Type::Key),
            OBJECT_ID,
            // JSON of the change; empty if it is about an event, which is in the inbox.
            Column::given("body", Type::Text),
            Column::zero("attempts"),
            Column::given("due_at", Type::Integer),
            // The token of the claim on it, and when that ends.
            Column::zero("token"),
            Column::zero("expires_at"),
            // Why it could not be told last.
            Column::nullable("reason", Type::Text),
            // The handler that is to be told; empty if it is not for one alone.
            Column::empty("handler", Type::Key),
            // The object that it is about, whose messages are told in their order; empty in rows of version 0.
            Column::empty("about", Type::Key),
            Column::empty("about_id", Type::Key),
            // When it failed for the last time; 0 if it is still to be told.
            Column::zero("dead_at"),
        ],
    ),
    // Changes of rows, for those who subscribe.
    Table::new(
        "changes",
        &["seq"],
        &[
            SEQ,
            // The order in which it is read, given after the commit; 0 before.
            Column::zero("position"),
            ACCOUNT,
            LIVEMODE,
            TABLE_NAME,
            OBJECT,
            OBJECT_ID,
            // 0 inserted, 1 updated, 2 deleted.
            Column::given("kind", Type::Integer),
            Column::given("changed_at", Type::Integer),
        ],
    )
    .indexed(&[Index {
        name: "changes_at",
        columns: &["position"],
        beginning: None,
    }]),
    // Events that were given to those who follow the list of events by themselves, such as `listen`: of each, those of the last
    // minutes. The row without an id says from when on one follows.
    Table::new(
        "forwarded",
        &["follower", "account", "livemode", "id"],
        &[
            Column::given("follower", Type::Key),
            ACCOUNT,
            LIVEMODE,
            ID,
            // When it happened, in unix seconds of Stripe's clock.
            Column::given("created", Type::Integer),
        ],
    ),
    // How far something was read or given, by name:
    // `followed`: until when listed events were followed, in unix seconds of Stripe's clock;
    // `mirrored`: when every model was mirrored anew, because Stripe had forgotten a part of the list, by Stripe's clock;
    // `changes` (no account, test mode): the last position that a change was given, which begins at 1, so that who has
    // seen nothing yet differs from who wants the oldest;
    // `raised` (no account, test mode): the token up to which the clock was raised, because a row had a token that the
    // clock had not given;
    // `forgotten:` and a table (no account): the last position of its changes that was forgotten.
    Table::new(
        "cursors",
        &["name", "account", "livemode"],
        &[
            Column::given("name", Type::Key),
            ACCOUNT,
            LIVEMODE,
            Column::given("value", Type::Integer),
        ],
    ),
];
