//! The page of differences to the tables of Stripe's sync-engine.
//!
//! `data/sync_engine.txt` has its tables: a name, and below it a column and its SQL type on each line. Comments say where the
//! facts are from, and which object each table mirrors.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::columns::{Column, Holds};
use crate::error::GenerateError;
use crate::pages::place;
use crate::plan::{Model, Plan};
use crate::source::HEAD;

/// What a comment begins with that says which object a table mirrors.
const MIRRORS: &str = "# mirrors: ";
/// What a comment begins with that says of which state the tables are.
const STATE: &str = "# State: ";
/// Their columns of bookkeeping begin with it.
const BOOKKEEPING: char = '_';
/// Columns that say the same on every row, or that Stripe does not send.
const CONSTANT: [&str; 1] = ["object"];

/// A table of theirs.
#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    object: String,
    /// The columns with their types.
    columns: BTreeMap<String, String>,
}

/// What is known of their tables.
#[derive(Debug, Default)]
struct Tables {
    state: String,
    by_name: BTreeMap<String, Table>,
}

impl Tables {
    fn parse(text: &str) -> Result<Self, GenerateError> {
        let mut tables = Self::default();
        let mut current = None;
        for (number, line) in text.lines().enumerate() {
            let wrong = || {
                let what = "expected a table, or two spaces, a column and its type";
                GenerateError::SyncEngine(format!("line {}: {what}", number + 1))
            };
            if let Some(state) = line.strip_prefix(STATE) {
                state.clone_into(&mut tables.state);
            } else if let Some(mirrors) = line.strip_prefix(MIRRORS) {
                let (table, object) = mirrors.split_once(' ').ok_or_else(wrong)?;
                let table = tables.by_name.entry(table.to_owned()).or_default();
                object.clone_into(&mut table.object);
            } else if let Some(column) = line.strip_prefix("  ") {
                let (name, ty) = column.split_once(' ').ok_or_else(wrong)?;
                let table: &String = current.as_ref().ok_or_else(wrong)?;
                let table = tables.by_name.entry(table.clone()).or_default();
                table.columns.insert(name.to_owned(), ty.to_owned());
            } else if !line.is_empty() && !line.starts_with('#') {
                current = Some(line.to_owned());
            }
        }
        Ok(tables)
    }
}

/// How a column of theirs is in our table.
#[derive(Debug, PartialEq, Eq)]
enum Difference {
    /// A column of the same name has another type here.
    Type { theirs: String, ours: &'static str },
    /// An object of theirs that is several columns here.
    Flattened(Vec<String>),
    /// An array of theirs whose elements are rows of another table here.
    Child(String),
    /// It is in `raw` alone.
    InRaw,
}

/// The differences of one table: their columns that are not the same here, and our columns that they lack.
fn compare(plan: &Plan, theirs: &Table, model: &Model) -> (Vec<(String, Difference)>, Vec<String>) {
    let ours = own_columns(model);
    let mut differences = Vec::new();
    let mut flattened = BTreeSet::new();
    for (name, ty) in &theirs.columns {
        if name.starts_with(BOOKKEEPING) || CONSTANT.contains(&name.as_str()) {
            continue;
        }
        let difference = match ours.get(name.as_str()) {
            Some(own) if own == ty => continue,
            Some(own) => Difference::Type {
                theirs: ty.clone(),
                ours: own,
            },
            None => missing(plan, model, name),
        };
        if let Difference::Flattened(columns) = &difference {
            flattened.extend(columns.iter().cloned());
        }
        differences.push((name.clone(), difference));
    }
    let own = ours
        .keys()
        .filter(|name| !theirs.columns.contains_key(**name) && !flattened.contains(**name));
    (differences, own.map(|name| (*name).to_owned()).collect())
}

/// A column of theirs that has no column of its name here.
fn missing(plan: &Plan, model: &Model, name: &str) -> Difference {
    if let Some(child) = model.children.iter().find(|child| child.member == name) {
        let table = plan.model(&child.model).map(|child| child.table.clone());
        return Difference::Child(table.unwrap_or_default());
    }
    let below = format!("{name}.");
    let columns = model
        .columns
        .iter()
        .filter(|column| column.path.starts_with(&below));
    let columns: Vec<String> = columns.map(|column| column.name.clone()).collect();
    match columns.is_empty() {
        true => Difference::InRaw,
        false => Difference::Flattened(columns),
    }
}

fn own_columns(model: &Model) -> BTreeMap<&str, &'static str> {
    let column = |column: &'_ Column| column.holds.postgres();
    let mut own: BTreeMap<&str, &'static str> = model
        .columns
        .iter()
        .map(|one| (one.name.as_str(), column(one)))
        .collect();
    let text = Holds::Text.postgres();
    own.extend(
        model
            .parent
            .iter()
            .map(|parent| (parent.column.as_str(), text)),
    );
    match model.is_element() {
        true => own.extend([("position", Holds::Integer.postgres())]),
        false => own.extend([
            ("id", text),
            ("raw", Holds::Json.postgres()),
            ("deleted_at", Holds::Time.postgres()),
        ]),
    }
    own
}

