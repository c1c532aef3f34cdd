//! Names of tables, and where they are put.

use super::{Bookkeeping, Placement, PlacementError, tables};
use crate::sql::Database;

const ALL: [Database; 3] = [Database::Sqlite, Database::Postgres, Database::MySql];

fn quoted(database: Database, name: &str) -> String {
    match database {
        Database::Sqlite | Database::Postgres => format!("\"{name}\""),
        Database::MySql => format!("`{name}`"),
    }
}

#[test]
fn each_name_expands() {
    let placement = Placement::default().schema("stripe").prefix("mirror_");
    for database in ALL {
        let placed = Bookkeeping::new(database, &placement);
        for table in tables() {
            let name = format!("mirror_{}", table.name);
            let full = format!("{}.{}", quoted(database, "stripe"), quoted(database, &name));
            assert_eq!(
                placed.expand(&format!("SELECT a FROM ${} WHERE b = $1", table.name)),
                format!("SELECT a FROM {full} WHERE b = $1")
            );
        }
        assert_eq!(
            Bookkeeping::new(database, &Placement::default()).expand("$inbox AS e, $work"),
            format!(
                "{} AS e, {}",
                quoted(database, "stripe_sync_inbox"),
                quoted(database, "stripe_sync_work")
            )
        );
    }
}

#[test]
fn what_names_no_table_stays() {
    for database in ALL {
        for sql in ["", "SELECT 1", "a = $1 AND b = $23", "$", "$ $1$"] {
            let expanded = Bookkeeping::new(database, &Placement::default()).expand(sql);
            assert_eq!(expanded, sql);
        }
    }
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "$customers is not a bookkeeping table")]
fn a_name_that_is_not_in_the_list_is_found_by_tests() {
    let placement = Placement::default();
    drop(Bookkeeping::new(Database::Sqlite, &placement).expand("SELECT 1 FROM $customers"));
}

#[test]
fn postgres_takes_tokens_by_functions() {
    let placement = Placement::default().schema("s");
    assert_eq!(
        Bookkeeping::new(Database::Postgres, &placement)
            .expand("SELECT $next_token, $skip_tokens(5)"),
        "SELECT \"s\".\"stripe_sync_next_token\"(), \"s\".\"stripe_sync_skip_tokens\"(5)"
    );
}

#[test]
fn a_placement_is_checked() {
    let placement = Placement::default;
    assert_eq!(placement().validate(), Ok(()));
    assert_eq!(placement().schema("s").prefix("").validate(), Ok(()));
    assert_eq!(
        placement().schema("").validate(),
        Err(PlacementError::EmptySchema)
    );
    assert_eq!(
        placement().prefix("").validate(),
        Err(PlacementError::EmptyPrefix)
    );
    assert_eq!(
        placement().schema("a\0").validate(),
        Err(PlacementError::Nul { what: "schema" })
    );
    assert_eq!(
        placement().prefix("a\0").validate(),
        Err(PlacementError::Nul { what: "prefix" })
    );
    assert_eq!(
        placement().prefix("Mirror_").validate(),
        Err(PlacementError::Capitals {
            prefix: "Mirror_".to_owned()
        })
    );
}

#[test]
fn no_name_is_longer_than_postgres_keeps() {
    let longest = "content_times";
    let (most, more) = ("é".repeat(25), "e".repeat(51));
    assert_eq!(most.len() + longest.len(), 63);
    assert_eq!(Placement::default().prefix(most).validate(), Ok(()));
    assert_eq!(
        Placement::default().prefix(more.as_str()).validate(),
        Err(PlacementError::LongPrefix {
            prefix: more,
            longest,
            bytes: 64
        })
    );
    let (most, more) = ("s".repeat(63), "s".repeat(64));
    assert_eq!(Placement::default().schema(most).validate(), Ok(()));
    assert_eq!(
        Placement::default().schema(more.as_str()).validate(),
        Err(PlacementError::LongSchema {
            schema: more,
            bytes: 64
        })
    );
}
