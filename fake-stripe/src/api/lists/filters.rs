//! What a list request asks for, and which objects that lets through.

use stripe_sync_schema::catalogue::Filter;
use xxhash_rust::xxh3::xxh3_64;

use super::auth::Caller;
use super::errors::ApiError;
use super::events::{self, RETENTION};
use super::facets::{EVENT_OBJECT, PARENT_FACET, Spec};
use super::forms::{refused, takes};
use super::query::{Params, base, integer};
use super::router::ListRoute;
use super::shelf::{Position, Record};

/// Stripe's page size if none is asked for.
const DEFAULT_LIMIT: usize = 10;
/// Stripe's largest page.
const MAX_LIMIT: i64 = 100;

/// A list request that is valid in form.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) limit: usize,
    pub(super) starting_after: Option<String>,
    pub(super) ending_before: Option<String>,
    /// The `created` window: from (included) and to (excluded).
    pub(super) from: Position,
    pub(super) to: Position,
    /// Whether there is a `created` window.
    pub(super) windowed: bool,
    pub(super) wanted: Vec<Wanted>,
    pub(super) expand: Vec<String>,
    /// A hash of everything but paging and expansion: what a cursor was answered under.
    pub(super) fingerprint: u64,
}

/// A filter and its values.
#[derive(Debug)]
pub(super) struct Wanted {
    /// The parameter without brackets.
    pub(super) param: String,
    /// The facet's name.
    facet: String,
    pub(super) test: Test,
}

#[derive(Debug)]
pub(super) enum Test {
    /// One of these.
    Any(Vec<String>),
    /// At least the first and at most the second.
    Between(i64, i64),
}

/// Parameters that order rows in a way that the fake has anyway.
const ORDER_BY: &str = "order_by";

