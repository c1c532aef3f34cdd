//! The placeholders of a program's own statements: `?`, wherever it is not in a string, a quoted name or a comment.

use std::borrow::Cow;

use stripe_sync_schema::sql::Database;

/// A statement as its database takes it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Placed<'s> {
    pub(crate) sql: Cow<'s, str>,
    /// How many values it takes.
    pub(crate) values: usize,
}

/// Finds the placeholders of a statement, and gives them numbers where the database wants numbers. There, `??` is a `?` of
/// the database's own.
///
/// # Errors
/// When a placeholder has a number already: returns it.
pub(crate) fn place(sql: &str, database: Database) -> Result<Placed<'_>, String> {
    let bytes = sql.as_bytes();
    let numbered = database == Database::Postgres;
    let (mut placed, mut copied) = (String::new(), 0);
    let (mut at, mut values) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        if byte != b'?' {
            at = behind(bytes, at, database);
            continue;
        }
        let next = bytes.get(at + 1);
        if next.is_some_and(u8::is_ascii_digit) {
            let digits = bytes[at + 1..]
                .iter()
                .take_while(|digit| digit.is_ascii_digit());
            return Err(sql[at..=at + digits.count()].to_owned());
        }
        let is_own = numbered && next == Some(&b'?');
        values += usize::from(!is_own);
        if numbered {
            placed.push_str(&sql[copied..at]);
            match is_own {
                true => placed.push('?'),
                false => placed.push_str(&format!("${values}")),
            }
        }
        at += if is_own { 2 } else { 1 };
        copied = at;
    }
    let sql = match numbered && copied > 0 {
        true => Cow::Owned(placed + &sql[copied..]),
        false => Cow::Borrowed(sql),
    };
    Ok(Placed { sql, values })
}

/// Returns the place behind what begins here: a string, a quoted name, a comment, or one byte.
fn behind(bytes: &[u8], at: usize, database: Database) -> usize {
    use Database::{MySql, Postgres, Sqlite};
    let rest = &bytes[at..];
    let is_line_comment = match database {
        // There `a--b` is a subtraction.
        MySql => {
            rest.starts_with(b"#")
                || rest.starts_with(b"--") && rest.get(2).is_none_or(u8::is_ascii_whitespace)
        }
        Postgres | Sqlite => rest.starts_with(b"--"),
    };
    if is_line_comment {
        let line = rest.iter().take_while(|byte| **byte != b'\n');
        return at + line.count();
    }
    // A comment that the server executes is no comment.
    let is_code = database == MySql && (rest.starts_with(b"/*!") || rest.starts_with(b"/*M!"));
    if rest.starts_with(b"/*") && !is_code {
        return at + comment(rest, database == Postgres);
    }
    let length = match (rest[0], database) {
        (b'\'', Postgres) => quoted(rest, b'\'', is_escape_string(bytes, at)),
        (b'\'' | b'"', MySql) => quoted(rest, rest[0], true),
        (b'\'', Sqlite) | (b'"', Postgres | Sqlite) => quoted(rest, rest[0], false),
        (b'`', MySql | Sqlite) => quoted(rest, b'`', false),
        (b'[', Sqlite) => quoted(rest, b']', false),
        (b'$', Postgres) if !follows_name(bytes, at) => dollar_quoted(rest),
        _ => 1,
    };
    at + length
}

/// The length of what ends with a quote, or with the text. A quote that stands twice ends one and begins the next.
fn quoted(rest: &[u8], quote: u8, escapes: bool) -> usize {
    let mut at = 1;
    while let Some(&byte) = rest.get(at) {
        at += 1;
        if byte == quote {
            break;
        }
        at += usize::from(escapes && byte == b'\\');
    }
    at.min(rest.len())
}

/// The length of a comment between `/*` and `*/`.
fn comment(rest: &[u8], nests: bool) -> usize {
    let (mut at, mut depth) = (2, 1);
    while at < rest.len() && depth > 0 {
        match &rest[at..] {
            [b'*', b'/', ..] => (at, depth) = (at + 2, depth - 1),
            [b'/', b'*', ..] if nests => (at, depth) = (at + 2, depth + 1),
            _ => at += 1,
        }
    }
    at
}

/// The length of `$tag$ ... $tag$`, or of the `$` where it begins no such string.
fn dollar_quoted(rest: &[u8]) -> usize {
    let name = rest[1..]
        .iter()
        .take_while(|byte| is_of_name(**byte))
        .count();
    let tag = &rest[..=name];
    if rest.get(name + 1) != Some(&b'$') || tag.get(1).is_some_and(u8::is_ascii_digit) {
        return 1;
    }
    let tag = &rest[..name + 2];
    let mut inside = rest[tag.len()..].windows(tag.len());
    match inside.position(|window| window == tag) {
        Some(length) => tag.len() + length + tag.len(),
        None => rest.len(),
    }
}

