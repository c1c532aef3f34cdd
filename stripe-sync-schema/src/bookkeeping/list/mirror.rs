//! The tables that each mirror has, and those about the tables themselves.

use super::{
    ACCOUNT, CLOCK, ID, LIVEMODE, OBJECT_ID, OBJECT_OF_TABLE, SEQ, TABLE_NAME, VERSION_TABLE,
};
use crate::bookkeeping::table::{Column, Index, Table, Type};

/// The key of a mirrored table, account and mode.
const SCOPE: &[&str] = &["table_name", "account", "livemode"];

pub(super) const TABLES: &[Table] = &[
    // The version of the tables.
    Table::new(
        VERSION_TABLE,
        &["one"],
        &[Column::one(), Column::given("version", Type::Integer)],
    ),
    // The counter of tokens, with the one that was given last. On PostgreSQL a sequence, for which nobody waits.
    Table::new(
        CLOCK,
        &["one"],
        &[Column::one(), Column::given("token", Type::Integer)],
    ),
    // What each mirrored table is bound to, and how far the run over its lists is.
    Table::new(
        "tables",
        SCOPE,
        &[
            TABLE_NAME,
            ACCOUNT,
            LIVEMODE,
            // Stripe's name of the resource; empty where it is unknown.
            Column::empty("resource", Type::Object),
            // The filter of the lists, if there is one.
            Column::nullable("filter", Type::Text),
            // Whether it is bound: a transaction that wrote rows was committed. A run that has written nothing yet has its
            // row here, too.
            Column::unset("bound"),
            // The token of the newest run; 0 if there was none.
            Column::zero("run"),
            // The form of what these columns say. A run of another form is not resumed.
            Column::zero("format"),
            // Of the mapping, the lists and the settings: a run with another identity is not resumed.
            Column::zero("identity"),
            // What the run expands in its lists.
            Column::nullable("expand", Type::Text),
            // What the run does next, as a number.
            Column::zero("phase"),
            // The newest moment, in unix seconds of Stripe's clock, that was before the run's first page.
            Column::nullable("watermark", Type::Integer),
            // The watermark of the newest run that ended.
            Column::nullable("finished_watermark", Type::Integer),
            // The token of the process that does what comes after the lists; 0 if nobody does.
            Column::zero("finalizer"),
            // Until when the word of a process that waits for work holds.
            Column::zero("waiting_until"),
            // When the finalizer's lease ends.
            Column::zero("expires_at"),
            // When the last verification ended, and what it found in short, as JSON.
            Column::nullable("verified_at", Type::Integer),
            Column::nullable("verification", Type::Text),
        ],
    ),
    // The locks under which freshness is decided, one row for each mirrored table, account and mode, and one
    // without an account for whoever binds a table. Unlogged: every list page writes here, and would otherwise wait for
    // the disk when it changed nothing. A crash of the server empties it, which is as if every lease had ended and every
    // row had been compared this moment.
    Table::new(
        "locks",
        SCOPE,
        &[
            TABLE_NAME,
            ACCOUNT,
            LIVEMODE,
            // The token of the newest list page that left unchanged rows alone.
            Column::given("compared_at", Type::Integer),
            // Whether any object is known to be deleted without a row.
            Column::given("tombstones", Type::Boolean),
            // The token of the newest run; 0 if there was none.
            Column::zero("run"),
            // The token of the newest read that found an object outside the filter and without a row.
            Column::zero("left_at"),
            // The token of the newest run of a parent's model whose pages left unchanged rows alone; 0 if there was none.
            Column::zero("pages_run"),
            // The token of the newest read of a parent's list: what has no row may be absent from it.
            Column::zero("sets_at"),
            // A hash of the resource and the filter that the table is bound to; 0 if nobody has looked at `tables` since
            // this row was made.
            Column::zero("bound_to"),
        ],
    )
    .unlogged(),
    // What of a run's lists is read, and by whom.
    Table::new(
        "slices",
        &["table_name", "account", "livemode", "slice"],
        &[
            TABLE_NAME,
            ACCOUNT,
            LIVEMODE,
            // Its number among the run's slices.
            Column::given("slice", Type::Integer),
            // Which of the model's lists it is.
            Column::given("list", Type::Integer),
            // The `created[lt]` that its cursors are born with, in unix seconds.
            Column::nullable("until", Type::Integer),
            // Objects that are older, in unix seconds, belong to another slice.
            Column::nullable("stop", Type::Integer),
            // The cursors, as JSON, the newest last.
            Column::given("cursors", Type::Text),
            // `created` of the oldest object that was read.
            Column::nullable("position", Type::Integer),
            // Whether it is read to its end.
            Column::unset("done"),
            // Pages and objects that were read.
            Column::zero("pages"),
            Column::zero("seen"),
            // The token of the process that reads it, 0 if nobody does; its name, and when its lease ends.
            Column::zero("owner"),
            Column::empty("holder", Type::Key),
            Column::zero("expires_at"),
        ],
    ),
    // What a run's lists showed, as hashes of ids. A crash of a PostgreSQL server may empty it, which the counts in
    // `slices` tell.
    Table::new(
        "listed",
        &["table_name", "account", "livemode", "batch"],
        &[
            TABLE_NAME,
            ACCOUNT,
            LIVEMODE,
            // A token: one batch for each transaction.
            Column::given("batch", Type::Integer),
            // Eight bytes for each id, the lowest first.
            Column::given("hashes", Type::Bytes),
        ],
    )
    .unlogged(),
    // Objects that were found outside the filter and have no row, as hashes of their ids: an older read inserts none.
    Table::new(
        "outside",
        &["table_name", "account", "livemode", "hash"],
        &[
            TABLE_NAME,
            ACCOUNT,
            LIVEMODE,
            Column::given("hash", Type::Integer),
            // The token of the newest read that found one of them so.
            Column::given("token", Type::Integer),
        ],
    ),
    // What is known of objects besides their rows.
    Table::new(
        "objects",
        OBJECT_OF_TABLE,
        &[
            TABLE_NAME,
            ACCOUNT,
            LIVEMODE,
            ID,
            // The token at which it was seen as deleted, where no row can say so.
            Column::nullable("deleted_token", Type::Integer),
            // Whether Stripe has it, and no list shows it.
            Column::unset("unlisted"),
            // The column to blame for its failure, if there is one, and why and when it failed last; all are null if it
            // did not fail since it last succeeded.
            Column::nullable("failed_column", Type::Key),
            Column::nullable("failed_reason", Type::Text),
            Column::nullable("failed_at", Type::Integer),
            // When it was erased.
            Column::nullable("erased_at", Type::Integer),
            // The table again if it failed: MariaDB would look for those that failed among all of the table.
            Column::computed(
                "failed_table",
                Type::TableName,
                ["CASE WHEN failed_at IS NOT NULL THEN table_name END"; 3],
            ),
        ],
    )
    .indexed(&[Index {
        name: "failures",
        columns: &["failed_table", "account", "livemode", "id"],
        beginning: None,
    }]),
    // Which parent's list showed an object, where the object does not name its parent.
    Table::new(
        "children",
        OBJECT_OF_TABLE,
        &[
            TABLE_NAME,
            ACCOUNT,
            LIVEMODE,
            ID,
            Column::given("parent", Type::Key),
        ],
    )
    .indexed(&[Index {
        name: "children_of",
        columns: &["account", "livemode", "parent"],
        beginning: None,
    }]),
    // Who uses an account's rate at this moment. Unlogged: whoever lives takes a share again when it renews.
    Table::new(
        "shares",
        &["account", "livemode", "process"],
        &[
            ACCOUNT,
            LIVEMODE,
            // A name that no other client has.
            Column::given("process", Type::ShortText),
            // When the share ends unless it is renewed.
            Column::given("expires_at", Type::Integer),
        ],
    )
    .unlogged(),
    // The newest verifications of each mirrored table, account and mode, and the one that is under way.
    Table::new(
        "verifications",
        &["table_name", "account", "livemode", "token"],
        &[
            TABLE_NAME,
            ACCOUNT,
            LIVEMODE,
            // A token: of two verifications of a table, the later one has the larger.
            Column::given("token", Type::Integer),
            Column::given("started_at", Type::Integer),
            // Null while it is under way. Where its process died, nobody sets it, and the next verification takes the row
            // away once the lease has ended.
            Column::nullable("ended_at", Type::Integer),
            // When the lease of its process ends, if it is not renewed.
            Column::given("expires_at", Type::Integer),
            // What is compared, as a word, and the whole of what was asked, as JSON.
            Column::given("kind", Type::ShortText),
            Column::given("options", Type::Text),
            // Whether nothing is left that is known to be wrong, in the table and those of its children.
            Column::nullable("is_equal", Type::Boolean),
            // The rows and objects of the table.
            Column::zero("equal"),
            Column::zero("differing"),
            Column::zero("missing"),
            Column::zero("extra"),
            Column::zero("outside"),
            Column::zero("failed"),
            Column::zero("not_comparable"),
            Column::zero("unsettled"),
            Column::zero("fixed"),
            // The rows of all its children that differed, were missing or superfluous.
            Column::zero("children_drifted"),
            // Requests to Stripe.
            Column::zero("requests"),
            // All of what was found, as JSON.
            Column::nullable("report", Type::Text),
        ],
    ),
    // What operators did.
    Table::new(
        "actions",
        &["seq"],
        &[
            SEQ,
            Column::given("at", Type::Integer),
            // What was done.
            Column::given("kind", Type::ShortText),
            TABLE_NAME,
            ACCOUNT,
            LIVEMODE,
            // The object that it was done to; empty if to a table.
            OBJECT_ID,
            // Who did it.
            Column::given("actor", Type::Text),
            Column::given("detail", Type::Text),
        ],
    ),
];
