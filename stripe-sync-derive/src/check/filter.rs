//! `filter(name = value)`: one list has to know each parameter, and its values.

use proc_macro2::Span;
use stripe_sync_schema::catalogue::BOUNDS;
use stripe_sync_schema::{Filter, FilterForm, Kind, List};

use crate::attr::Parameter;
use crate::check::container::either;
use crate::ctxt::Ctxt;
use crate::filter::{self, Known};
use crate::model::Model;

/// What walks through a list sets by itself.
const PAGING: [&str; 4] = ["limit", "starting_after", "ending_before", "expand"];

/// Every filter is one of the list's, with a value that it takes.
pub(super) fn filters_exist(cx: &Ctxt, model: &Model<'_>) {
    let Some(resource) = model.resource else {
        return;
    };
    let lists = resource.walked();
    let before = cx.count();
    for parameter in &model.attrs.filters {
        let mut knowing = lists
            .iter()
            .filter_map(|list| filter::known(list, &parameter.name));
        match knowing.next() {
            None => cx.error(parameter.name_span, unknown(model, parameter, &lists)),
            Some(known) => match parameter.other_form {
                Some(span) => cx.error(span, in_this_form(model, parameter, &known)),
                None => values_are_taken(cx, model, parameter, &known),
            },
        }
    }
    let names = || {
        let parameters = model.attrs.filters.iter();
        parameters.map(|parameter| &*parameter.name)
    };
    if cx.count() == before
        && let Some(first) = model.attrs.filters.first()
        && filter::list_of(resource, names()).is_none()
    {
        let names: Vec<&str> = names().collect();
        let message = format!(
            "no list of `{}` objects takes `{}` together",
            model.object,
            names.join("` and `")
        );
        cx.error(first.name_span, message);
    }
}

fn unknown(model: &Model<'_>, parameter: &Parameter, lists: &[&List]) -> String {
    let (object, name) = (&model.object, parameter.name.as_str());
    let filters = || lists.iter().flat_map(|list| &list.filters);
    if PAGING.contains(&name) {
        return format!("`{name}` is not yours to set: a sync uses it to walk through the list");
    }
    let members: Vec<&str> = filters()
        .map(|filter| filter.name)
        .filter(|member| member.split_once('.').is_some_and(|(hash, _)| hash == name))
        .collect();
    if !members.is_empty() {
        return format!(
            "`{name}` is a hash, which Stripe refuses without a member; write {}",
            either(&members)
        );
    }
    if let Some((base, last)) = name.rsplit_once('.')
        && let Some(known) = lists.iter().find_map(|list| list.filter(base))
    {
        return match known.form {
            FilterForm::Range => format!(
                "the filter `{base}` has no bound `{last}`; there are {}",
                either(&BOUNDS)
            ),
            _ if BOUNDS.contains(&last) => {
                format!("the filter `{base}` takes no bounds; write `{base} = ...`")
            }
            _ => format!("the filter `{base}` has no members; write `{base} = ...`"),
        };
    }
    let created = lists.iter().any(|list| list.created_filter);
    let names = || {
        let created = created.then_some("created");
        filters().map(|filter| filter.name).chain(created)
    };
    let near = stripe_sync_schema::nearest(name, names());
    let advice = if !near.is_empty() {
        format!("did you mean {}?", either(&near))
    } else if names().next().is_none() {
        "it has none".to_owned()
    } else {
        let created = created.then(Filter::created);
        let mut all: Vec<String> = Vec::new();
        for filter in filters().chain(&created) {
            let example = example(model, filter, None, None);
            if !all.contains(&example) {
                all.push(example);
            }
        }
        format!("it takes {}", all.join(", "))
    };
    format!("the list of `{object}` objects has no filter `{name}`; {advice}")
}

