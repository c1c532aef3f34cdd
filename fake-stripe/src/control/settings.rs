//! Faults, limits and the clock.

use std::ops::Range;
use std::time::Duration;

use serde_json::{Map, Value, json};
use stripe_sync_schema::RateLimitReason;

use crate::chaos::faults::Faults;
use crate::chaos::limits::RateLimits;
use crate::control::call::Call;
use crate::control::errors::ControlError;

/// The settings that are shares of the requests.
const SHARES: [&str; 6] = [
    "rate_429", "rate_500", "rate_502", "reset", "cut_body", "hang",
];

pub(crate) fn faults(call: &Call) -> Result<Value, ControlError> {
    let mut body = Members::of(&call.body)?;
    let faults = match body.is_empty() {
        true => None,
        false => Some(read_faults(&mut body)?),
    };
    body.finish()?;
    call.shared.lock().play(faults);
    Ok(json!({ "faults": call.body }))
}

fn read_faults(body: &mut Members) -> Result<Faults, ControlError> {
    let mut faults = Faults::new(body.whole("seed")?.unwrap_or_default());
    let mut total = 0.0;
    for name in SHARES {
        let Some(share) = body.number(name, 0.0..=1.0)? else {
            continue;
        };
        total += share;
        faults = match name {
            "rate_429" => faults.rate_429(share),
            "rate_500" => faults.rate_500(share),
            "rate_502" => faults.rate_502(share),
            "reset" => faults.reset(share),
            "cut_body" => faults.cut_body(share),
            _ => faults.hang(share),
        };
    }
    // Sums of shares such as 0.1 are not exact.
    if total > 1.0 + 1e-9 {
        let message = format!("the shares add up to {total}, and not to 1 at most");
        return Err(ControlError::Wrong(message));
    }
    if let Some(range) = body.latency()? {
        faults = faults.latency(range);
    }
    if let Some(reasons) = body.reasons()? {
        faults = faults.reasons(reasons);
    }
    if let Some(prefix) = body.text("only")? {
        faults = faults.only(prefix);
    }
    if let Some(most) = body.whole("at_most")? {
        faults = faults.at_most(most);
    }
    Ok(faults)
}

pub(crate) fn limits(call: &Call) -> Result<Value, ControlError> {
    /// A rate above this is no limit.
    const FASTEST: f64 = 1e9;
    let mut body = Members::of(&call.body)?;
    let mut limits = match body.text("like")?.as_deref() {
        None | Some("none") => RateLimits::none(),
        Some("live") => RateLimits::live(),
        Some("sandbox") => RateLimits::sandbox(),
        Some(other) => {
            return Err(wrong("like", "`live`, `sandbox` or `none`", &other.into()));
        }
    };
    if let Some(rate) = body.number("account_per_second", 0.001..=FASTEST)? {
        limits = limits.account_per_second(rate);
    }
    if let Some(rate) = body.number("endpoint_per_second", 0.001..=FASTEST)? {
        limits = limits.endpoint_per_second(rate);
    }
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    if let Some(most) = body.whole("account_concurrency")? {
        limits = limits.account_concurrency(count(most));
    }
    if let Some(most) = body.whole("endpoint_concurrency")? {
        limits = limits.endpoint_concurrency(count(most));
    }
    body.finish()?;
    call.shared.lock().limiter.set(limits);
    Ok(json!({ "limits": call.body }))
}

pub(crate) fn clock(call: &Call) -> Result<Value, ControlError> {
    Ok(json!({ "now": call.shared.lock().now }))
}

pub(crate) fn set_clock(call: &Call) -> Result<Value, ControlError> {
    let mut body = Members::of(&call.body)?;
    let (now, by) = (body.whole("now")?, body.whole("advance")?);
    body.finish()?;
    let mut state = call.shared.lock();
    match (now, by) {
        (Some(now), None) => state.set_clock(i64::try_from(now).unwrap_or(i64::MAX)),
        (None, Some(by)) => state.advance(by),
        _ => {
            let message = r#"expected {"now": unix seconds} or {"advance": seconds}"#;
            return Err(ControlError::Wrong(message.to_owned()));
        }
    }
    Ok(json!({ "now": state.now }))
}

pub(crate) fn reset(call: &Call) -> Result<Value, ControlError> {
    call.shared.reset();
    clock(call)
}

/// The members of a body; who read one does not find it again.
struct Members(Map<String, Value>);

impl Members {
    fn of(body: &Value) -> Result<Self, ControlError> {
        match body {
            Value::Null => Ok(Self(Map::new())),
            Value::Object(members) => Ok(Self(members.clone())),
            _ => Err(ControlError::Wrong("expected a JSON object".to_owned())),
        }
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The error is a member that nobody read.
    fn finish(self) -> Result<(), ControlError> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(ControlError::Wrong(format!("unknown member `{name}`"))),
        }
    }

    fn read<T>(
        &mut self,
        name: &str,
        expected: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<Option<T>, ControlError> {
        let Some(value) = self.0.remove(name) else {
            return Ok(None);
        };
        let read = read(&value).ok_or_else(|| wrong(name, expected, &value))?;
        Ok(Some(read))
    }

    fn whole(&mut self, name: &str) -> Result<Option<u64>, ControlError> {
        self.read(name, "a whole number from 0", Value::as_u64)
    }

    fn number(
        &mut self,
        name: &str,
        range: std::ops::RangeInclusive<f64>,
    ) -> Result<Option<f64>, ControlError> {
        let expected = format!("a number from {} to {}", range.start(), range.end());
        self.read(name, &expected, |value| {
            value.as_f64().filter(|number| range.contains(number))
        })
    }

    fn text(&mut self, name: &str) -> Result<Option<String>, ControlError> {
        self.read(name, "a string", |value| value.as_str().map(str::to_owned))
    }

    /// Milliseconds, or the least and the most.
    fn latency(&mut self) -> Result<Option<Range<Duration>>, ControlError> {
        self.read("latency", "milliseconds or [least, most]", |value| {
            let ends = match value.as_array() {
                None => (value.as_u64()?, value.as_u64()?),
                Some(ends) => match &ends[..] {
                    [least, most] => (least.as_u64()?, most.as_u64()?),
                    _ => return None,
                },
            };
            let range = Duration::from_millis(ends.0)..Duration::from_millis(ends.1);
            (ends.0 <= ends.1).then_some(range)
        })
    }

    fn reasons(&mut self) -> Result<Option<Vec<Option<RateLimitReason>>>, ControlError> {
        self.read("reasons", "an array of strings and nulls", |value| {
            let reasons = value.as_array()?.iter().map(|reason| match reason {
                Value::Null => Some(None),
                reason => reason.as_str().map(|text| Some(text.into())),
            });
            reasons.collect()
        })
    }
}

fn wrong(name: &str, expected: &str, got: &Value) -> ControlError {
    ControlError::Wrong(format!("`{name}`: expected {expected}, got {got}"))
}
