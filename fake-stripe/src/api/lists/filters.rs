//! What a list request asks for.

use stripe_sync_schema::catalogue::Filter;
use xxhash_rust::xxh3::xxh3_64;

use crate::api::errors::ApiError;
use crate::api::lists::event_filters;
use crate::api::lists::forms::{check_value, refused, takes};
use crate::api::router::ListRoute;
use crate::api::values::integer;
use crate::data::collection::Position;
use crate::data::index::{PARENT_KEY, ResourceIndex};
use crate::params::{Params, base};

/// Stripe's page size if none is asked for.
pub(crate) const DEFAULT_LIMIT: usize = 10;
/// Stripe's largest page.
const MAX_LIMIT: i64 = 100;

/// A list request that is valid in form.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) limit: usize,
    pub(crate) starting_after: Option<String>,
    pub(crate) ending_before: Option<String>,
    /// The `created` window: from (included) and to (excluded).
    pub(crate) from: Position,
    pub(crate) to: Position,
    /// Whether there is a `created` window.
    pub(crate) windowed: bool,
    pub(crate) wanted: Vec<Wanted>,
    pub(crate) expand: Vec<String>,
    /// A hash of everything but paging and expansion: what a cursor was answered under.
    pub(crate) fingerprint: u64,
}

/// A filter and its values.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// The parameter without brackets.
    pub(crate) param: String,
    /// The name of the index key.
    pub(crate) index_key: String,
    pub(crate) test: Test,
}

#[derive(Debug)]
pub(crate) enum Test {
    /// One of these.
    Any(Vec<String>),
    /// At least the first and at most the second.
    Between(i64, i64),
}

/// Parameters that order rows in a way that the fake has anyway.
const ORDER_BY: &str = "order_by";

impl Query {
    pub(crate) fn parse(
        params: &Params,
        route: &ListRoute,
        indexes: &[&'static ResourceIndex],
    ) -> Result<Self, ApiError> {
        let mut query = Self {
            limit: DEFAULT_LIMIT,
            starting_after: None,
            ending_before: None,
            from: Position::start_of(i64::MIN),
            to: Position::start_of(i64::MAX),
            windowed: false,
            wanted: Vec::new(),
            expand: Vec::new(),
            fingerprint: fingerprint(params, route),
        };
        let list = route.list;
        if indexes.iter().any(|index| index.object == "event") {
            event_filters::check(params)?;
        }
        for (key, value) in params.iter() {
            let name = base(key);
            match key {
                "expand[]" => query.expand.push(value.to_owned()),
                "expand" => {
                    return Err(ApiError::invalid(None, key, "Invalid array".to_owned()));
                }
                "limit" if list.paginated => query.limit = limit(value)?,
                "starting_after" if list.paginated => query.starting_after = Some(value.to_owned()),
                "ending_before" if list.paginated => query.ending_before = Some(value.to_owned()),
                _ if name == "created" && list.created_filter => query.window(key, value)?,
                _ => match list.filters.iter().find(|filter| takes(filter, key)) {
                    None => return Err(refused(list, key, name)),
                    Some(_) if value.is_empty() => return Err(ApiError::empty_parameter(key)),
                    Some(filter)
                        if !filter.values.is_empty() && !filter.values.contains(&value) =>
                    {
                        let message = format!(
                            "Invalid {name}: must be one of {}",
                            filter.values.join(", ")
                        );
                        return Err(ApiError::invalid(None, key, message));
                    }
                    Some(filter) => {
                        check_value(key, value, indexes)?;
                        query.filter(key, filter, value, route, indexes)?;
                    }
                },
            }
        }
        if query.starting_after.is_some() && query.ending_before.is_some() {
            let message =
                "You can only specify one of these parameters: ending_before, starting_after.";
            return Err(ApiError::invalid(
                Some("parameters_exclusive"),
                "ending_before",
                message,
            ));
        }
        let given = |param: &str| params.iter().any(|(key, _)| key == param);
        let mut required = list.filters.iter().filter(|filter| filter.required);
        if let Some(missing) = required.find(|filter| !given(&filter.param(None))) {
            let param = missing.param(None);
            let message = format!("Missing required param: {param}.");
            return Err(ApiError::invalid(
                Some("parameter_missing"),
                &param,
                message,
            ));
        }
        if !list.paginated {
            query.limit = usize::MAX - 1;
        }
        Ok(query)
    }

    /// Whether a parameter of this name (without brackets) is given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.wanted.iter().any(|wanted| wanted.param == name)
    }

