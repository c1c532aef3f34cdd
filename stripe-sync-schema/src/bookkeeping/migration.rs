//! From older versions to this one.
//!
//! Version 0 had no table that says so, other names for most of its tables, and no placement besides the default one. Version 1 had
//! another name and key for the inbox. Each
//! statement follows from a table that is still there, so the migration may be stopped anywhere and begun again, which
//! MySQL needs, where each statement that creates or drops a table commits. Processes of the older version have to be
//! stopped first: their tables go. On PostgreSQL what they write is waited for, and nothing of it is lost.

use super::look::Found;
use super::{Bookkeeping, Placement, tables};
use crate::sql::Database;

/// The tables of version 0 that this version has not, in the order in which they go: where the bindings are still there, so
/// are the checkpoints.
const OLD: &[&str] = &[
    "bindings",
    "checkpoints",
    "walks",
    "seen",
    "tombstones",
    "failed",
    "unlisted",
    "dates",
    "positions",
    "followed",
    "events",
];

/// The table of version 1 that this version has not.
const OLD_INBOX: &str = "events";

/// The columns that name a table, account and mode, and those that name an object of it.
const SCOPE: &str = "table_name, account, livemode";
const OBJECT: &str = "table_name, account, livemode, id";

/// The columns of an event besides its key.
const EVENT: &str = "account, seq, kind, object, object_id, created, received_at, source, state, done_at, reason, payload";
/// Which of the rows of one event is kept: older versions had one for each account that a process put it in. What is done is not
/// done once more, and what waits is not forgotten.
const FIRST_OF_EVENT: &str =
    " ORDER BY CASE state WHEN 1 THEN 0 WHEN 0 THEN 1 ELSE state END, seq, account";

/// Columns that tables of older versions gained.
const GAINED: &[(&str, &str)] = &[
    ("outbox", "handler"),
    ("outbox", "about"),
    ("outbox", "about_id"),
    ("outbox", "dead_at"),
];

