//! The pages of `docs/models`: for each group what its tables hold, and an index.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::columns::{Column, Holds};
use crate::plan::{Model, Plan};
use crate::source::{HEAD, facts, meaning};

/// What each kind of column is, on the index.
const KINDS: [(&str, &str); 10] = [
    ("text, currency, id", "text"),
    ("integer", "a whole number of 64 bits"),
    ("amount", "an integer, in the minor unit of the currency"),
    ("decimal", "an exact decimal number"),
    ("number", "a floating-point number of 64 bits"),
    ("boolean", "true or false"),
    ("time", "a moment in UTC"),
    (
        "text, a day; text, a time",
        "text, as in `2026-10-28` and in RFC 3339",
    ),
    ("texts, integers", "an array on PostgreSQL, JSON elsewhere"),
    ("JSON", "a document"),
];

/// Every page, by its path below `docs`.
pub(crate) fn pages(plan: &Plan, about: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for feature in plan.features() {
        let text = group(plan, feature, about.get(feature).map_or("", String::as_str));
        out.insert(format!("models/{feature}.md"), text);
    }
    out.insert("models.md".to_owned(), index(plan, about));
    out
}

fn index(plan: &Plan, about: &BTreeMap<String, String>) -> String {
    let mut out = format!(
        "<!-- {HEAD} -->\n\n# The ready-made models\n\nWhat the tables of [`stripe-sync-models`](../stripe-sync-models) hold, a page \
         for each group. [Differences to sync-engine](models/sync-engine.md) lists what Stripe's sync-engine calls otherwise.\n\n\
         | group | tables | |\n|---|---|---|\n"
    );
    for feature in plan.features() {
        let models = plan
            .models
            .iter()
            .filter(|model| model.feature() == feature);
        let _ = writeln!(
            out,
            "| [`{feature}`](models/{feature}.md) | {} | {} |",
            models.count(),
            about.get(feature).map_or("", String::as_str)
        );
    }
    out.push_str("\n## Kinds of columns\n\n| kind | what it is |\n|---|---|\n");
    for (kind, what) in KINDS {
        let _ = writeln!(out, "| {kind} | {what} |");
    }
    out.push_str(
        "\nEvery column may be null but the key. Most tables also have `raw`, the whole object as Stripe sent it, `deleted_at`, when \
         the object was found deleted, and the columns of bookkeeping, `stripe_hash` and others.\n\n## Resources without a model\n\n",
    );
    for (object, reason) in &plan.without {
        let _ = writeln!(out, "- `{object}`: {reason}");
    }
    out.push_str("\n## All tables\n\n| table | struct | object |\n|---|---|---|\n");
    let mut models: Vec<&Model> = plan.models.iter().collect();
    models.sort_by_key(|model| &model.table);
    for model in models {
        let _ = writeln!(
            out,
            "| `{}` | [`{}`](models/{}) | `{}` |",
            model.table,
            model.name,
            place(model),
            model.object
        );
    }
    out
}

/// Where a model stands: `billing.md#customer`.
pub(crate) fn place(model: &Model) -> String {
    format!("{}.md#{}", model.feature(), model.name.to_lowercase())
}

fn group(plan: &Plan, feature: &str, about: &str) -> String {
    let mut out = format!("<!-- {HEAD} -->\n\n# Tables of `{feature}`\n\n{about}\n");
    let mut models: Vec<&Model> = plan.models.iter().collect();
    models.retain(|model| model.feature() == feature);
    models.sort_by_key(|model| &model.name);
    let link = |model: &Model| format!("[`{}`]({})", model.name, place(model));
    for model in models {
        let _ = write!(
            out,
            "\n## {}\n\n{}\n\n| | |\n|---|---|\n",
            model.name, model.doc
        );
        for (name, value) in facts(plan, model, &link) {
            let _ = writeln!(out, "| {name} | {value} |");
        }
        out.push_str("\n| column | kind | from | what it means |\n|---|---|---|---|\n");
        for row in rows(plan, model) {
            out.push_str(&row);
        }
    }
    out
}

fn rows(plan: &Plan, model: &Model) -> Vec<String> {
    let row = |name: &str, kind: &str, from: &str, doc: &str| {
        let from = match from.is_empty() {
            true => String::new(),
            false => format!("`{from}`"),
        };
        format!(
            "| `{name}` | {kind} | {from} | {} |\n",
            doc.replace('|', "\\|")
        )
    };
    let mut rows = Vec::new();
    if !model.is_element() {
        rows.push(row("id", "id", "id", "The id."));
    }
    if let Some(parent) = &model.parent {
        let from = match &parent.object {
            Some(_) => "",
            None => parent.column.as_str(),
        };
        rows.push(row(&parent.column, Holds::Id.kind(), from, &parent.doc));
    }
    if model.is_element() {
        let doc = "The place in the list, from 0.";
        rows.push(row("position", Holds::Integer.kind(), "", doc));
    }
    for column in &model.columns {
        let Column { name, path, .. } = column;
        rows.push(row(
            name,
            column.holds.kind(),
            path,
            &meaning(plan, model, column),
        ));
    }
    if !model.is_element() {
        rows.push(row(
            "raw",
            "JSON",
            "",
            "The whole object, as Stripe sent it.",
        ));
        rows.push(row(
            "deleted_at",
            "time",
            "",
            "When the object was found deleted.",
        ));
    }
    rows
}
