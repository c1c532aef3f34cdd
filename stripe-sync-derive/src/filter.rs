//! What the parameters of `filter(...)` are to the resource's lists.

use stripe_sync_schema::catalogue::BOUNDS;
use stripe_sync_schema::{Filter, FilterForm, FilterSort, Kind, List, Resource, Step, fields};

use crate::attr::Parameter;
use crate::model::Model;
use crate::path::{Path, Place, Segment};

/// A parameter as a list knows it.
pub(crate) struct Known {
    pub(crate) filter: Filter,
    /// The bound of a range: `gte`.
    pub(crate) bound: Option<&'static str>,
}

/// A parameter as it is sent, one for each value.
pub(crate) struct Sent {
    /// As Stripe writes it: `recurring[interval]`.
    pub(crate) param: String,
    pub(crate) value: String,
    pub(crate) sort: FilterSort,
    /// The member that a value of the sort is compared with.
    pub(crate) path: Path,
    pub(crate) kind: Kind,
}

/// The filter of a list that a name means, and the bound at its end.
pub(crate) fn known(list: &List, name: &str) -> Option<Known> {
    if let Some(filter) = list.filter(name) {
        return Some(Known {
            filter,
            bound: None,
        });
    }
    let (name, bound) = name.rsplit_once('.')?;
    let filter = list.filter(name)?;
    (filter.form == FilterForm::Range).then_some(())?;
    Some(Known {
        filter,
        bound: Some(BOUNDS.into_iter().find(|known| *known == bound)?),
    })
}

/// The first of the resource's lists that knows all of the names.
pub(crate) fn list_of<'r>(
    resource: &'r Resource,
    names: impl Iterator<Item = &'r str> + Clone,
) -> Option<&'r List> {
    let mut lists = resource.walked().into_iter();
    lists.find(|list| names.clone().all(|name| known(list, name).is_some()))
}

/// The parameters as they are sent, in one order however they were written. Those that a list does not know, which is an
/// error, are left out.
pub(crate) fn sent(model: &Model<'_>) -> Vec<Sent> {
    let parameters = &model.attrs.filters;
    let names = parameters.iter().map(|parameter| &*parameter.name);
    let list = model.resource.and_then(|resource| list_of(resource, names));
    let mut sent: Vec<Sent> = parameters
        .iter()
        .filter_map(|parameter| Some((parameter, known(list?, &parameter.name)?)))
        .flat_map(|(parameter, known)| of(model, parameter, &known))
        .collect();
    sent.sort_by(|a, b| (&a.param, &a.value).cmp(&(&b.param, &b.value)));
    sent
}

fn of(model: &Model<'_>, parameter: &Parameter, known: &Known) -> Vec<Sent> {
    let Known { filter, bound } = known;
    let path = path(parameter, filter);
    let sent = parameter.values.iter().map(|(value, _)| Sent {
        param: filter.param(*bound),
        value: value.clone(),
        sort: filter.sort_of(value, *bound),
        path: path.clone(),
        kind: kind(&model.object, filter).unwrap_or(Kind::Json),
    });
    sent.collect()
}

/// The path of the member that has a filter's name.
fn path(parameter: &Parameter, filter: &Filter) -> Path {
    let segment = |name: &str| Segment {
        step: Place::Key(name.to_owned()),
        span: parameter.name_span,
    };
    Path {
        segments: filter.name.split('.').map(segment).collect(),
    }
}

/// What the member is that has a filter's name; `None` if there is none.
pub(crate) fn kind(object: &str, filter: &Filter) -> Option<Kind> {
    let steps: Vec<Step<'_>> = filter.name.split('.').map(Step::Key).collect();
    Some(fields::resolve(object, &steps).ok()?.kind)
}
