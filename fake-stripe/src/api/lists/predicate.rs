//! Which objects a list request lets through.

use crate::api::auth::Caller;
use crate::api::lists::filters::{Query, Test};
use crate::data::collection::{Position, Record};
use crate::data::index::{EVENT_OBJECT, ResourceIndex};
use crate::events::types::RETENTION;

/// The filters of a request in terms of one kind of objects.
#[derive(Debug)]
pub(crate) struct Predicate<'a> {
    index: &'static ResourceIndex,
    query: &'a Query,
    caller: &'a Caller,
    /// The index key of each filter; `None` where these objects do not have it.
    tests: Vec<(Option<u8>, &'a Test)>,
    status: Option<u8>,
    test_clock: Option<u8>,
    nested: bool,
    now: i64,
}

impl<'a> Predicate<'a> {
    pub(crate) fn new(
        index: &'static ResourceIndex,
        query: &'a Query,
        caller: &'a Caller,
        nested: bool,
        now: i64,
    ) -> Self {
        let tests = query
            .wanted
            .iter()
            .map(|wanted| (index.key(&wanted.index_key), &wanted.test))
            .collect();
        let (status, test_clock) = (index.key("status"), index.key("test_clock"));
        Self {
            index,
            query,
            caller,
            tests,
            status,
            test_clock,
            nested,
            now,
        }
    }

    /// The filters that name one value of an index key.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (u8, &'a str)> {
        self.tests.iter().filter_map(|(key, test)| match test {
            Test::Any(values) => Some((
                (*key)?,
                values.first().filter(|_| values.len() == 1)?.as_str(),
            )),
            Test::Between(..) => None,
        })
    }

    /// Whether the list shows this object, its `created` window aside.
    pub(crate) fn passes(&self, position: Position, record: &Record) -> bool {
        record.listed
            && record.visible_at <= self.now
            && self.matches(record)
            && !self.hides(position, record)
    }

    fn matches(&self, record: &Record) -> bool {
        self.tests.iter().all(|(key, test)| {
            let Some(key) = *key else { return false };
            match test {
                Test::Any(wanted) => wanted.iter().any(|wanted| self.is(record, key, wanted)),
                Test::Between(from, to) => record
                    .values(key)
                    .filter_map(|text| text.parse::<i64>().ok())
                    .any(|number| (*from..=*to).contains(&number)),
            }
        })
    }

    fn is(&self, record: &Record, key: u8, wanted: &str) -> bool {
        if Some(key) == self.status {
            match wanted {
                "all" => return true,
                "ended" if self.index.object == "subscription" => {
                    return record
                        .values(key)
                        .any(|status| matches!(status, "canceled" | "incomplete_expired"));
                }
                _ => {}
            }
        }
        if self.index.object == "promotion_code" && Some(key) == self.index.key("code") {
            return record
                .values(key)
                .any(|code| code.eq_ignore_ascii_case(wanted));
        }
        match wanted.strip_suffix('*') {
            // `type=charge.*`; `types[]` takes no wildcards.
            Some(prefix) if self.index.object == "event" && Some(key) == self.index.key("type") => {
                record.values(key).any(|text| text.starts_with(prefix))
            }
            _ => record.values(key).any(|text| text == wanted),
        }
    }

    /// The defaults that keep objects out of a list.
    fn hides(&self, position: Position, record: &Record) -> bool {
        let value = |name: &str| {
            self.index
                .key(name)
                .and_then(|key| record.values(key).next())
        };
        let on_clock = || {
            self.test_clock
                .is_some_and(|key| record.values(key).next().is_some())
        };
        let asked = |name: &str| self.query.has(name);
        match self.index.object {
            "subscription" => {
                let canceled = !asked("status")
                    && self
                        .status
                        .is_some_and(|key| record.values(key).any(|status| status == "canceled"));
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
