//! Which models and ids a word on the command line means.

use std::collections::BTreeMap;

use stripe_sync::{Model, Registry, TableName};
use stripe_sync_schema::catalogue;

use crate::failure::Failure;

/// What is to be synced.
#[derive(Debug, Default)]
pub(crate) struct Targets {
    /// Whole resources, in load order.
    pub(crate) models: Vec<&'static Model>,
    /// Single objects, by model.
    pub(crate) ids: Vec<(&'static Model, Vec<String>)>,
}

impl Targets {
    /// What these words mean; all models if there is none.
    ///
    /// # Errors
    /// When a word means nothing here.
    pub(crate) fn of(words: &[String], registry: &Registry) -> Result<Self, Failure> {
        let all = registry.in_load_order();
        if words.is_empty() {
            return Ok(Self {
                models: all,
                ids: Vec::new(),
            });
        }
        let mut wanted: Vec<&'static Model> = Vec::new();
        let mut ids: Vec<(&'static Model, Vec<String>)> = Vec::new();
        for word in words {
            let named = named(word, registry);
            if !named.is_empty() {
                wanted.extend(named);
                continue;
            }
            let (models, id) = with_id(word, registry)?;
            for model in models {
                match ids
                    .iter_mut()
                    .find(|(known, _)| std::ptr::eq(*known, model))
                {
                    Some((_, ids)) => ids.push(id.to_owned()),
                    None => ids.push((model, vec![id.to_owned()])),
                }
            }
        }
        // The rows of children are written with those of their parents.
        let mut next = 0;
        while let Some(child) = wanted.get(next).copied() {
            for parent in parents(child, registry) {
                if !wanted.iter().any(|known| std::ptr::eq(*known, parent)) {
                    wanted.push(parent);
                }
            }
            next += 1;
        }
        let is_wanted =
            |model: &&'static Model| wanted.iter().any(|one| std::ptr::eq(*one, *model));
        Ok(Self {
            models: all.into_iter().filter(is_wanted).collect(),
            ids,
        })
    }
}

/// The models in whose objects the rows of another one are the elements of a list.
pub(crate) fn parents(model: &Model, registry: &Registry) -> Vec<&'static Model> {
    // Not by its address: a constant may have several.
    let is = |child: &Model| (child.name(), child.table()) == (model.name(), model.table());
    let has = |parent: &&'static Model| parent.children().any(|(_, child)| is(child));
    registry.models().filter(has).collect()
}

/// The models that a word names: by their resource, its plural, their table, or the struct.
fn named(word: &str, registry: &Registry) -> Vec<&'static Model> {
    let plain = |text: &str| text.to_ascii_lowercase().replace(['-', '_', ' '], "");
    let wanted = plain(word);
    let tables = registry.tables();
    // No database is connected yet: `stripe.customers` of PostgreSQL, and `stripe_customers` of the others.
    let is_table = |table: &TableName| {
        let namespace = table.namespace();
        let prefixed = namespace.map(|namespace| format!("{namespace}_{}", table.name()));
        let mut names = [Some(table.to_string()), prefixed].into_iter().flatten();
        names.any(|name| plain(&name) == wanted)
    };
    let is = |(model, table): &(&'static Model, TableName)| {
        let object = model.object();
        let last = object.rsplit('.').next().unwrap_or(object);
        let names = [object, last].map(plain);
        names
            .iter()
            .any(|name| *name == wanted || plural(name) == wanted)
            || list_name(object).is_some_and(|name| plain(name) == wanted)
            || plain(table.name()) == wanted
            || is_table(table)
            || plain(model.name()) == wanted
    };
    let found: Vec<(&'static Model, TableName)> =
        registry.models().zip(tables).filter(is).collect();
    // The whole name says more than its last part: `session` may be of a checkout and of a portal.
    let exact: Vec<&'static Model> = found
        .iter()
        .filter(|(model, table)| plain(model.object()) == wanted || is_table(table))
        .map(|(model, _)| *model)
        .collect();
    match exact.is_empty() {
        true => found.into_iter().map(|(model, _)| model).collect(),
        false => exact,
    }
}

/// `customers`, `taxes`, `countries`.
fn plural(name: &str) -> String {
    match name.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ if name.ends_with(['s', 'x']) => format!("{name}es"),
        _ => format!("{name}s"),
    }
}

