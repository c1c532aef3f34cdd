//! From version 0 to version 1.
//!
//! Version 0 had no table that says so, other names for most of its tables, and no placement besides the default one. Each
//! statement follows from a table that is still there, so the migration may be stopped anywhere and begun again, which
//! MySQL needs, where each statement that creates or drops a table commits. Processes of the older version have to be
//! stopped first: their tables go. On PostgreSQL what they write is waited for, and nothing of it is lost.

use super::look::Found;
use super::{Bookkeeping, Placement, tables};
use crate::sql::Database;

/// The tables of version 0 that version 1 has not, in the order in which they go: where the bindings are still there, so
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
];

/// The columns that name a table, account and mode, and those that name an object of it.
const SCOPE: &str = "table_name, account, livemode";
const OBJECT: &str = "table_name, account, livemode, id";

/// Columns that tables of version 0 gained.
const GAINED: &[(&str, &str)] = &[("events", "form"), ("outbox", "handler")];

impl Bookkeeping<'_> {
    /// The tables that an older version may have left, without their prefix.
    pub(super) fn old_tables(self) -> impl Iterator<Item = &'static str> {
        let old = match *self.placement == Placement::default() {
            true => OLD,
            false => &[],
        };
        old.iter().copied()
    }

    /// The statements that make the columns of tables that keep their name those of this version.
    pub(super) fn alterations(self, found: &Found) -> Vec<String> {
        let mut statements = Vec::new();
        let old: Vec<String> = self
            .old_tables()
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

    /// The statements that copy the rows of version 0's tables into those of this version, and drop those tables. The
    /// tables of this version are there. Each statement may be repeated.
    pub(super) fn copies(self, found: &Found) -> Vec<String> {
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
                "stripe_at, observed_at",
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
        ];
        let has = |name: &&str| found.has(name);
        let mut statements = Vec::new();
        for (from, to, key, columns, values) in copies {
            if from.iter().all(has) {
                statements.push(self.copy(from, to, key, columns, values));
            }
        }
        let left = self.old_tables().filter(has);
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
        let using = match from.len() {
            1 => "",
            _ => " USING (table_name, account, livemode)",
        };
        let from: Vec<String> = from.iter().map(|name| self.table(name)).collect();
        let from = from.join(" JOIN ");
        // SQLite takes an `ON` right behind a table's name for a join.
        self.expand(&format!(
            "{insert} INTO ${to} ({names}, {columns}) SELECT {key}, {values} FROM {from}{using} WHERE TRUE{end}"
        ))
    }
}