/// A filter as it is written, with the bound and the values that were meant; others stand for those that are not given or that
/// the filter does not take.
fn example(
    model: &Model<'_>,
    filter: &Filter,
    bound: Option<&str>,
    given: Option<&Parameter>,
) -> String {
    let kind = filter::kind(&model.object, filter);
    let (other, bare): (&str, fn(&str) -> bool) = match (filter.form, kind) {
        (FilterForm::Range, _) => ("1700000000", |value| value.parse::<i64>().is_ok()),
        (_, Some(Kind::Boolean)) => ("true", |value| matches!(value, "true" | "false")),
        (_, Some(Kind::Integer | Kind::UnixTime | Kind::Amount)) => {
            ("1", |value| value.parse::<i64>().is_ok())
        }
        (_, Some(Kind::Currency)) => ("usd", |_| false),
        _ => (filter.values.first().copied().unwrap_or("..."), |_| false),
    };
    let fits = |value: &&str| match bare(other) {
        true => bare(value),
        false => filter.values.is_empty() || filter.values.contains(value),
    };
    let values = given.into_iter().flat_map(|given| &given.values);
    let value = values
        .map(|(value, _)| &**value)
        .find(fits)
        .unwrap_or(other);
    let value = if bare(value) {
        value.to_owned()
    } else {
        format!("{value:?}")
    };
    let value = match filter.form {
        FilterForm::Array => format!("[{value}]"),
        FilterForm::Single | FilterForm::Range => value,
    };
    let bound = match (filter.form, bound) {
        (FilterForm::Range, Some(bound)) => format!(".{bound}"),
        (FilterForm::Range, None) if given.is_none() => ".gte".to_owned(),
        _ => String::new(),
    };
    format!("`{}{bound} = {value}`", filter.name)
}

/// The advice for a filter that is written as in a request or a comparison.
fn in_this_form(model: &Model<'_>, parameter: &Parameter, known: &Known) -> String {
    let written = example(model, &known.filter, known.bound, Some(parameter));
    match known.filter.form {
        FilterForm::Range => format!(
            "write {written}; the bounds are {}, and a time is in Unix seconds",
            either(&BOUNDS)
        ),
        FilterForm::Single | FilterForm::Array => format!("write {written}"),
    }
}

fn values_are_taken(cx: &Ctxt, model: &Model<'_>, parameter: &Parameter, known: &Known) {
    let name = &parameter.name;
    if let (true, form) = (parameter.is_array, known.filter.form)
        && form != FilterForm::Array
    {
        let message = format!("the filter `{name}` takes one value, and no array of them");
        cx.error(parameter.value_span, message);
        return;
    }
    if parameter.values.is_empty() {
        let message = format!("the filter `{name}` has no value, and would let everything through");
        cx.error(parameter.value_span, message);
        return;
    }
    let mut seen: Vec<&str> = Vec::new();
    for (value, span) in &parameter.values {
        if seen.contains(&value.as_str()) {
            let message = format!("`{value}` is here twice");
            cx.error(*span, message);
        } else if known.filter.values.is_empty() {
            value_has_its_form(cx, model, parameter, known, (value, *span));
        } else {
            value_is_known(cx, name, &known.filter, (value, *span));
        }
        seen.push(value);
    }
}

fn value_is_known(cx: &Ctxt, name: &str, filter: &Filter, (value, span): (&str, Span)) {
    let values = &filter.values;
    if values.contains(&value) {
        return;
    }
    let near = stripe_sync_schema::nearest(value, values.iter().copied());
    let advice = if near.is_empty() {
        format!("it takes {}", either(values))
    } else {
        format!("did you mean {}?", either(&near))
    };
    cx.error(
        span,
        format!("the filter `{name}` does not take `{value}`; {advice}"),
    );
}

/// A value that no object can have would let nothing through.
fn value_has_its_form(
    cx: &Ctxt,
    model: &Model<'_>,
    parameter: &Parameter,
    known: &Known,
    (value, span): (&str, Span),
) {
    let name = &parameter.name;
    let expected = match filter::kind(&model.object, &known.filter) {
        _ if value.is_empty() => "a value, and no empty text",
        _ if known.filter.form == FilterForm::Range => match value.parse::<i64>() {
            Ok(_) => return,
            Err(_) => "an integer; a time is one in Unix seconds, `1700000000`",
        },
        Some(Kind::Boolean) if !matches!(value, "true" | "false") => "`true` or `false`",
        Some(Kind::Integer | Kind::UnixTime | Kind::Amount) if value.parse::<i64>().is_err() => {
            "an integer"
        }
        Some(Kind::Currency) if value.contains(|letter: char| !letter.is_ascii_lowercase()) => {
            "a currency code in lower case, as objects have it: `usd`"
        }
        _ => return,
    };
    let message = format!("the filter `{name}` takes {expected}");
    cx.error(span, message);
}
