//! Which members of an object are columns, by rule.
//!
//! - A single value is a column of its own name.
//! - A reference, and a resource inside another, is the column of its id.
//! - An object of few single values is flattened: `address.country` is `address_country`.
//! - A map is JSON; an array of single values is an array.
//! - Anything else is in `raw`, unless `data/resources.toml` names it.

use stripe_sync_schema::fields::{self, children, element};
use stripe_sync_schema::{Field, Kind, Step};

use crate::choices::Choice;
use crate::error::GenerateError;
use crate::names;
use crate::words::Words;

/// An object with more single values than this is not flattened: it is a document of its own, which `raw` keeps.
const FLATTENED_MAX: usize = 10;
/// How deep a flattened object may be: `shipping.address.city` is three names.
const FLATTENED_DEPTH: usize = 3;
/// In `raw` of a choice: no object is flattened.
const EVERY_OBJECT: &str = "*";
/// Columns by which people find rows.
const INDEXED: [&str; 2] = ["created", "status"];

/// One column.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) holds: Holds,
    /// The values of an enum.
    pub(crate) values: Vec<&'static str>,
    /// The objects whose id it is.
    pub(crate) targets: Vec<&'static str>,
    pub(crate) is_indexed: bool,
    /// Whether a request has to name it in `expand`.
    pub(crate) is_expanded: bool,
    /// What the value is: one sentence.
    pub(crate) doc: String,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    Text,
    Currency,
    Decimal,
    /// Text: a day, `2026-10-28`.
    Date,
    /// Text: a time as in RFC 3339.
    TimeText,
    Boolean,
    Integer,
    Time,
    /// In the minor unit of the currency.
    Amount,
    Number,
    /// The id of another object.
    Id,
    Texts,
    Integers,
    Json,
}

impl Holds {
    fn of(kind: Kind) -> Option<Self> {
        Some(match kind {
            Kind::Text => Self::Text,
            Kind::Currency => Self::Currency,
            Kind::Decimal => Self::Decimal,
            Kind::Date => Self::Date,
            Kind::Timestamp => Self::TimeText,
            Kind::Boolean => Self::Boolean,
            Kind::Integer | Kind::IntegerText => Self::Integer,
            Kind::UnixTime => Self::Time,
            Kind::Amount => Self::Amount,
            Kind::Number => Self::Number,
            Kind::Reference => Self::Id,
            Kind::Map | Kind::Json => Self::Json,
            _ => return None,
        })
    }

    /// What a page says of it.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Currency => "currency",
            Self::Date => "text, a day",
            Self::TimeText => "text, a time",
            Self::Id => "id",
            Self::Decimal => "decimal",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Amount => "amount",
            Self::Time => "time",
            Self::Number => "number",
            Self::Texts => "texts",
            Self::Integers => "integers",
            Self::Json => "JSON",
        }
    }

    /// The column's type on PostgreSQL, as it names it.
    pub(crate) fn postgres(self) -> &'static str {
        match self {
            Self::Text | Self::Currency | Self::Date | Self::TimeText | Self::Id => "text",
            Self::Decimal => "numeric",
            Self::Boolean => "boolean",
            Self::Integer | Self::Amount => "bigint",
            Self::Time => "timestamp with time zone",
            Self::Number => "double precision",
            Self::Texts => "text[]",
            Self::Integers => "bigint[]",
            Self::Json => "jsonb",
        }
    }

    /// The type of a field.
    pub(crate) fn rust(self) -> &'static str {
        match self {
            Self::Text | Self::Currency | Self::Date | Self::TimeText | Self::Id => "String",
            Self::Decimal => "Decimal",
            Self::Boolean => "bool",
            Self::Integer | Self::Amount => "i64",
            Self::Time => "DateTime<Utc>",
            Self::Number => "f64",
            Self::Texts => "Vec<String>",
            Self::Integers => "Vec<i64>",
            Self::Json => "Json<Value>",
        }
    }
}

/// The members of an object: those that are columns, and those that are only in `raw`.
#[derive(Debug, Default)]
pub(crate) struct Members {
    pub(crate) columns: Vec<Column>,
    /// Paths that are in `raw` alone.
    pub(crate) in_raw: Vec<String>,
    /// Paths that Stripe sends only to a request that asks for them.
    pub(crate) on_request: Vec<String>,
}

