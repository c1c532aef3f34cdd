//! Attributes of other derives and frameworks, and what says the same here.

/// A word, and what to write instead.
type Meaning = (&'static str, &'static str);

/// On a field.
pub(super) const FIELD: &[Meaning] = &[
    ("alias", RENAMED),
    (
        "as",
        "read a type of your own with `parse`, `json` or `with = function`",
    ),
    ("column_name", RENAMED),
    ("db_column", RENAMED),
    ("db_type", TYPED),
    ("deserialize_with", "read the value with `with = function`"),
    (
        "flatten",
        "give each member a field, as in `path = address.country`, or keep the object whole in `Json<...>`",
    ),
    ("foreign_key", CONSTRAINED),
    (
        "from",
        "name the place of the value, as in `path = address.country`",
    ),
    ("ignore", LEFT_OUT),
    ("index", CONSTRAINED),
    ("key", "mark the field of the object's id with `id`"),
    ("name", RENAMED),
    ("null", NULLABLE),
    ("nullable", NULLABLE),
    ("optional", NULLABLE),
    ("pk", "mark the field of the object's id with `id`"),
    ("primary_key", "mark the field of the object's id with `id`"),
    ("references", CONSTRAINED),
    ("rename", RENAMED),
    ("required", "a field whose type is no `Option` is required"),
    ("serialize_with", LEFT_OUT),
    ("skip", LEFT_OUT),
    ("skip_deserializing", LEFT_OUT),
    ("skip_serializing", LEFT_OUT),
    (
        "timestamp",
        "a `DateTime<Utc>` reads Unix seconds by itself",
    ),
    (
        "try_from",
        "read a type of your own with `parse`, `json` or `with = function`",
    ),
    ("type", TYPED),
    ("unique", CONSTRAINED),
];

/// On the struct.
pub(super) const CONTAINER: &[Meaning] = &[
    ("db_table", TABLED),
    ("delete", DELETED),
    ("hard_delete", "write `on_delete = hard`"),
    ("hook", HOOKED),
    ("hooks", HOOKED),
    ("model", NAMED),
    ("name", TABLED),
    (
        "primary_key",
        "mark the field of the object's id with #[stripe(id)]",
    ),
    ("rename", TABLED),
    ("resource", NAMED),
    (
        "schema",
        r#"name the schema with the table: `table = "billing.customers"`"#,
    ),
    (
        "schema_name",
        r#"name the schema with the table: `table = "billing.customers"`"#,
    ),
    (
        "soft_delete",
        "write `on_delete = soft`, or leave it out: it is the default",
    ),
    ("table_name", TABLED),
    ("type", NAMED),
    ("where", r#"write `filter(status = "active")`"#),
];

const RENAMED: &str =
    r#"name the column with `column = "name"`, and another place in the object with `path = ...`"#;
const LEFT_OUT: &str =
    "leave the field out of the struct, or mark a column of your own with `local`";
const TYPED: &str = r#"name the type of the column with `sql_type = "citext"`"#;
const NULLABLE: &str = "make the field's type an `Option`";
const CONSTRAINED: &str = "keys, indexes and constraints of your own are in your migrations";
const TABLED: &str = r#"name the table with `table = "customers"`"#;
const NAMED: &str = r#"name Stripe's resource with `object = "customer"`"#;
const DELETED: &str = "write `on_delete = hard` or `on_delete = soft`";
const HOOKED: &str = "name a hook by what it is, as in `pre_set_default = function`";

/// What a word of another derive would be here.
pub(super) fn meaning(word: &str, words: &[Meaning]) -> Option<&'static str> {
    let mut words = words.iter();
    words
        .find(|(known, _)| *known == word)
        .map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::{CONTAINER, FIELD};
    use crate::symbol;

    #[test]
    fn no_word_is_an_attribute_and_the_order_is_that_of_the_alphabet() {
        for (words, known) in [(FIELD, symbol::FIELD), (CONTAINER, symbol::CONTAINER)] {
            assert!(words.is_sorted());
            for (word, _) in words {
                assert!(known.iter().all(|symbol| symbol.name != *word), "{word}");
            }
        }
    }
}
