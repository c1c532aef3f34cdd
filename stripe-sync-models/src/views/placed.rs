//! A view over the tables of a registry: where it stands, and the names in its statement.

use stripe_sync::{DatabaseKind, Model, Registry, Role, TableName};

use super::{View, ViewError};

/// Stands for the view's own name in the statement. A table is `{customers}`.
const VIEW: &str = "view";

/// The name of the view, beside the table of its first model.
pub(super) fn name(
    view: &View,
    registry: &Registry,
    database: DatabaseKind,
) -> Result<TableName, ViewError> {
    let versioned = format!("{}_v{}", view.name, view.version);
    let Some(first) = view.models.first() else {
        return Ok(TableName::new(versioned));
    };
    let (model, table) = find(view, first, registry)?;
    // What `Registry::prefixed` or a namespace has put before the name.
    let own = TableName::of(model);
    let prefix = table.name().strip_suffix(own.name()).unwrap_or_default();
    let name = TableName::new(format!("{prefix}{versioned}"));
    let name = match (table.namespace(), table.schema()) {
        (Some(namespace), _) => name.in_namespace(namespace),
        (None, Some(schema)) => name.in_schema(schema),
        (None, None) => name,
    };
    let name = name.on(database);
    match database.keeps(&name) {
        true => Ok(name),
        false => Err(ViewError::LongName {
            name: name.to_string(),
            database: database.to_string(),
        }),
    }
}

/// The statement with the names of the view and of the tables.
pub(super) fn create(
    view: &View,
    registry: &Registry,
    database: DatabaseKind,
) -> Result<String, ViewError> {
    let text = match database.feature() {
        "sqlite" => view.sqlite,
        "postgres" => view.postgres,
        "mysql" => view.mysql,
        _ => {
            return Err(ViewError::UnknownDatabase {
                view: view.name,
                database: database.to_string(),
            });
        }
    };
    let mut names = vec![(
        VIEW.to_owned(),
        name(view, registry, database)?.quoted(database),
    )];
    for ready in view.models {
        let (model, table) = find(view, ready, registry)?;
        if model.role(Role::Account).is_some() || model.role(Role::Livemode).is_some() {
            return Err(ViewError::SeveralAccounts {
                view: view.name,
                model: model.name(),
            });
        }
        let name = TableName::of(ready).name().to_owned();
        names.push((name, table.quoted(database)));
    }
    Ok(fill(text.trim_end(), &names))
}

/// The model that mirrors what a ready-made one does, and its table: that one itself, or else the only one of its resource.
fn find(
    view: &View,
    ready: &'static Model,
    registry: &Registry,
) -> Result<(&'static Model, TableName), ViewError> {
    let is_ready = |model: &Model| (model.name(), model.table()) == (ready.name(), ready.table());
    let entries = registry.models().zip(registry.tables());
    let mut entries: Vec<_> = entries
        .filter(|(model, _)| model.object() == ready.object())
        .collect();
    if entries.len() > 1 {
        let place = entries.iter().position(|(model, _)| is_ready(model));
        let place = place.ok_or(ViewError::SeveralModels {
            view: view.name,
            model: ready.name(),
            object: ready.object(),
        })?;
        return Ok(entries.swap_remove(place));
    }
    entries.pop().ok_or(ViewError::NoModel {
        view: view.name,
        model: ready.name(),
        object: ready.object(),
    })
}

/// Puts names in the place of `{words}`.
fn fill(text: &str, names: &[(String, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let name = after.split_once('}').and_then(|(word, after)| {
            let (_, name) = names.iter().find(|(known, _)| known == word)?;
            Some((name, after))
        });
        match name {
            Some((name, after)) => {
                out.push_str(name);
                rest = after;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}
