//! The indexes that a struct asks for: their names, and how they are written.

use crate::model::Model;
use crate::model::table_name::TableName;
use crate::store::db::{DatabaseKind, Dialect};

/// The longest name that all databases keep, in bytes: PostgreSQL cuts a longer one in silence.
const LONGEST_NAME: usize = 63;

/// An index of a model's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableIndex {
    pub(crate) name: String,
    /// In the order of the index.
    pub(crate) columns: Vec<&'static str>,
    pub(crate) unique: bool,
}

/// The indexes of a model's table.
pub(crate) fn of(model: &Model, table: &TableName) -> Vec<TableIndex> {
    let indexes = model.parts.declared.indexes.iter();
    let index = |index: &crate::model::declared::Index| {
        let columns = index.columns.iter();
        let columns = columns.filter_map(|column| Some(model.columns().get(*column)?.name));
        let columns: Vec<&str> = columns.collect();
        TableIndex {
            name: name(table.name(), &columns, index.unique),
            columns,
            unique: index.unique,
        }
    };
    indexes.map(index).collect()
}

/// The name of an index: the table and its columns, `invoices__customer__created_idx`. Names of indexes share one space with
/// those of other tables, so one that does not say where a part of it ends has a hash of its parts.
fn name(table: &str, columns: &[&str], unique: bool) -> String {
    /// A hash and what stands before it.
    const HASH: usize = 9;
    let end = if unique { "_key" } else { "_idx" };
    let parts = || [table].into_iter().chain(columns.iter().copied());
    let readable = parts().collect::<Vec<_>>().join("__");
    let is_clear =
        |part: &str| !part.contains("__") && !part.starts_with('_') && !part.ends_with('_');
    if parts().all(is_clear) && readable.len() + end.len() <= LONGEST_NAME {
        return readable + end;
    }
    let hash = xxhash_rust::xxh3::xxh3_64(parts().collect::<Vec<_>>().join("\0").as_bytes());
    let most = LONGEST_NAME - HASH - end.len();
    let cut = (0..=most.min(readable.len())).rev();
    let cut = cut.into_iter().find(|end| readable.is_char_boundary(*end));
    let readable = &readable[..cut.unwrap_or_default()];
    format!("{readable}_{:08x}{end}", hash >> 32)
}

impl TableIndex {
    /// The statement that creates the index; `length` is the number of characters of a column that are in it, if not all.
    pub(crate) fn create(
        &self,
        database: DatabaseKind,
        table: &TableName,
        length: impl Fn(&str) -> Option<usize>,
    ) -> String {
        let sql = database.sql();
        let Dialect {
            index_if_new,
            index_is_in_schema,
            ..
        } = database.dialect();
        let unique = if self.unique { "UNIQUE " } else { "" };
        let (schema, table) = match index_is_in_schema {
            true => (table.schema(), sql.quote(table.name())),
            false => (None, sql.quote_table(table.schema(), table.name())),
        };
        let name = sql.quote_table(schema, &self.name);
        let columns = self.columns(database, length);
        format!("CREATE {unique}INDEX {index_if_new}{name} ON {table} ({columns})")
    }

    /// The columns in quotes, with commas between.
    pub(crate) fn columns(
        &self,
        database: DatabaseKind,
        length: impl Fn(&str) -> Option<usize>,
    ) -> String {
        let column = |name: &&str| {
            let length = length(name).map(|length| format!("({length})"));
            database.sql().quote(name) + &length.unwrap_or_default()
        };
        self.columns
            .iter()
            .map(column)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// How many characters of a column of this type are in an index, if a database has to be told.
pub(crate) fn length(dialect: &Dialect, sql_type: &str, index: &TableIndex) -> Option<usize> {
    let most = dialect.index_characters? / index.columns.len().max(1);
    /// What ids and other short texts have.
    const ENOUGH: usize = 255;
    let sql_type = sql_type.to_ascii_lowercase();
    let base = sql_type.split('(').next().unwrap_or_default().trim();
    let has_no_length = base.ends_with("text") || base.ends_with("blob");
    // Two values that begin alike would be equal in a unique one.
    let is_too_long = !index.unique && base == "varchar" && most < ENOUGH;
    (has_no_length || is_too_long).then(|| most.min(ENOUGH))
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_NAME, name};

    #[test]
    fn names_are_readable_and_each_is_of_one_index() {
        assert_eq!(
            name("invoices", &["customer"], false),
            "invoices__customer_idx"
        );
        assert_eq!(
            name("invoices", &["customer", "number"], true),
            "invoices__customer__number_key"
        );
        // Parts that could end elsewhere.
        let names = [
            name("a", &["b", "c"], false),
            name("a__b", &["c"], false),
            name("a", &["b__c"], false),
            name("a_", &["b", "c"], false),
            name("a", &["_b", "c"], false),
            name("a", &["b", "c"], true),
        ];
        let different: std::collections::BTreeSet<&String> = names.iter().collect();
        assert_eq!(different.len(), names.len(), "{names:?}");
    }

    #[test]
    fn a_long_name_is_cut_and_stays_of_one_index() {
        let long = "ä".repeat(40);
        let one = name(&long, &["customer"], false);
        let other = name(&long, &["created"], false);
        assert!(
            one.len() <= LONGEST_NAME && other.len() <= LONGEST_NAME,
            "{one} {other}"
        );
        assert_ne!(one, other);
        assert_eq!(one, name(&long, &["customer"], false));
        // Tables behind a long prefix, which differ where the names are cut.
        let prefix = "p".repeat(55);
        let table = |table: &str| name(&format!("{prefix}{table}"), &["customer"], false);
        assert!(table("invoices").len() <= LONGEST_NAME);
        assert_ne!(table("invoices"), table("charges"));
    }
}