/// Whether a string follows an `E` that is a word by itself.
fn is_escape_string(bytes: &[u8], at: usize) -> bool {
    at > 0 && matches!(bytes[at - 1], b'e' | b'E') && !follows_name(bytes, at - 1)
}

/// Whether the byte before is one of a name.
fn follows_name(bytes: &[u8], at: usize) -> bool {
    at > 0 && (is_of_name(bytes[at - 1]) || bytes[at - 1] == b'$')
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::{Database, place};

    fn placed(sql: &str, database: Database) -> (String, usize) {
        let placed = place(sql, database).unwrap();
        (placed.sql.into_owned(), placed.values)
    }

    #[test]
    fn placeholders_get_numbers_on_postgres_alone() {
        let sql = "UPDATE t SET a = ?, b = ?::uuid WHERE c = ?";
        let numbered = "UPDATE t SET a = $1, b = $2::uuid WHERE c = $3";
        assert_eq!(placed(sql, Database::Postgres), (numbered.into(), 3));
        assert_eq!(placed(sql, Database::Sqlite), (sql.into(), 3));
        assert_eq!(placed(sql, Database::MySql), (sql.into(), 3));
        assert_eq!(
            placed("SELECT 1", Database::Postgres),
            ("SELECT 1".into(), 0)
        );
    }

    /// Each with one placeholder, at its end.
    #[test]
    fn what_is_quoted_or_a_comment_has_no_placeholders() {
        use Database::{MySql, Postgres, Sqlite};
        let (all, standard) = ([Postgres, Sqlite, MySql], [Postgres, Sqlite]);
        let cases: [(&str, &[Database]); 22] = [
            ("SELECT 'why?', ?", &all),
            ("SELECT 'it''s ?', ?", &all),
            ("SELECT '', ?", &all),
            ("SELECT 'ü?', ?", &all),
            (r#"SELECT "a?" FROM "b""?" WHERE c = ?"#, &all),
            (r"SELECT '\', ?", &standard),
            (r"SELECT '\'?', ?", &[MySql]),
            (r#"SELECT "\"?", ?"#, &[MySql]),
            (r"SELECT E'\'?', ?", &[Postgres]),
            (r"SELECT e'\\', ?", &[Postgres]),
            ("SELECT `a?`, ?", &[Sqlite, MySql]),
            ("SELECT [a?], ?", &[Sqlite]),
            ("SELECT 1 -- why?\n + ?", &all),
            ("SELECT 1 # why?\n + ?", &[MySql]),
            ("SELECT 2--?", &[MySql]),
            ("SELECT /* why? */ ?", &all),
            ("SELECT /* /* ? */ ? */ ?", &[Postgres]),
            ("SELECT /*! STRAIGHT_JOIN */ ?", &[MySql]),
            ("SELECT $$why?$$, ?", &[Postgres]),
            ("SELECT $tag$why? $$ ?$tag$, ?", &[Postgres]),
            ("SELECT a$b FROM c$d WHERE e = ?", &[Postgres]),
            ("SELECT a ?? 'b', c ??| d, ?", &[Postgres]),
        ];
        for (sql, databases) in cases {
            for &database in databases {
                let (placed, values) = placed(sql, database);
                assert_eq!(values, 1, "{sql} on {database:?}: {placed}");
                let end = if database == Postgres { "$1" } else { "?" };
                assert!(placed.ends_with(end), "{placed}");
            }
        }
        let (sql, _) = placed("SELECT a ?? 'b', c ??| d, ?", Postgres);
        assert_eq!(sql, "SELECT a ? 'b', c ?| d, $1");
    }

    #[test]
    fn what_never_ends_is_left_to_the_database() {
        for sql in [
            "SELECT 'a ?",
            "SELECT \"a ?",
            "/* ?",
            "-- ?",
            "SELECT $a$ ?",
        ] {
            assert_eq!(placed(sql, Database::Postgres), (sql.into(), 0));
        }
        for sql in [r"SELECT 'a\", "'", "`?", "#?", ""] {
            assert_eq!(placed(sql, Database::MySql), (sql.into(), 0));
        }
    }

    #[test]
    fn a_number_is_refused() {
        let error = place("SELECT ?, ?12", Database::Sqlite).unwrap_err();
        assert_eq!(error, "?12");
    }
}
