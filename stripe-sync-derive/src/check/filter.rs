//! `filter(name = value)`: the list has to know the parameter, and the value.

use stripe_sync_schema::Filter;

use crate::attr::Parameter;
use crate::check::container::either;
use crate::ctxt::Ctxt;
use crate::model::Model;

/// What walks through a list sets by itself.
const PAGING: [&str; 5] = [
    "limit",
    "starting_after",
    "ending_before",
    "created",
    "expand",
];

/// Every filter is one of the list's, with a value that it takes.
pub(super) fn filters_exist(cx: &Ctxt, model: &Model<'_>) {
    let Some(resource) = model.resource else {
        return;
    };
    let known: Vec<&Filter> = match &resource.list {
        Some(list) => list.filters.iter().collect(),
        None => resource
            .nested
            .iter()
            .flat_map(|list| &list.filters)
            .collect(),
    };
    for parameter in &model.attrs.filters {
        let named: Vec<&Filter> = known
            .iter()
            .copied()
            .filter(|filter| filter.name == parameter.name)
            .collect();
        if named.is_empty() {
            cx.error(parameter.name_span, unknown(model, parameter, &known));
        } else {
            value_is_taken(cx, parameter, &named);
        }
    }
}

fn unknown(model: &Model<'_>, parameter: &Parameter, known: &[&Filter]) -> String {
    let (object, name) = (&model.object, &parameter.name);
    if PAGING.contains(&name.as_str()) {
        return format!("`{name}` is not yours to set: a sync uses it to walk through the list");
    }
    let names = || known.iter().map(|filter| filter.name);
    let near = stripe_sync_schema::nearest(name, names());
    let advice = if !near.is_empty() {
        format!("did you mean {}?", either(&near))
    } else if known.is_empty() {
        "it has none".to_owned()
    } else {
        format!("there are: {}", names().collect::<Vec<_>>().join(", "))
    };
    format!("the list of `{object}` objects has no filter `{name}`; {advice}")
}

fn value_is_taken(cx: &Ctxt, parameter: &Parameter, named: &[&Filter]) {
    // An empty set of values means any.
    let values: Vec<&str> = named
        .iter()
        .flat_map(|filter| filter.values.clone())
        .collect();
    let any = named.iter().any(|filter| filter.values.is_empty());
    if any || values.contains(&parameter.value.as_str()) {
        return;
    }
    let near = stripe_sync_schema::nearest(&parameter.value, values.iter().copied());
    let advice = if near.is_empty() {
        format!("it takes {}", either(&values))
    } else {
        format!("did you mean {}?", either(&near))
    };
    let Parameter { name, value, .. } = parameter;
    cx.error(
        parameter.value_span,
        format!("the filter `{name}` does not take `{value}`; {advice}"),
    );
}
