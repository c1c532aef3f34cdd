//! An object that is rendered once, with gaps for what each of its copies has for itself.

use serde_json::{Map, Value};

use crate::data::collection::Record;
use crate::data::index::ResourceIndex;
use crate::data::{on_request, render};

/// What a gap is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    Id,
    Parent,
    Created,
    List,
}

#[derive(Debug)]
enum Part {
    Text(String),
    Gap(Gap),
}

/// Words that stand for the gaps in an object, and nowhere else in it: ids that nothing has.
#[derive(Debug)]
pub(super) struct Marks {
    pub(super) id: String,
    pub(super) parent: String,
    pub(super) created: String,
    pub(super) list: String,
}

/// What fills the gaps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) id: &'a str,
    pub(super) parent: &'a str,
    pub(super) created: i64,
    /// A list object, as JSON.
    pub(super) list: &'a str,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) index: &'static ResourceIndex,
    body: Vec<Part>,
    values: Vec<(u8, Vec<Part>)>,
    hidden: Option<Box<Map<String, Value>>>,
}

impl Pattern {
    /// The pattern of an object with marks in it.
    pub(super) fn of(index: &'static ResourceIndex, value: &Value, marks: &Marks) -> Self {
        let (shown, hidden) = on_request::split(index.object, value);
        let body = String::from_utf8_lossy(&render::object(&shown, None)).into_owned();
        let values = index.values_of(value).into_iter();
        Self {
            index,
            body: split(&body, marks),
            values: values
                .map(|(key, text)| (key, split(&text, marks)))
                .collect(),
            hidden,
        }
    }

    pub(super) fn fill(&self, words: Words<'_>, parent: Option<&str>, listed: bool) -> Record {
        let values = self.values.iter();
        let values = values.map(|(key, parts)| (*key, fill(parts, words).into()));
        Record {
            id: words.id.into(),
            body: fill(&self.body, words).into_bytes().into(),
            hidden: self.hidden.clone(),
            values: values.collect(),
            parent: parent.map(Into::into),
            listed,
            visible_at: words.created,
        }
    }
}

/// A text, come apart at the marks.
fn split(text: &str, marks: &Marks) -> Vec<Part> {
    // In JSON, time and list are no texts.
    let gaps = [
        (format!("\"{}\"", marks.created), Gap::Created),
        (format!("\"{}\"", marks.list), Gap::List),
        (marks.created.clone(), Gap::Created),
        (marks.id.clone(), Gap::Id),
        (marks.parent.clone(), Gap::Parent),
    ];
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let next = gaps
            .iter()
            .filter_map(|(mark, gap)| Some((rest.split_once(mark.as_str())?, *gap)))
            .min_by_key(|((before, _), _)| before.len());
        let Some(((before, after), gap)) = next else {
            break;
        };
        parts.extend([Part::Text(before.to_owned()), Part::Gap(gap)]);
        rest = after;
    }
    parts.push(Part::Text(rest.to_owned()));
    parts
}

fn fill(parts: &[Part], words: Words<'_>) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(part) => text.push_str(part),
            Part::Gap(Gap::Id) => text.push_str(words.id),
            Part::Gap(Gap::Parent) => text.push_str(words.parent),
            Part::Gap(Gap::Created) => text.push_str(&words.created.to_string()),
            Part::Gap(Gap::List) => text.push_str(words.list),
        }
    }
    text
}