/// The page.
pub(crate) fn page(plan: &Plan, facts: &str) -> Result<String, GenerateError> {
    let tables = Tables::parse(facts)?;
    let mut out = format!(
        "<!-- {HEAD} -->\n\n# Differences to sync-engine\n\nHow the tables of [`stripe-sync-models`](../models.md) differ from those \
         of Stripe's sync-engine on PostgreSQL. A table and a column that both have are called alike; what is not named here is the \
         same.\n\nCompared with: {}\n\nTheir columns that begin with `_` are bookkeeping, and `object` is the same text in every row: \
         these are left out. Ours have `raw` in the place of `_raw_data`, and `deleted_at`, which says when an object was found \
         deleted. A column of theirs that is not here is in `raw`, unless Stripe does not send it any more.\n",
        tables.state
    );
    let mut known = BTreeSet::new();
    for (name, theirs) in &tables.by_name {
        let of_object = |model: &&Model| model.object == theirs.object && model.table == *name;
        let Some(model) = plan.models.iter().find(of_object) else {
            let message = format!("no model of `{}` has the table `{name}`", theirs.object);
            return Err(GenerateError::SyncEngine(message));
        };
        known.insert(name.as_str());
        table(&mut out, plan, (name, theirs), model);
    }
    out.push_str("\n## Tables that only we have\n\nA table for every resource that a list shows, and for lists inside of objects.\n\n");
    let mut models: Vec<&Model> = plan.models.iter().collect();
    models.sort_by_key(|model| &model.table);
    for model in models
        .into_iter()
        .filter(|model| !known.contains(model.table.as_str()))
    {
        let _ = writeln!(
            out,
            "- [`{}`]({}): {}",
            model.table,
            place(model),
            model.doc
        );
    }
    out.push_str(
        "\n## Tables that only they have\n\nOnly tables of bookkeeping: `_sync_runs`, `_sync_obj_runs`, `_managed_webhooks`, \
         `_migrations` and their views.\n",
    );
    Ok(out)
}

fn table(out: &mut String, plan: &Plan, (name, theirs): (&str, &Table), model: &Model) {
    let (differences, own) = compare(plan, theirs, model);
    let _ = write!(out, "\n## [`{name}`]({})\n\n", place(model));
    if !differences.is_empty() {
        out.push_str("| their column | type | here |\n|---|---|---|\n");
    }
    for (column, difference) in &differences {
        let here = match difference {
            Difference::Type { ours, .. } => format!("`{ours}`"),
            Difference::Flattened(columns) => format!("flattened: {}", code(columns)),
            Difference::Child(table) => format!("rows of the child table `{table}`"),
            Difference::InRaw => "theirs only".to_owned(),
        };
        let _ = writeln!(out, "| `{column}` | {} | {here} |", theirs.columns[column]);
    }
    if !own.is_empty() {
        let _ = writeln!(out, "\nOurs only: {}.", code(&own));
    }
}

fn code(names: &[String]) -> String {
    let names = names.iter().map(|name| format!("`{name}`"));
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Difference, Table, Tables, compare};
    use crate::files::plan;

    fn table(columns: &[(&str, &str)]) -> Table {
        let columns = columns.iter();
        Table {
            object: "invoice".to_owned(),
            columns: columns
                .map(|(name, ty)| ((*name).to_owned(), (*ty).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn each_kind_of_difference_is_told() {
        let plan = plan(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap().0;
        let invoice = plan.model("Invoice").unwrap();
        let theirs = table(&[
            ("_raw_data", "jsonb"),
            ("object", "text"),
            ("amount_due", "bigint"),
            ("created", "integer"),
            ("customer_address", "jsonb"),
            ("lines", "jsonb"),
            ("paid", "boolean"),
        ]);
        let (differences, own) = compare(&plan, &theirs, invoice);
        let names: Vec<&str> = differences.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["created", "customer_address", "lines", "paid"]);
        let time = Difference::Type {
            theirs: "integer".to_owned(),
            ours: "timestamp with time zone",
        };
        assert_eq!(differences[0].1, time);
        assert!(
            matches!(&differences[1].1, Difference::Flattened(columns) if columns[0] == "customer_address_city")
        );
        assert_eq!(
            differences[2].1,
            Difference::Child("invoice_line_items".to_owned())
        );
        assert_eq!(differences[3].1, Difference::InRaw);
        assert!(own.contains(&"amount_paid".to_owned()) && !own.contains(&"amount_due".to_owned()));
        assert!(!own.contains(&"customer_address_city".to_owned()));
    }

    #[test]
    fn a_line_that_is_no_column_is_an_error() {
        let error = Tables::parse("customers\n  id\n").unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
        assert!(Tables::parse("  id text\n").is_err());
    }
}
