//! Whether an object meets a query.

use serde_json::Value;

use crate::api::search::query::{Clause, Comparison, Query, Test};

impl Query {
    pub(super) fn is_met(&self, object: &Value) -> bool {
        let mut clauses = self.clauses.iter().map(|clause| clause.is_met(object));
        if self.any {
            clauses.any(|met| met)
        } else {
            clauses.all(|met| met)
        }
    }
}

impl Clause {
    fn is_met(&self, object: &Value) -> bool {
        let mut value = Some(object);
        for name in &self.path {
            value = value.and_then(|value| value.get(name));
        }
        self.test.is_met(value.unwrap_or(&Value::Null)) != self.negated
    }
}

impl Test {
    fn is_met(&self, value: &Value) -> bool {
        match self {
            Self::Null => value.is_null(),
            Self::Is(wanted) => text(value).is_some_and(|text| text == *wanted),
            Self::Contains(part) => text(value).is_some_and(|text| text.contains(&**part)),
            Self::Compares(comparison, bound) => value.as_f64().is_some_and(|number| {
                // Amounts and times are integers that a float holds exactly.
                match comparison {
                    Comparison::Equal => number == *bound,
                    Comparison::Less => number < *bound,
                    Comparison::LessOrEqual => number <= *bound,
                    Comparison::Greater => number > *bound,
                    Comparison::GreaterOrEqual => number >= *bound,
                }
            }),
        }
    }
}

/// A value as it is written in a query, in small letters: upper and lower case are the same to a search.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_lowercase()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}