/// Sorts the members of a model's object.
pub(crate) fn members(
    model: &str,
    choice: &Choice,
    words: &Words,
) -> Result<Members, GenerateError> {
    let mut out = Members::default();
    let mut chosen: Vec<&str> = choice.columns.iter().map(String::as_str).collect();
    let mut json: Vec<&str> = choice.json.iter().map(String::as_str).collect();
    let mut raw: Vec<&str> = choice.raw.iter().map(String::as_str).collect();
    let all_raw = take(&mut raw, EVERY_OBJECT);
    let asked: Vec<&str> = fields::on_request(&choice.object).collect();
    for field in children(&choice.object, &[]) {
        let path = field.name.to_owned();
        let is_fixed = matches!(field.name, "id" | "object" | "deleted");
        let is_secret = fields::secret(&choice.object, &[Step::Key(field.name)]).is_some();
        if is_fixed || is_secret || is_parent(choice, field.name) {
            continue;
        }
        let is_list = choice.children.contains_key(field.name);
        if take(&mut json, field.name) {
            let is_expanded =
                asked.contains(&field.name) || is_array_of_references(&choice.object, &path);
            out.columns.push(Column {
                is_expanded,
                ..column(choice, words, &path, &field, Holds::Json)
            });
            continue;
        }
        if asked.contains(&field.name) {
            if !is_list {
                out.on_request.push(path);
            }
            continue;
        }
        if take(&mut raw, field.name)
            || (all_raw
                && field.kind == Kind::Object
                && !chosen
                    .iter()
                    .any(|chosen| chosen.split('.').next() == Some(field.name)))
        {
            out.in_raw.push(path);
            continue;
        }
        // Of a large object, what is chosen of it.
        let below = format!("{}.", field.name);
        let of_it: Vec<&str> = chosen
            .iter()
            .filter(|chosen| chosen.starts_with(&below))
            .copied()
            .collect();
        if !of_it.is_empty() {
            chosen.retain(|chosen| !of_it.contains(chosen));
            for path in of_it {
                let leaf = leaf(&choice.object, path).ok_or_else(|| {
                    GenerateError::model(model, format!("no single value stands at `{path}`"))
                })?;
                out.columns
                    .push(column(choice, words, path, &leaf.0, leaf.1));
            }
            if !is_list {
                out.in_raw.push(format!("the rest of {}", field.name));
            }
            continue;
        }
        if is_list {
            continue;
        }
        match holds(&choice.object, &path, &field) {
            Some((path, holds)) => out
                .columns
                .push(column(choice, words, &path, &field, holds)),
            None if field.kind == Kind::Object => match flattened(&choice.object, &path, &asked) {
                Some(leaves) if !leaves.is_empty() => {
                    for (path, field, holds) in leaves {
                        out.columns
                            .push(column(choice, words, &path, &field, holds));
                    }
                }
                _ => out.in_raw.push(path),
            },
            None => out.in_raw.push(path),
        }
    }
    let left: Vec<&str> = chosen.into_iter().chain(json).chain(raw).collect();
    if !left.is_empty() {
        return Err(GenerateError::model(
            model,
            format!("nothing stands at {left:?}, or it is not the object's own member"),
        ));
    }
    let mut known: Vec<&str> = vec!["id", "raw", "deleted_at"];
    for column in &out.columns {
        if known.contains(&column.name.as_str()) {
            return Err(GenerateError::model(
                model,
                format!("two columns are called `{}`", column.name),
            ));
        }
        known.push(&column.name);
    }
    Ok(out)
}

fn is_parent(choice: &Choice, name: &str) -> bool {
    choice.parent.as_deref() == Some(name)
}

/// Whether ids stand there, unless a request asks for the whole objects.
fn is_array_of_references(object: &str, path: &str) -> bool {
    element(object, &steps(path)).is_some_and(|element| element.kind == Kind::Reference)
}

fn take(names: &mut Vec<&str>, name: &str) -> bool {
    let before = names.len();
    names.retain(|one| *one != name);
    names.len() < before
}

/// The path of the value in a member, and what a column of it holds; `None` if it is no single value.
fn holds(object: &str, path: &str, field: &Field) -> Option<(String, Holds)> {
    if let Some(holds) = Holds::of(field.kind) {
        return Some((path.to_owned(), holds));
    }
    match field.kind {
        Kind::Resource => Some((format!("{path}.id"), Holds::Id)).filter(|(id, _)| {
            fields::resolve(object, &steps(id)).is_ok_and(|found| found.kind == Kind::Text)
        }),
        Kind::Array => match element(object, &steps(path))?.kind {
            Kind::Text | Kind::Reference | Kind::Currency | Kind::Date => {
                Some((path.to_owned(), Holds::Texts))
            }
            Kind::Integer => Some((path.to_owned(), Holds::Integers)),
            _ => None,
        },
        _ => None,
    }
}

/// The single values of an object; `None` if it has too many, or more than single values.
fn flattened(object: &str, path: &str, asked: &[&str]) -> Option<Vec<(String, Field, Holds)>> {
    let mut out = Vec::new();
    let depth = path.split('.').count();
    for field in children(object, &steps(path)) {
        let path = format!("{path}.{}", field.name);
        if asked.contains(&path.as_str()) {
            continue;
        }
        match holds(object, &path, &field) {
            Some((path, holds)) => out.push((path, field, holds)),
            None if field.kind == Kind::Object && depth < FLATTENED_DEPTH => {
                out.extend(flattened(object, &path, asked)?);
            }
            None => return None,
        }
    }
    (out.len() <= FLATTENED_MAX).then_some(out)
}

/// The member at a path that was chosen, and what a column of it holds.
fn leaf(object: &str, path: &str) -> Option<(Field, Holds)> {
    let (parent, name) = path.rsplit_once('.')?;
    let field = children(object, &steps(parent))
        .into_iter()
        .find(|field| field.name == name)?;
    let (_, holds) = holds(object, path, &field)?;
    Some((field, holds))
}

fn column(choice: &Choice, words: &Words, path: &str, field: &Field, holds: Holds) -> Column {
    let own = path
        .strip_suffix(".id")
        .filter(|_| field.kind == Kind::Resource);
    let default = names::column(own.unwrap_or(path));
    let name = choice
        .names
        .get(own.unwrap_or(path))
        .cloned()
        .unwrap_or(default);
    let targets = match holds {
        Holds::Id => field.targets.clone(),
        _ => Vec::new(),
    };
    Column {
        is_indexed: holds == Holds::Id || INDEXED.contains(&name.as_str()),
        is_expanded: false,
        doc: words.of(&choice.object, path),
        values: field.values.clone(),
        path: path.to_owned(),
        holds,
        targets,
        name,
    }
}

/// The steps of a path: `items.data[0].price`.
pub(crate) fn steps(path: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (key, index) = match part.split_once('[') {
            Some((key, index)) => (
                key,
                index.strip_suffix(']').and_then(|index| index.parse().ok()),
            ),
            None => (part, None),
        };
        steps.push(Step::Key(key));
        steps.extend(index.map(Step::Index));
    }
    steps
}
