//! Reads a resource from its block. Lines that are not understood are skipped; a test reads every block.

use super::{
    DeletedForm, Embedded, Filter, FilterForm, FilterSort, List, Recipe, Resource, Summary,
    UnderParent,
};
use crate::blocks::Block;

pub(super) fn resource(block: &Block) -> Resource {
    let mut found = Resource {
        object: block.name,
        id_prefix: None,
        list: None,
        nested: Vec::new(),
        retrieve: None,
        under: Vec::new(),
        summary: None,
        deleted: DeletedForm::Missing,
        deletable: false,
        created: None,
        livemode: false,
        metadata: false,
        events: Vec::new(),
        deleted_events: Vec::new(),
        mentions: Vec::new(),
        recipes: Vec::new(),
        embedded: Vec::new(),
    };
    let mut lines = block.text.lines().peekable();
    while let Some(line) = lines.next() {
        let mut words = line.split(' ');
        let Some(key) = words.next() else { continue };
        // What belongs to a list stands under it, one space in.
        let details: Vec<&'static str> = std::iter::from_fn(|| {
            lines
                .next_if(|next| next.starts_with(' '))
                .map(str::trim_start)
        })
        .collect();
        match key {
            "prefix" => found.id_prefix = words.next(),
            "list" => found.list = list(None, words, &details),
            "nested" => {
                if let Some(path) = words.next()
                    && let Some(parent) = words.next()
                {
                    found.nested.extend(list(
                        Some(parent),
                        std::iter::once(path).chain(words),
                        &details,
                    ));
                }
            }
            "retrieve" => found.retrieve = words.next(),
            "mention" => found.mentions.extend(words.next()),
            "under" => found.under.extend(under(words)),
            "summary" => found.summary = summary(words),
            "created" => found.created = words.next(),
            "is" => words.for_each(|flag| set(&mut found, flag)),
            "event" => found.events.extend(words.next()),
            "deleted" => found.deleted_events.extend(words.next()),
            "embedded" => found.embedded.extend(embedded(words)),
            kind => found.recipes.extend(recipe(kind, words)),
        }
    }
    found
}

fn set(resource: &mut Resource, flag: &str) {
    match flag {
        "stub" => resource.deleted = DeletedForm::Stub,
        "deletable" => resource.deletable = true,
        "livemode" => resource.livemode = true,
        "metadata" => resource.metadata = true,
        _ => {}
    }
}

fn list(
    parent: Option<&'static str>,
    mut words: impl Iterator<Item = &'static str>,
    details: &[&'static str],
) -> Option<List> {
    let path = words.next()?;
    let flags = words.next()?;
    let mut found = List {
        path,
        parent,
        created_filter: flags.contains('c'),
        paginated: flags.contains('p'),
        filters: Vec::new(),
        items: Vec::new(),
    };
    for detail in details {
        match detail.split_once(' ') {
            Some(("items", items)) => found.items = items.split('|').collect(),
            Some(("filter", filter)) => found.filters.extend(self::filter(filter)),
            _ => {}
        }
    }
    Some(found)
}

fn filter(line: &'static str) -> Option<Filter> {
    let mut words = line.split(' ');
    let mut found = Filter::new(words.next()?);
    if words.next()? == "member" {
        found.sort = FilterSort::Member;
    }
    for word in words {
        match word.split_once('=') {
            None if word == "required" => found.required = true,
            None if word == "range" => found.form = FilterForm::Range,
            None if word == "array" => found.form = FilterForm::Array,
            Some(("", values)) => found.values = values.split('|').collect(),
            Some(("all", values)) => found.all = values.split('|').collect(),
            Some(("list", values)) => found.listed = values.split('|').collect(),
            _ => {}
        }
    }
    Some(found)
}

fn recipe(kind: &str, mut words: impl Iterator<Item = &'static str>) -> Option<Recipe> {
    Some(match kind {
        "query" => Recipe::Query(pairs(words)),
        "clock" => Recipe::PerTestClock {
            param: words.next()?,
            query: pairs(words),
        },
        "clock_customer" => Recipe::PerTestClockCustomer {
            param: words.next()?,
            query: pairs(words),
        },
        "parent" => Recipe::PerParent {
            parent: words.next()?,
            path: words.next()?,
            param: words.next().filter(|param| *param != "-"),
            query: pairs(words),
        },
        _ => return None,
    })
}

fn pairs(words: impl Iterator<Item = &'static str>) -> Vec<(&'static str, &'static str)> {
    words.filter_map(|word| word.split_once('=')).collect()
}

fn under(mut words: impl Iterator<Item = &'static str>) -> Option<UnderParent> {
    Some(UnderParent {
        list: words.next()?,
        parent: words.next()?,
        member: words.next()?,
    })
}

fn summary(mut words: impl Iterator<Item = &'static str>) -> Option<Summary> {
    Some(Summary {
        object: words.next()?,
        parent: words.next()?,
        member: words.next()?,
        events: words.collect(),
    })
}

fn embedded(mut words: impl Iterator<Item = &'static str>) -> Option<Embedded> {
    Some(Embedded {
        field: words.next()?,
        list: words.next().filter(|path| *path != "-"),
        inline: words.next()? == "inline",
        items: words.next()?.split('|').collect(),
    })
}
