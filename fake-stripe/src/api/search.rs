//! `/v1/customers/search` and the like: Stripe's query language over what is stored. What Stripe finds after a while, the fake
//! finds at once.

mod fields;
mod matches;
mod query;

use std::sync::Arc;

use stripe_sync_schema::catalogue::Resource;

use crate::api::auth::Caller;
use crate::api::errors::ApiError;
use crate::api::expand;
use crate::api::lists::expanded;
use crate::api::lists::filters::{DEFAULT_LIMIT, limit};
use crate::api::search::query::Query;
use crate::data::collection::{Collection, Position, Record};
use crate::data::partition::parse;
use crate::data::render;
use crate::params::{Params, base};
use crate::state::State;
use crate::state::replay::Page;

pub(crate) use crate::api::search::fields::is_searchable;

/// What a search asks for.
struct Asked<'a> {
    query: Query,
    limit: usize,
    page: Option<&'a str>,
    counts: bool,
    expand: Vec<&'a str>,
}

impl<'a> Asked<'a> {
    fn parse(params: &'a Params, object: &str) -> Result<Self, ApiError> {
        let query = params.get("query").filter(|query| !query.is_empty());
        let Some(query) = query else {
            let message = "Missing required param: query.";
            return Err(ApiError::invalid(
                Some("parameter_missing"),
                "query",
                message,
            ));
        };
        let mut asked = Self {
            query: Query::parse(query, object)?,
            limit: DEFAULT_LIMIT,
            page: None,
            counts: false,
            expand: Vec::new(),
        };
        for (key, value) in params.iter() {
            match (key, value) {
                ("query", _) => {}
                ("limit", _) => asked.limit = limit(value)?,
                ("page", _) => asked.page = Some(value),
                ("expand[]", "total_count") => asked.counts = true,
                ("expand[]", _) => asked.expand.push(value),
                _ => return Err(ApiError::unknown_parameter(base(key))),
            }
        }
        asked.expand = expand::check_list(&[object], asked.expand.into_iter())?;
        Ok(asked)
    }
}

/// Serves a search, newest first.
pub(crate) fn search(
    state: &State,
    caller: &Caller,
    resource: &'static Resource,
    params: &Params,
    path: &str,
) -> Result<Page, ApiError> {
    caller.check(resource.object)?;
    let asked = Asked::parse(params, resource.object)?;
    let partition = state
        .partition(&caller.scope)
        .map_err(|_| ApiError::server_error())?;
    let collection = partition.collection(resource.object);
    let end = match asked.page {
        None => Position::start_of(i64::MAX),
        Some(page) => position(collection, page).ok_or_else(|| {
            let message = format!("Invalid page token: {page}");
            ApiError::invalid(None, "page", message)
        })?,
    };
    let start = Position::start_of(i64::MIN);
    let found = |to: Position| {
        let rows = collection.into_iter();
        let rows = rows.flat_map(move |collection| collection.between(start, to).rev());
        let seen = rows.map(|(_, record)| record);
        seen.filter(|record| {
            record.listed && record.visible_at <= state.now && asked.query.is_met(&parse(record))
        })
    };
    let mut rows: Vec<&Record> = found(end).take(asked.limit.saturating_add(1)).collect();
    let has_more = rows.len() > asked.limit;
    rows.truncate(asked.limit);
    let ids: Vec<Arc<str>> = rows.iter().map(|record| Arc::clone(&record.id)).collect();
    let next = ids.last().filter(|_| has_more).map(|last| token(last));
    let count = asked
        .counts
        .then(|| found(Position::start_of(i64::MAX)).count());
    let body = if asked.expand.is_empty() {
        let bodies = rows.iter().map(|record| &*record.body);
        render::search_result(bodies, has_more, next.as_deref(), count, path)
    } else {
        let bodies = expanded(partition, &rows, &asked.expand);
        let bodies = bodies.iter().map(Vec::as_slice);
        render::search_result(bodies, has_more, next.as_deref(), count, path)
    };
    Ok(Page { body, ids })
}

/// The name of the page after this object: no id, so that nobody takes it for one.
fn token(id: &str) -> String {
    id.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// Where the page begins that a token names.
fn position(collection: Option<&Collection>, token: &str) -> Option<Position> {
    let digits = token.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> = digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    collection?.position(&String::from_utf8(bytes?).ok()?)
}
