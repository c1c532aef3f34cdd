//! From version 0 to version 1.
//!
//! Version 0 had no table that says so, other names for most of its tables, and no placement besides the default one. Each
//! statement follows from a table that is still there, so the migration may be stopped anywhere and begun again, which
//! MySQL needs, where each statement that creates or drops a table commits. Processes of the older version have to be
//! stopped first: their tables go. On PostgreSQL what they write is waited for, and nothing of it is lost.

use super::bookkeeping::table;
use super::ddl;
use super::look::Found;
use super::placement::Placement;
use crate::store::DatabaseKind;

/// The tables of version 0 that version 1 has not.
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

/// The columns that name a table, account and mode.
const SCOPE: &str = "table_name, account, livemode";

/// Columns that tables of version 0 gained.
const GAINED: &[(&str, &str)] = &[("events", "form"), ("outbox", "handler")];

/// The tables that an older version may have left, without their prefix.
pub(super) fn old_tables(placement: &Placement) -> impl Iterator<Item = &'static str> {
    let names = match *placement == Placement::default() {
        true => OLD,
        false => &[],
    };
    names.iter().copied()
}

/// The statements that make the columns of tables that keep their name those of this version.
pub(super) fn alterations(kind: DatabaseKind, placement: &Placement, found: &Found) -> Vec<String> {
    let mut statements: Vec<String> = alone(kind, placement, found).into_iter().collect();
    if found.has_column(placement, "slices", "place") {
        let rename = match kind.is_mysql() {
            // The text was shorter there.
            true => "ALTER TABLE $slices CHANGE place cursors LONGTEXT NOT NULL",
            false => "ALTER TABLE $slices RENAME COLUMN place TO cursors",
        };
        statements.push(placement.expand(kind, rename).into_owned());
    }
    for (name, column) in GAINED {
        if !found.has(placement, name) || found.has_column(placement, name, column) {
            continue;
        }
        let columns = table(name).map_or(&[][..], |table| table.columns);
        for column in columns.iter().filter(|known| known.name == *column) {
            statements.push(format!(
                "ALTER TABLE {} ADD COLUMN {}",
                placement.table(kind, name),
                ddl::definition(kind, column)
            ));
        }
    }
    statements
}

/// On PostgreSQL, waits until nobody writes the tables of version 0, and keeps everybody from them until the end of the
/// transaction.
fn alone(kind: DatabaseKind, placement: &Placement, found: &Found) -> Option<String> {
    if !kind.is_postgres() {
        return None;
    }
    let old: Vec<String> = old_tables(placement)
        .filter(|name| found.has(placement, name))
        .map(|name| placement.table(kind, name))
        .collect();
    (!old.is_empty()).then(|| format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", old.join(", ")))
}

/// The statements that copy the rows of version 0's tables into those of this version, and drop those tables. The tables of
/// this version are there.
pub(super) fn copies(kind: DatabaseKind, placement: &Placement, found: &Found) -> Vec<String> {
    let left: Vec<&str> = old_tables(placement)
        .filter(|name| found.has(placement, name))
        .collect();
    let has = |name: &str| left.contains(&name);
    let copy = Transfer { kind, placement };
    let mut statements = Vec::new();
    if has("bindings") {
        // A checkpoint of a table that is not bound any more is of a run that cannot go on.
        if has("checkpoints") {
            statements.push(copy.runs());
        }
        statements.push(copy.rows("bindings", "tables", SCOPE, SCOPE));
    }
    if has("walks") {
        let columns = format!("{SCOPE}, compared_at, tombstones");
        statements.push(copy.rows(
            "walks",
            "locks",
            &format!("{columns}, run"),
            &format!("{columns}, walk"),
        ));
    }
    if has("seen") {
        let columns = format!("{SCOPE}, batch, hashes");
        statements.push(copy.rows("seen", "listed", &columns, &columns));
    }
    if has("dates") {
        let columns = format!("{SCOPE}, id, stripe_at, observed_at");
        statements.push(copy.rows("dates", "content_times", &columns, &columns));
    }
    if has("tombstones") {
        statements.push(copy.objects("tombstones", &[("deleted_token", "observed_at")]));
    }
    if has("failed") {
        let facts = [
            ("failed_column", "column_name"),
            ("failed_reason", "reason"),
            ("failed_at", millis_of_failed_at(kind)),
        ];
        statements.push(copy.objects("failed", &facts));
    }
    if has("unlisted") {
        statements.push(copy.objects("unlisted", &[("unlisted", "TRUE")]));
    }
    if has("positions") {
        statements.push(copy.cursors(
            "'changes', '', livemode, position",
            "positions",
            "table_name = ''",
        ));
        let forgotten = match kind.is_mysql() {
            true => "CONCAT('forgotten:', table_name), '', livemode, position",
            false => "'forgotten:' || table_name, '', livemode, position",
        };
        statements.push(copy.cursors(forgotten, "positions", "table_name <> ''"));
    }
    if has("followed") {
        let followed = "'followed', account, livemode, followed_until";
        statements.push(copy.cursors(followed, "followed", "TRUE"));
    }
    // In this order: where the bindings are still there, so are the checkpoints.
    for name in left {
        statements.push(format!("DROP TABLE {}", placement.table(kind, name)));
    }
    statements
}

/// When a row of `failed` failed, in milliseconds since 1970; version 0 kept it as a moment.
fn millis_of_failed_at(kind: DatabaseKind) -> &'static str {
    match kind {
        // In microseconds.
        #[cfg(feature = "sqlite")]
        DatabaseKind::Sqlite => "failed_at / 1000",
        #[cfg(feature = "postgres")]
        DatabaseKind::Postgres => "CAST(floor(extract(epoch FROM failed_at) * 1000) AS BIGINT)",
        // Without a zone, in UTC.
        #[cfg(feature = "mysql")]
        DatabaseKind::MySql => "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', failed_at) DIV 1000",
    }
}

