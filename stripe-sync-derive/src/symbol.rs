//! Every attribute's name, once, with the form in which it is written.

use std::fmt;

use proc_macro2::Ident;

/// The name of an attribute inside `#[stripe(...)]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Symbol {
    pub(crate) name: &'static str,
    /// How it is written; messages show this.
    pub(crate) form: &'static str,
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq<Symbol> for Ident {
    fn eq(&self, symbol: &Symbol) -> bool {
        self == symbol.name
    }
}

macro_rules! symbols {
    ($($(#[$doc:meta])* $list:ident { $($constant:ident $name:literal $form:literal;)* })*) => {
        $($(pub(crate) const $constant: Symbol = Symbol { name: $name, form: $form };)*)*
        $($(#[$doc])* pub(crate) const $list: &[Symbol] = &[$($constant),*];)*
    };
}

symbols! {
    /// Those of the struct.
    CONTAINER {
    OBJECT "object" r#"object = "customer""#;
    TABLE "table" r#"table = "customers""#;
    NAMESPACE "namespace" r#"namespace = "stripe""#;
    DATABASE "database" "database = postgres";
    RENAME_ALL "rename_all" r#"rename_all = "camelCase""#;
    FILTER "filter" r#"filter(status = "active")"#;
    EXPANDED "expand" "expand(latest_charge, items.data.price)";
    INDEXES "index" "index(customer, created)";
    UNIQUE "unique" "unique(customer, number)";
    ON_DELETE "on_delete" "on_delete = hard";
    UNGUARDED "unversioned" "unversioned";
    CRATE "crate" "crate = path::to::stripe_sync";
    PRE_SET_DEFAULT "pre_set_default" "pre_set_default = function";
    SET_DEFAULT "set_default" "set_default = function";
    POST_SET_DEFAULT "post_set_default" "post_set_default = function";
    SYNC "sync" "sync = function";
    AFTER_COMMIT "after_commit" "after_commit = function";
    }

    /// Those of a field.
    FIELD {
    PATH "path" "path = address.country";
    COLUMN "column" r#"column = "name""#;
    ID "id" "id";
    RAW "raw" "raw";
    JSON "json" "json";
    LOCAL "local" "local";
    DEFAULT "default" "default` or `default = expression";
    WITH "with" "with = function";
    PARSE "parse" "parse";
    SQL_TYPE "sql_type" r#"sql_type = "citext""#;
    UNCHECKED "unchecked" "unchecked";
    EXPAND "expand" "expand";
    REFERENCES "references" "references = Customer";
    INDEX "index" "index";
    REDACT "redact" "redact";
    CHILDREN "children" "children";
    PARENT "parent" "parent` or `parent = \"checkout.session\"";
    POSITION "position" "position";
    ACCOUNT "account" "account";
    LIVEMODE "livemode" "livemode";
    SYNCED_AT "synced_at" "synced_at";
    DELETED_AT "deleted_at" "deleted_at";
    }
}