    fn filter(
        &mut self,
        key: &str,
        filter: &Filter,
        value: &str,
        route: &ListRoute,
        indexes: &[&'static ResourceIndex],
    ) -> Result<(), ApiError> {
        let name = filter.base();
        match name {
            ORDER_BY => return Ok(()),
            // payment_record has a window under other names.
            "created_after" => return self.window("created[gt]", value),
            "created_before" => return self.window("created[lt]", value),
            _ => {}
        }
        let bracket = key.strip_prefix(name).unwrap_or_default();
        let bounds = match bracket {
            "[gt]" => Some((integer(key, value)?.saturating_add(1), i64::MAX)),
            "[gte]" => Some((integer(key, value)?, i64::MAX)),
            "[lt]" => Some((i64::MIN, integer(key, value)?.saturating_sub(1))),
            "[lte]" => Some((i64::MIN, integer(key, value)?)),
            _ => None,
        };
        let plain = bounds.is_some() || bracket == "[]";
        let mut index_key = if plain { name } else { key };
        if !indexes.iter().any(|index| index.key(index_key).is_some()) {
            if !filter.required || route.list.parent.is_some() {
                return Err(ApiError::filter_not_simulated(key, route.list.path));
            }
            // The list demands its parent, and its objects do not name it.
            index_key = PARENT_KEY;
        }
        if bracket == "[]"
            && let Some(Test::Any(values)) = self.test_of(index_key)
        {
            values.push(value.to_owned());
            return Ok(());
        }
        self.wanted.push(Wanted {
            param: name.to_owned(),
            index_key: index_key.to_owned(),
            test: match bounds {
                Some((from, to)) => Test::Between(from, to),
                None => Test::Any(vec![value.to_owned()]),
            },
        });
        Ok(())
    }

    fn test_of(&mut self, index_key: &str) -> Option<&mut Test> {
        let mut same = self
            .wanted
            .iter_mut()
            .filter(|wanted| wanted.index_key == index_key);
        same.next().map(|wanted| &mut wanted.test)
    }

    fn window(&mut self, key: &str, value: &str) -> Result<(), ApiError> {
        let second = integer(key, value)?;
        let (this, next) = (
            Position::start_of(second),
            Position::start_of(second.saturating_add(1)),
        );
        self.windowed = true;
        match key {
            "created" => {
                self.from = self.from.max(this);
                self.to = self.to.min(next);
            }
            "created[gte]" => self.from = self.from.max(this),
            "created[gt]" => self.from = self.from.max(next),
            "created[lt]" => self.to = self.to.min(this),
            "created[lte]" => self.to = self.to.min(next),
            _ => {
                return Err(ApiError::invalid(
                    Some("parameter_unknown"),
                    key,
                    format!("Received unknown parameter: {key}"),
                ));
            }
        }
        Ok(())
    }
}

pub(crate) fn limit(value: &str) -> Result<usize, ApiError> {
    let limit = integer("limit", value)?;
    let refuse = |than: &str, bound: i64| {
        let message = format!(
            "This value must be {than} than or equal to {bound} (it currently is '{limit}')."
        );
        Err(ApiError::invalid(
            Some("parameter_invalid_integer"),
            "limit",
            message,
        ))
    };
    match limit {
        ..1 => refuse("greater", 1),
        1..=MAX_LIMIT => Ok(usize::try_from(limit).unwrap_or(DEFAULT_LIMIT)),
        _ => refuse("less", MAX_LIMIT),
    }
}

fn fingerprint(params: &Params, route: &ListRoute) -> u64 {
    const PAGING: [&str; 4] = ["limit", "starting_after", "ending_before", "expand"];
    let mut filters: Vec<(&str, &str)> = params
        .iter()
        .filter(|(key, _)| !PAGING.contains(&base(key)))
        .collect();
    filters.sort_unstable();
    xxh3_64(format!("{} {filters:?}", route.list.path).as_bytes())
}
