//! Attributes of other derives and frameworks, and what says the same here.

use syn::parse::ParseStream;
use syn::{Lit, Token};

use crate::path::Path;

/// A word, and what to write instead. What stands in braces is replaced by the text that was written after the word.
pub(super) type Meaning = (&'static str, &'static str);

/// On a field.
pub(super) const FIELD: &[Meaning] = &[
    ("alias", RENAMED),
    ("as", CONVERTED),
    ("belongs_to", REFERS),
    ("child", LISTED),
    ("column_name", COLUMN),
    ("column_type", TYPED),
    ("convert", CONVERTED),
    ("created_at", "write `path = created`"),
    ("custom_type", TYPED),
    ("data_type", TYPED),
    ("db_column", COLUMN),
    ("db_index", "write `index`"),
    ("db_type", TYPED),
    ("decimal", "the field's type says it: `Decimal`"),
    ("deserialize_with", CALLED),
    ("field", PLACED),
    ("flatten", FLATTENED),
    ("foreign_key", REFERS),
    ("from", CONVERTED),
    ("has_many", REFERRED),
    ("has_one", REFERS),
    ("idx", PLACE),
    ("ignore", LEFT_OUT),
    ("json_path", PLACED),
    ("jsonb", r#"write `sql_type = "jsonb"`"#),
    ("key", KEYED),
    ("map", CALLED),
    ("max_length", r#"write `sql_type = "varchar({100})"`"#),
    ("metadata", "write `path = metadata.{tenant}`"),
    ("name", RENAMED),
    ("nested", FLATTENED),
    ("no_sync", "write `local`"),
    ("null", NULLABLE),
    ("nullable", NULLABLE),
    ("optional", NULLABLE),
    ("ordinal", PLACE),
    ("parent_id", "write `parent`"),
    ("pk", KEYED),
    ("pointer", PLACED),
    ("primary_key", KEYED),
    (
        "readonly",
        "a sync writes every field but those with `local`",
    ),
    ("rename", RENAMED),
    ("required", "a field whose type is no `Option` is required"),
    (
        "serde",
        "the attributes of serde stand in #[serde(...)], and a document is read with `json`",
    ),
    ("serialize_with", LEFT_OUT),
    ("skip", LEFT_OUT),
    ("skip_deserializing", LEFT_OUT),
    ("skip_serializing", LEFT_OUT),
    ("skip_serializing_if", LEFT_OUT),
    ("source", PLACED),
    ("text", "the field's type says it: `String`"),
    ("timestamp", TIMED),
    ("transform", CALLED),
    ("transient", LEFT_OUT),
    ("try_from", CONVERTED),
    ("type", TYPED),
    ("unix", TIMED),
    ("unix_time", TIMED),
    ("unix_timestamp", TIMED),
    (
        "updated_at",
        "write `synced_at`, the time of the last write: Stripe does not say when an object changed",
    ),
    ("uuid", TYPED),
    ("varchar", r#"write `sql_type = "varchar({100})"`"#),
];

/// On the struct.
pub(super) const CONTAINER: &[Meaning] = &[
    ("after_insert", HOOKED_AFTER),
    ("after_save", HOOKED_AFTER),
    ("after_update", HOOKED_AFTER),
    ("api_version", VERSIONED),
    ("backend", "write `database = {postgres}`"),
    ("before_insert", HOOKED_BEFORE),
    ("before_save", HOOKED_BEFORE),
    ("constraint", CONSTRAINED),
    ("crate_name", "write `crate = {path}`"),
    ("db", "write `database = {postgres}`"),
    ("db_table", TABLE),
    ("delete", DELETED),
    ("deleted", DELETED),
    ("dialect", "write `database = {postgres}`"),
    ("endpoint", OBJECT),
    ("entity", OBJECT),
    ("event", HANDLED),
    ("events", HANDLED),
    ("expand_fields", "write `expand(latest_charge)`"),
    ("hard_delete", "write `on_delete = hard`"),
    ("hook", HOOKED),
    ("hooks", HOOKED),
    ("indexes", "write `index(customer, created)`"),
    (
        "limit",
        "a sync reads the whole list; `filter(...)` says which part of it",
    ),
    ("model", OBJECT),
    ("name", TABLE),
    (
        "no_delete",
        "write `on_delete = soft`, or nothing: it is the default",
    ),
    ("on", HANDLED),
    ("on_conflict", "a sync updates the row that is there"),
    ("params", FILTERED),
    ("post_save", HOOKED_AFTER),
    ("pre_save", HOOKED_BEFORE),
    (
        "primary_key",
        "mark the field of the object's id with #[stripe(id)]",
    ),
    ("query", FILTERED),
    ("rename", TABLE),
    ("resource", OBJECT),
    ("schema", SCHEMA),
    ("schema_name", SCHEMA),
    (
        "soft_delete",
        "write `on_delete = soft`, or nothing: it is the default",
    ),
    ("table_name", TABLE),
    ("type", OBJECT),
    ("version", VERSIONED),
    ("webhook", HANDLED),
    ("where", FILTERED),
];

const RENAMED: &str =
    r#"write `column = "{name}"` for the column, or `path = ...` for the place in the object"#;
const COLUMN: &str = r#"write `column = "{name}"`"#;
const PLACED: &str = "write `path = {address.country}`";
const LEFT_OUT: &str =
    "leave the field out of the struct, or mark a column of your own with `local`";
const FLATTENED: &str = "give each member a field, as in `path = address.country`, or keep the object whole in `Json<...>`";
const TYPED: &str = r#"write `sql_type = "{citext}"`"#;
const TIMED: &str = "the field's type says it: `DateTime<Utc>` reads Unix seconds";
const NULLABLE: &str = "make the field's type an `Option`";
const CONVERTED: &str = "read a type of your own with `parse`, `json` or `with = function`";
const CALLED: &str = "write `with = {function}`";
const KEYED: &str = "write `id`";
const PLACE: &str = "write `position` for the place of an element in its array";
const REFERS: &str =
    "write `references = {Customer}` where the id is; foreign keys are in your migrations";
const REFERRED: &str = "a list inside the object is a `Vec` of its struct with `children`; where the other object holds the id, its struct refers to this one with `references = {Customer}`";
const LISTED: &str = "write `children` on a `Vec` of the struct of the elements";
const CONSTRAINED: &str =
    "write `unique(customer, number)`; other constraints are in your migrations";
const TABLE: &str = r#"write `table = "{customers}"`"#;
const SCHEMA: &str = r#"write the schema before the table: `table = "{billing}.customers"`"#;
const OBJECT: &str = r#"write `object = "{customer}"`"#;
const DELETED: &str = "write `on_delete = hard` or `on_delete = soft`";
const FILTERED: &str = r#"write `filter(status = "active")`"#;
const HANDLED: &str = "events are handled with `Live::builder(..).on(..)`";
const HOOKED: &str = "a hook has the name of its time, as in `pre_set_default = function`";
const HOOKED_BEFORE: &str =
    "write `post_set_default = {function}`, or `sync = {function}` in the transaction";
const HOOKED_AFTER: &str =
    "write `after_commit = {function}`, or `sync = {function}` in the transaction";
const VERSIONED: &str = "a release of stripe-sync reads one version of Stripe's API";

/// What a word of another derive would be here, with the value that is written after it.
pub(super) fn meaning(word: &str, words: &[Meaning], after: ParseStream<'_>) -> Option<String> {
    let (_, meaning) = words.iter().find(|(known, _)| *known == word)?;
    let written = written(after).map(|text| match *meaning == PLACED {
        true => Path::of_text(&text).map_or(text, |path| path.to_string()),
        false => text,
    });
    let mut out = String::new();
    let mut rest = *meaning;
    while let Some((before, (example, after))) = rest
        .split_once('{')
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        out.push_str(before);
        out.push_str(written.as_deref().unwrap_or(example));
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// The one value after an equals sign, without quotes. The input stays where it is.
fn written(after: ParseStream<'_>) -> Option<String> {
    let input = after.fork();
    input.parse::<Token![=]>().ok()?;
    let value = match input.parse::<Lit>() {
        Ok(Lit::Str(text)) => text.value(),
        Ok(Lit::Int(number)) => number.base10_digits().to_owned(),
        Ok(_) => return None,
        Err(_) => {
            let path = input.call(syn::Path::parse_mod_style).ok()?;
            let words = path.segments.iter().map(|word| word.ident.to_string());
            words.collect::<Vec<_>>().join("::")
        }
    };
    let is_short = !value.is_empty() && !value.contains(['"', '{', '\n']);
    (is_short && super::items::at_end(&input)).then_some(value)
}

#[cfg(test)]
mod tests {
    use syn::parse::{ParseStream, Parser};

    use super::{CONTAINER, FIELD, meaning};
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

    #[test]
    fn the_written_value_is_taken_over() {
        let said = |word: &str, after: &str| {
            let parser = |input: ParseStream<'_>| {
                let said = meaning(word, FIELD, input);
                input.parse::<proc_macro2::TokenStream>()?;
                Ok(said.unwrap())
            };
            parser.parse_str(after).unwrap()
        };
        assert_eq!(said("db_column", "= \"mail\""), "write `column = \"mail\"`");
        assert_eq!(said("db_column", ""), "write `column = \"name\"`");
        assert_eq!(
            said("max_length", "= 40"),
            "write `sql_type = \"varchar(40)\"`"
        );
        assert_eq!(
            said("json_path", "= \"$.items[0].id\""),
            "write `path = items[0].id`"
        );
        assert_eq!(said("map", "= own::read"), "write `with = own::read`");
        assert_eq!(said("map", "= |value| value"), "write `with = function`");
    }
}
