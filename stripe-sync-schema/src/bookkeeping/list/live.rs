//! The tables of live events.

use super::{ACCOUNT, ID, LIVEMODE, OBJECT, OBJECT_ID, OBJECT_OF_TABLE, SEQ, TABLE_NAME};
use crate::bookkeeping::table::{Column, Index, Table, Type};

/// When something is due and nobody has it.
const FREE_AT: [&str; 3] = [
    "max(due_at, expires_at)",
    "GREATEST(due_at, expires_at)",
    "GREATEST(due_at, expires_at)",
];

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
    // Events as they were received. One is known by its mode and id, whatever account a process puts it in.
    Table::new(
        "inbox",
        &["livemode", "id"],
        &[
            ACCOUNT,
            LIVEMODE,
            ID,
            // A token: the order in which events were received.
            Column::given("seq", Type::Integer),
            // The event's type.
            Column::given("kind", Type::Key),
            // The object whose turn it is when the event is processed; both are empty if nobody wants the event.
            Column::given("object", Type::Key),
            OBJECT_ID,
            // Unix seconds of Stripe's clock.
            Column::given("created", Type::Integer),
            Column::given("received_at", Type::Integer),
            // How it was received: 0 delivered, 1 listed or asked for by its id.
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
            name: "inbox_object",
            columns: &["account", "livemode", "object", "object_id", "state"],
            // An index of MySQL has 3072 bytes at the most, and each character counts as four.
            beginning: Some(("object", 64)),
        },
        // What is listed, and what is forgotten. The mode is not its first column: SQLite would take it for the key.
        Index {
            name: "inbox_states",
            columns: &["state", "livemode", "created", "id"],
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
            // Events about it that no read covers yet.
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
            // Those that wait in one line: of one mode, resource and account. The mode alone where nothing is to be done.
            Column::computed(
                "lane",
                Type::Lane,
                [
                    "CASE WHEN livemode THEN 'live' ELSE 'test' END || CASE WHEN notices = 0 THEN '' ELSE ' ' || object || ' ' || account END",
                    "CASE WHEN livemode THEN 'live' ELSE 'test' END || CASE WHEN notices = 0 THEN '' ELSE ' ' || object || ' ' || account END",
                    "CONCAT(CASE WHEN livemode THEN 'live' ELSE 'test' END, CASE WHEN notices = 0 THEN '' ELSE CONCAT(' ', object, ' ', account) END)",
                ],
            ),
            // When it is due and nobody has it.
            Column::computed("free_at", Type::Integer, FREE_AT),
        ],
    )
    .indexed(&[Index {
        name: "work_lanes",
        columns: &["lane", "free_at"],
        beginning: None,
    }]),
    // What is to be delivered after a commit.
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
            // Why the last delivery failed.
            Column::nullable("reason", Type::Text),
            // The handler that it is for; empty if it is not for one alone.
            Column::empty("handler", Type::Key),
            // The object that it is about, whose messages are delivered in their order; empty in rows of version 0.
            Column::empty("about", Type::Key),
            Column::empty("about_id", Type::Key),
            // When it failed for the last time; 0 if it is still to be delivered.
            Column::zero("dead_at"),
            // Whether it waits for an earlier one about its object, and whether a later one waits for it.
            Column::unset("held").added(),
            Column::unset("holds").added(),
            // Those that wait in one line: of one mode, subject and account. The mode alone if it failed for the last time, and
            // behind a word if it is held.
            Column::computed(
                "lane",
                Type::Lane,
                [
                    "CASE WHEN held AND dead_at = 0 THEN 'held ' ELSE '' END || CASE WHEN livemode THEN 'live' ELSE 'test' END || \
                     CASE WHEN held OR dead_at > 0 THEN '' WHEN body = '' THEN ' event ' || subject || ' ' || account \
                     ELSE ' table ' || subject || ' ' || account END",
                    "CASE WHEN held AND dead_at = 0 THEN 'held ' ELSE '' END || CASE WHEN livemode THEN 'live' ELSE 'test' END || \
                     CASE WHEN held OR dead_at > 0 THEN '' WHEN body = '' THEN ' event ' || subject || ' ' || account \
                     ELSE ' table ' || subject || ' ' || account END",
                    "CONCAT(CASE WHEN held AND dead_at = 0 THEN 'held ' ELSE '' END, CASE WHEN livemode THEN 'live' ELSE 'test' END, \
                     CASE WHEN held OR dead_at > 0 THEN '' WHEN body = '' THEN CONCAT(' event ', subject, ' ', account) \
                     ELSE CONCAT(' table ', subject, ' ', account) END)",
                ],
            ),
            // When it is due and nobody has it.
            Column::computed("free_at", Type::Integer, FREE_AT),
        ],
    )
    .indexed(&[
        Index {
            name: "outbox_lanes",
            columns: &["lane", "free_at"],
            beginning: None,
        },
        // The messages about one object, in their order.
        Index {
            name: "outbox_about",
            // Without the account: an index of MySQL has 3072 bytes at the most.
            columns: &["about_id", "about", "livemode", "dead_at", "seq"],
            beginning: None,
        },
        // Whether an event is still to be delivered.
        Index {
            name: "outbox_event",
            columns: &["object_id"],
            beginning: None,
        },
    ]),
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
    .indexed(&[
        // Those that have no position yet.
        Index {
            name: "changes_seq",
            columns: &["position", "seq"],
            beginning: None,
        },
        Index {
            name: "changes_mode",
            columns: &["livemode", "position"],
            beginning: None,
        },
    ]),
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
    // `mirrored`: when every model was mirrored again, because Stripe had forgotten a part of the list, by Stripe's clock;
    // `delivered`: when the newest event happened that was delivered, to a minute, by Stripe's clock;
    // `verified`: the moment of the last night whose verification has ended, by the clock of the process that verified;
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