impl Bookkeeping<'_> {
    /// The tables that any older version may have left, without their prefix.
    pub(super) fn old_tables(self) -> impl Iterator<Item = &'static str> {
        let old = match *self.placement == Placement::default() {
            true => OLD,
            false => &[OLD_INBOX],
        };
        old.iter().copied()
    }

    /// Those that are of a version. In another placement than the default one, a table that no version speaks for is
    /// somebody else's.
    fn tables_of(self, version: Option<i64>) -> impl Iterator<Item = &'static str> {
        let is_ours = version.is_some() || *self.placement == Placement::default();
        self.old_tables().filter(move |_| is_ours)
    }

    /// The statements that make the columns of tables that keep their name those of this version.
    pub(super) fn alterations(self, found: &Found, version: Option<i64>) -> Vec<String> {
        let mut statements = Vec::new();
        let old: Vec<String> = self
            .tables_of(version)
            .filter(|name| found.has(name))
            .map(|name| self.table(name))
            .collect();
        if self.database == Database::Postgres && !old.is_empty() {
            // Waits until nobody writes them, and keeps everybody from them until the end of the transaction.
            statements.push(format!(
                "LOCK TABLE {} IN ACCESS EXCLUSIVE MODE",
                old.join(", ")
            ));
        }
        if found.has_column("slices", "place") {
            let rename = match self.database {
                // The text was shorter there.
                Database::MySql => "CHANGE place cursors LONGTEXT NOT NULL",
                Database::Sqlite | Database::Postgres => "RENAME COLUMN place TO cursors",
            };
            statements.push(self.expand(&format!("ALTER TABLE $slices {rename}")));
        }
        for &(table, column) in GAINED {
            let columns = tables().filter(|known| known.name == table);
            let mut columns = columns.flat_map(|table| table.columns);
            let missing = found.has(table) && !found.has_column(table, column);
            if let (true, Some(column)) = (missing, columns.find(|known| known.name == column)) {
                statements.push(format!(
                    "ALTER TABLE {} ADD COLUMN {}",
                    self.table(table),
                    self.definition(column)
                ));
            }
        }
        statements
    }

    /// The statements that copy the rows of older tables into those of this version, and drop those tables. The
    /// tables of this version are there. Each statement may be repeated.
    pub(super) fn copies(self, found: &Found, version: Option<i64>) -> Vec<String> {
        // Version 0 kept microseconds on SQLite, and a moment elsewhere, which MySQL has without a zone, in UTC.
        let failed_at = self.database.of([
            "failed_at / 1000",
            "CAST(floor(extract(epoch FROM failed_at) * 1000) AS BIGINT)",
            "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', failed_at) DIV 1000",
        ]);
        let failure = format!("column_name, reason, {failed_at}");
        let forgotten = match self.database {
            Database::MySql => "CONCAT('forgotten:', table_name)",
            Database::Sqlite | Database::Postgres => "'forgotten:' || table_name",
        };
        // Version 0 had no thin events at first.
        let event = match found.has_column(OLD_INBOX, "form") {
            true => format!("{EVENT}, form"),
            false => EVENT.to_owned(),
        };
        let position =
            format!("CASE table_name WHEN '' THEN 'changes' ELSE {forgotten} END, '', livemode");
        // From which tables, into which one, the values of its key, its columns, and their values.
        let copies: &[(&[&str], &str, &str, &str, &str)] = &[
            // A checkpoint of a table that is not bound any more is of a run that cannot go on.
            (
                &["bindings", "checkpoints"],
                "tables",
                SCOPE,
                "bound, run, format, identity, phase, watermark, finished_watermark, finalizer, waiting_until, expires_at",
                "TRUE, walk, format, identity, phase, watermark, finished_watermark, closer, waiting_until, expires_at",
            ),
            // What is bound and has no run.
            (&["bindings"], "tables", SCOPE, "bound, run", "TRUE, 0"),
            (
                &["walks"],
                "locks",
                SCOPE,
                "compared_at, tombstones, run",
                "compared_at, tombstones, walk",
            ),
            (
                &["seen"],
                "listed",
                "table_name, account, livemode, batch",
                "hashes",
                "hashes",
            ),
            (
                &["dates"],
                "content_times",
                OBJECT,
                "stripe_at, observed_at",
                // Version 0 kept the `Date` of a read as it was: a minute is how far clocks may differ.
                "stripe_at + 60, observed_at",
            ),
            (
                &["tombstones"],
                "objects",
                OBJECT,
                "deleted_token",
                "observed_at",
            ),
            (
                &["failed"],
                "objects",
                OBJECT,
                "failed_column, failed_reason, failed_at",
                &failure,
            ),
            (&["unlisted"], "objects", OBJECT, "unlisted", "TRUE"),
            (&["positions"], "cursors", &position, "value", "position"),
            (
                &["followed"],
                "cursors",
                "'followed', account, livemode",
                "value",
                "followed_until",
            ),
            (&[OLD_INBOX], "inbox", "livemode, id", &event, &event),
        ];
        let old: Vec<&str> = self.tables_of(version).collect();
        let has = |name: &&str| old.contains(name) && found.has(name);
        let mut statements = Vec::new();
        if version.is_some() {
            // Version 1 kept the `Date` of a read as it was, without the minute by which clocks may differ. What is not known
            // costs a read.
            statements.push(self.expand("DELETE FROM $content_times"));
        }
        for (from, to, key, columns, values) in copies {
            if from.iter().all(has) {
                statements.push(self.copy(from, to, key, columns, values));
            }
        }
        let left = old.iter().filter(|name| has(name));
        statements.extend(left.map(|name| format!("DROP TABLE {}", self.table(name))));
        statements
    }

    /// Copies rows. A fact about an object goes to what else is known of it, a cursor only grows, and any other row that is
    /// there stays.
    fn copy(self, from: &[&str], to: &str, key: &str, columns: &str, values: &str) -> String {
        let database = self.database;
        let known = tables().find(|table| table.name == to);
        let names = known.map_or_else(String::new, |table| table.key.join(", "));
        let set = |column| match (to, database.new_value(column)) {
            ("cursors", new) => format!(
                "{column} = {}($cursors.{column}, {new})",
                database.greatest()
            ),
            (_, new) => format!("{column} = {new}"),
        };
        let (insert, end) = match to {
            "objects" | "cursors" => {
                let set: Vec<String> = columns.split(", ").map(set).collect();
                let update = database.on_conflict(&names);
                ("INSERT", format!(" {update} {}", set.join(", ")))
            }
            _ => {
                let (insert, or_ignore) = database.or_ignore();
                (insert, or_ignore.to_owned())
            }
        };
        let order = match to {
            "inbox" => FIRST_OF_EVENT,
            _ => "",
        };
        let using = match from.len() {
            1 => "",
            _ => " USING (table_name, account, livemode)",
        };
        let from: Vec<String> = from.iter().map(|name| self.table(name)).collect();
        let from = from.join(" JOIN ");
        // SQLite takes an `ON` right behind a table's name for a join.
        self.expand(&format!(
            "{insert} INTO ${to} ({names}, {columns}) SELECT {key}, {values} FROM {from}{using} WHERE TRUE{order}{end}"
        ))
    }
}