/// What Stripe's list of a resource is called: `checkout/sessions`.
fn list_name(object: &str) -> Option<&'static str> {
    let list = catalogue::resource(object)?.list.as_ref()?;
    list.path.rsplit('/').next()
}

/// The models of an id, and the id: known by its prefix, or as `coupon:SUMMER`.
fn with_id<'w>(
    word: &'w str,
    registry: &Registry,
) -> Result<(Vec<&'static Model>, &'w str), Failure> {
    if let Some((resource, id)) = word.split_once(':') {
        let models = named(resource, registry);
        return match (models.is_empty(), id.is_empty()) {
            (true, _) => Err(unknown(resource, registry)),
            (false, true) => Err(Failure::usage(format!(
                "expected an id behind `{word}`, got nothing"
            ))
            .next(format!(
                "write `{word}ID`, or `{resource}` for the whole resource"
            ))),
            (false, false) => Ok((models, id)),
        };
    }
    let Some((prefix, _)) = word.rsplit_once('_') else {
        return Err(unknown(word, registry));
    };
    let of_prefix: Vec<&'static Model> = registry
        .models()
        .filter(|model| {
            let resource = catalogue::resource(model.object());
            resource.and_then(|resource| resource.id_prefix) == Some(prefix)
        })
        .collect();
    if !of_prefix.is_empty() {
        return Ok((of_prefix, word));
    }
    let mut resources = catalogue::resources().iter();
    match resources.find(|resource| resource.id_prefix == Some(prefix)) {
        Some(resource) => Err(Failure::usage(format!(
            "{word} is the id of a `{}`, and this program has no model of it",
            resource.object
        ))
        .next(format!("name one of: {}", names(registry)))),
        None => Err(unknown(word, registry)),
    }
}

fn unknown(word: &str, registry: &Registry) -> Failure {
    let failure = Failure::usage(format!(
        "expected a resource, table or id of this program, got `{word}`"
    ));
    let objects: BTreeMap<&str, ()> = registry
        .models()
        .map(|model| (model.object(), ()))
        .collect();
    let near = catalogue::nearest(word);
    match near.iter().find(|object| objects.contains_key(*object)) {
        Some(object) => failure.next(format!("did you mean `{object}`?")),
        None => failure.next(format!(
            "name one of: {}; an id without a known prefix is written as RESOURCE:ID",
            names(registry)
        )),
    }
}

fn names(registry: &Registry) -> String {
    let mut names: Vec<&str> = registry
        .in_load_order()
        .iter()
        .map(|model| model.object())
        .collect();
    names.dedup();
    match names.is_empty() {
        true => "(this program has no models)".to_owned(),
        false => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stripe_sync::StripeSync;

    #[derive(StripeSync)]
    #[stripe(object = "customer", table = "payers", namespace = "stripe")]
    struct Payer {
        #[allow(dead_code, reason = "only the names matter")]
        id: String,
    }

    #[test]
    fn a_table_in_a_namespace_has_a_name_on_each_database() {
        let registry = Registry::new().model::<Payer>();
        for word in [
            "customer",
            "customers",
            "payers",
            "Payer",
            "stripe.payers",
            "stripe_payers",
        ] {
            let found = named(word, &registry);
            assert_eq!(found.len(), 1, "{word}");
        }
        for word in ["other.payers", "other_payers", "stripe"] {
            assert!(named(word, &registry).is_empty(), "{word}");
        }
        let placed = registry.in_schema("stripe");
        assert!(named("stripe_payers", &placed).is_empty());
    }

    #[test]
    fn plurals_are_english() {
        for (one, many) in [
            ("customer", "customers"),
            ("tax", "taxes"),
            ("country", "countries"),
            ("key", "keys"),
            ("address", "addresses"),
        ] {
            assert_eq!(plural(one), many);
        }
    }
}
