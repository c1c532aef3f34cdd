//! The statements of each database, as constants.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use stripe_sync_schema::sql::{mysql, postgres, sqlite};
use stripe_sync_schema::table::{Column, DELETED_AT, Table};

use super::option;
use crate::database::Database;
use crate::model::{Model, Role};

/// `Sql { sqlite: .., postgres: .., mysql: .. }`
pub(super) fn sql(model: &Model<'_>) -> TokenStream {
    let table = table(model);
    let fields = Database::ALL.map(|database| {
        let field = Ident::new(database.word(), Span::call_site());
        let statements = model
            .databases
            .contains(&database)
            .then(|| statements(&table, database));
        let statements = option(statements, Span::call_site());
        quote!(#field: #statements)
    });
    quote!(__p::Sql { #(#fields),* })
}

fn statements(table: &Table, database: Database) -> TokenStream {
    let statements = match database {
        Database::Sqlite => sqlite::statements(table),
        Database::Postgres => postgres::statements(table),
        Database::MySql => mysql::statements(table),
    };
    let fields = statements.iter().map(|statement| {
        let field = Ident::new(statement.field, Span::call_site());
        let (head, row, tail) = (&statement.head, &statement.row, &statement.tail);
        quote!(#field: __p::Text { head: #head, row: #row, tail: #tail })
    });
    quote!(__p::Statements { #(#fields),* })
}

/// What the struct is to a database.
pub(super) fn table(model: &Model<'_>) -> Table {
    let column = |role| model.role(role).map(|field| field.column.clone());
    let sql_type = |role| {
        model
            .role(role)?
            .attrs
            .sql_type
            .get()
            .map(syn::LitStr::value)
    };
    Table {
        schema: model.schema.clone(),
        name: model.table.clone(),
        key: match model.element {
            Some(_) => &[Role::Account, Role::Livemode, Role::Parent, Role::Position][..],
            None => &[Role::Account, Role::Livemode, Role::Id][..],
        }
        .iter()
        .filter_map(|role| column(*role))
        .collect(),
        columns: model
            .written()
            .map(|field| Column {
                name: field.column.clone(),
                sql_type: field.attrs.sql_type.get().map(syn::LitStr::value),
            })
            .collect(),
        deleted_at: column(Role::DeletedAt).unwrap_or_else(|| DELETED_AT.to_owned()),
        deleted_at_type: sql_type(Role::DeletedAt),
        synced_at: column(Role::SyncedAt),
        synced_at_type: sql_type(Role::SyncedAt),
        unversioned: model.is_unversioned(),
    }
}