impl Query {
    pub(super) fn parse(
        params: &Params,
        route: &ListRoute,
        specs: &[&'static Spec],
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
        if specs.iter().any(|spec| spec.object == "event") {
            events::check(params)?;
        }
        for (key, value) in params.iter() {
            let name = base(key);
            match key {
                "expand[]" => query.expand.push(value.to_owned()),
                "limit" if list.paginated => query.limit = limit(value)?,
                "starting_after" if list.paginated => query.starting_after = Some(value.to_owned()),
                "ending_before" if list.paginated => query.ending_before = Some(value.to_owned()),
                _ if name == "created" && list.created_filter => query.window(key, value)?,
                _ => match list.filters.iter().find(|filter| takes(filter, key)) {
                    None => return Err(refused(list, key, name)),
                    Some(filter)
                        if !filter.values.is_empty() && !filter.values.contains(&value) =>
                    {
                        let message = format!(
                            "Invalid {name}: must be one of {}",
                            filter.values.join(", ")
                        );
                        return Err(ApiError::invalid(None, key, message));
                    }
                    Some(filter) => query.filter(key, filter, value, route, specs)?,
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
    fn has(&self, name: &str) -> bool {
        self.wanted.iter().any(|wanted| wanted.param == name)
    }

    fn filter(
        &mut self,
        key: &str,
        filter: &Filter,
        value: &str,
        route: &ListRoute,
        specs: &[&'static Spec],
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
        let mut facet = if plain { name } else { key };
        if !specs.iter().any(|spec| spec.facet(facet).is_some()) {
            if !filter.required || route.list.parent.is_some() {
                let message =
                    format!("The fake Stripe does not simulate the parameter {key} of this list.");
                return Err(ApiError::invalid(None, key, message));
            }
            // The list demands its parent, and its objects do not name it.
            facet = PARENT_FACET;
        }
        if bracket == "[]"
            && let Some(Test::Any(values)) = self.test_of(facet)
        {
            values.push(value.to_owned());
            return Ok(());
        }
        self.wanted.push(Wanted {
            param: name.to_owned(),
            facet: facet.to_owned(),
            test: match bounds {
                Some((from, to)) => Test::Between(from, to),
                None => Test::Any(vec![value.to_owned()]),
            },
        });
        Ok(())
    }

    fn test_of(&mut self, facet: &str) -> Option<&mut Test> {
        let mut same = self
            .wanted
            .iter_mut()
            .filter(|wanted| wanted.facet == facet);
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

fn limit(value: &str) -> Result<usize, ApiError> {
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

/// The filters of a request in terms of one kind of objects.
#[derive(Debug)]
pub(super) struct Sieve<'a> {
    spec: &'static Spec,
    query: &'a Query,
    caller: &'a Caller,
    /// The facet of each filter; `None` where these objects do not have it.
    tests: Vec<(Option<u8>, &'a Test)>,
    status: Option<u8>,
    test_clock: Option<u8>,
    nested: bool,
    now: i64,
}

impl<'a> Sieve<'a> {
    pub(super) fn new(
        spec: &'static Spec,
        query: &'a Query,
        caller: &'a Caller,
        nested: bool,
        now: i64,
    ) -> Self {
        let tests = query
            .wanted
            .iter()
            .map(|wanted| (spec.facet(&wanted.facet), &wanted.test))
            .collect();
        let (status, test_clock) = (spec.facet("status"), spec.facet("test_clock"));
        Self {
            spec,
            query,
            caller,
            tests,
            status,
            test_clock,
            nested,
            now,
        }
    }

    /// The filters that name one value of an indexed facet.
    pub(super) fn keys(&self) -> impl Iterator<Item = (u8, &'a str)> {
        self.tests.iter().filter_map(|(facet, test)| match test {
            Test::Any(values) => Some((
                (*facet)?,
                values.first().filter(|_| values.len() == 1)?.as_str(),
            )),
            Test::Between(..) => None,
        })
    }

    /// Whether the list shows this object, its `created` window aside.
    pub(super) fn passes(&self, position: Position, record: &Record) -> bool {
        record.listed
            && record.visible_at <= self.now
            && self.matches(record)
            && !self.hides(position, record)
    }

    fn matches(&self, record: &Record) -> bool {
        self.tests.iter().all(|(facet, test)| {
            let Some(facet) = *facet else { return false };
            match test {
                Test::Any(wanted) => wanted.iter().any(|wanted| self.is(record, facet, wanted)),
                Test::Between(from, to) => record
                    .facet(facet)
                    .filter_map(|text| text.parse::<i64>().ok())
                    .any(|number| (*from..=*to).contains(&number)),
            }
        })
    }

    fn is(&self, record: &Record, facet: u8, wanted: &str) -> bool {
        if Some(facet) == self.status {
            match wanted {
                "all" => return true,
                "ended" if self.spec.object == "subscription" => {
                    return record
                        .facet(facet)
                        .any(|status| matches!(status, "canceled" | "incomplete_expired"));
                }
                _ => {}
            }
        }
        if self.spec.object == "promotion_code" && Some(facet) == self.spec.facet("code") {
            return record
                .facet(facet)
                .any(|code| code.eq_ignore_ascii_case(wanted));
        }
        match wanted.strip_suffix('*') {
            // `type=charge.*`; `types[]` takes no wildcards.
            Some(prefix)
                if self.spec.object == "event" && Some(facet) == self.spec.facet("type") =>
            {
                record.facet(facet).any(|text| text.starts_with(prefix))
            }
            _ => record.facet(facet).any(|text| text == wanted),
        }
    }

    /// The defaults that keep objects out of a list.
    fn hides(&self, position: Position, record: &Record) -> bool {
        let value = |name: &str| {
            self.spec
                .facet(name)
                .and_then(|facet| record.facet(facet).next())
        };
        let on_clock = || {
            self.test_clock
                .is_some_and(|facet| record.facet(facet).next().is_some())
        };
        let asked = |name: &str| self.query.has(name);
        match self.spec.object {
            "subscription" => {
                let canceled = !asked("status")
                    && self.status.is_some_and(|facet| {
                        record.facet(facet).any(|status| status == "canceled")
                    });
                canceled || on_clock() && !asked("test_clock") && !asked("customer")
            }
            "customer" | "quote" => on_clock() && !asked("test_clock"),
            "subscription_schedule" => on_clock() && !asked("customer"),
            "price" => !asked("active") && value("active") == Some("false"),
            "payment_method" if !self.nested => {
                value("customer").is_none() || value("type") == Some("custom") && !asked("type")
            }
            "tax_id" if !self.nested => !asked("owner") && value("owner[type]") != Some("self"),
            "event" => {
                position.created < self.now.saturating_sub(RETENTION)
                    || value(EVENT_OBJECT).is_some_and(|object| !self.caller.may_read(object))
            }
            _ => false,
        }
    }
}