/// Writes the statements that copy rows from one table into another one. Each of them may be repeated.
struct Transfer<'p> {
    kind: DatabaseKind,
    placement: &'p Placement,
}

impl Transfer<'_> {
    /// What is bound and has a run.
    fn runs(&self) -> String {
        let (insert, or_ignore) = self.kind.dialect().or_ignore;
        let (bindings, checkpoints) = (self.old("bindings"), self.old("checkpoints"));
        self.expand(&format!(
            "{insert} INTO $tables ({SCOPE}, run, format, identity, phase, watermark, finished_watermark, finalizer, \
             waiting_until, expires_at) \
             SELECT b.table_name, b.account, b.livemode, c.walk, c.format, c.identity, c.phase, c.watermark, \
             c.finished_watermark, c.closer, c.waiting_until, c.expires_at \
             FROM {bindings} AS b JOIN {checkpoints} AS c \
             ON c.table_name = b.table_name AND c.account = b.account AND c.livemode = b.livemode{or_ignore}"
        ))
    }

    /// Rows that are copied as they are. One that is there stays.
    fn rows(&self, from: &str, to: &str, columns: &str, values: &str) -> String {
        let (insert, or_ignore) = self.kind.dialect().or_ignore;
        let from = self.old(from);
        self.expand(&format!(
            "{insert} INTO ${to} ({columns}) SELECT {values} FROM {from}{or_ignore}"
        ))
    }

    /// Facts about objects, which other facts may be known of already.
    fn objects(&self, from: &str, facts: &[(&str, &str)]) -> String {
        let (mut columns, mut values, mut updates) = (String::new(), String::new(), Vec::new());
        for (column, value) in facts {
            columns += &format!(", {column}");
            values += &format!(", {value}");
            updates.push(match self.kind.is_mysql() {
                true => format!("{column} = VALUES({column})"),
                false => format!("{column} = excluded.{column}"),
            });
        }
        let update = match self.kind.is_mysql() {
            true => "ON DUPLICATE KEY UPDATE".to_owned(),
            false => format!("ON CONFLICT ({SCOPE}, id) DO UPDATE SET"),
        };
        // SQLite takes an `ON` right behind a table's name for a join.
        self.expand(&format!(
            "INSERT INTO $objects ({SCOPE}, id{columns}) SELECT {SCOPE}, id{values} FROM {} WHERE TRUE {update} {}",
            self.old(from),
            updates.join(", ")
        ))
    }

    /// Cursors, which only grow.
    fn cursors(&self, values: &str, from: &str, condition: &str) -> String {
        let greatest = self.kind.dialect().greatest;
        let (alias, update) = match self.kind.is_mysql() {
            true => (
                "",
                format!("ON DUPLICATE KEY UPDATE value = {greatest}(value, VALUES(value))"),
            ),
            false => (
                " AS c",
                format!(
                    "ON CONFLICT (name, account, livemode) DO UPDATE SET value = {greatest}(c.value, excluded.value)"
                ),
            ),
        };
        self.expand(&format!(
            "INSERT INTO $cursors{alias} (name, account, livemode, value) SELECT {values} FROM {} WHERE {condition} {update}",
            self.old(from)
        ))
    }

    fn old(&self, name: &str) -> String {
        self.placement.table(self.kind, name)
    }

    fn expand(&self, sql: &str) -> String {
        self.placement.expand(self.kind, sql).into_owned()
    }
}
