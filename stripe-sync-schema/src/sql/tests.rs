use super::{Database, mysql, postgres, quote, sqlite};
use crate::table::{Column, Statement, Table};

fn table() -> Table {
    let column = |name: &str, sql_type: Option<&str>| Column {
        name: name.to_owned(),
        sql_type: sql_type.map(str::to_owned),
    };
    Table {
        schema: Some("billing".to_owned()),
        name: "coupons".to_owned(),
        key: ["account", "livemode", "id"].map(str::to_owned).to_vec(),
        columns: vec![
            column("id", None),
            column("account", None),
            column("livemode", None),
            column("order", Some("varchar(4)")),
        ],
        deleted_at: "stripe_deleted_at".to_owned(),
        deleted_at_type: None,
        synced_at: Some("synced".to_owned()),
        synced_at_type: None,
        unversioned: false,
    }
}

fn text(statements: &[Statement], field: &str) -> String {
    let found = statements.iter().find(|statement| statement.field == field);
    found.map_or(String::new(), |statement| {
        format!("{}{}{}", statement.head, statement.row, statement.tail)
    })
}

#[test]
fn every_database_has_every_statement_in_one_order() {
    let fields = |statements: Vec<Statement>| {
        let fields: Vec<&str> = statements.iter().map(|one| one.field).collect();
        fields
    };
    let table = table();
    let expected = [
        "ask", "lock", "compare", "upsert", "insert", "update", "raise", "mark", "remove",
    ];
    assert_eq!(fields(sqlite::statements(&table)), expected);
    assert_eq!(fields(postgres::statements(&table)), expected);
    assert_eq!(fields(mysql::statements(&table)), expected);
}

#[test]
fn postgres_takes_a_batch_as_arrays_and_guards_it() {
    assert_eq!(
        text(&postgres::statements(&table()), "upsert"),
        "INSERT INTO {table} AS t (\"id\", \"account\", \"livemode\", \"order\", \"stripe_hash\", \
         \"stripe_observed_at\", \"synced\") SELECT UNNEST($1), UNNEST($2), UNNEST($3), UNNEST($4)::varchar, \
         UNNEST($5), $6, $7 \
         ON CONFLICT (\"account\", \"livemode\", \"id\") DO UPDATE SET \"order\" = excluded.\"order\", \
         \"stripe_hash\" = excluded.\"stripe_hash\", \"stripe_observed_at\" = excluded.\"stripe_observed_at\", \
         \"synced\" = excluded.\"synced\", \"stripe_deleted_at\" = NULL WHERE t.\"stripe_observed_at\" <= $8 \
         RETURNING \"id\"::text, xmax = 0"
    );
}

#[test]
fn the_scope_is_bound_before_the_ids() {
    assert_eq!(
        text(&mysql::statements(&table()), "raise"),
        "UPDATE {table} SET `stripe_observed_at` = ? \
         WHERE `account` = ? AND `livemode` = ? AND `id` IN (?) AND `stripe_observed_at` < ?"
    );
    assert_eq!(
        text(&postgres::statements(&table()), "raise"),
        "UPDATE {table} SET \"stripe_observed_at\" = $1 WHERE \"account\" = $2 AND \"livemode\" = $3 \
         AND \"id\" = ANY($4) AND \"stripe_observed_at\" < $5"
    );
}

#[test]
fn what_is_compared_is_joined_by_its_whole_key() {
    assert_eq!(
        text(&postgres::statements(&table()), "compare"),
        "SELECT w.n, t.\"stripe_hash\", t.\"stripe_observed_at\", t.\"stripe_deleted_at\" IS NOT NULL \
         FROM UNNEST($1, $2) WITH ORDINALITY AS w(id, hash, n) LEFT JOIN {table} AS t \
         ON t.\"account\" = $3 AND t.\"livemode\" = $4 AND t.\"id\" = w.id \
         WHERE t.\"stripe_observed_at\" IS NULL OR t.\"stripe_observed_at\" > $5 \
         OR t.\"stripe_deleted_at\" IS NOT NULL OR t.\"stripe_hash\" IS DISTINCT FROM w.hash"
    );
}

#[test]
fn an_unversioned_table_has_no_bookkeeping() {
    let table = Table {
        unversioned: true,
        ..table()
    };
    for statements in [
        sqlite::statements(&table),
        postgres::statements(&table),
        mysql::statements(&table),
    ] {
        for statement in &statements {
            let text = text(&statements, statement.field);
            assert!(!text.contains("stripe_"), "{text}");
        }
    }
}

#[test]
fn names_are_quoted() {
    assert_eq!(quote("a\"b", '"'), "\"a\"\"b\"");
    assert_eq!(Database::MySql.quote_table(Some("s"), "t`"), "`s`.`t```");
}

#[test]
fn a_cast_has_no_length() {
    assert_eq!(postgres::cast_type("varchar(4)"), "varchar");
    assert_eq!(
        postgres::cast_type("timestamp(3) with time zone"),
        "timestamp with time zone"
    );
}
