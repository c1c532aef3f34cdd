//! Stripe's search language: `email:"a@b.c" AND -metadata["key"]:null`.

use crate::api::errors::ApiError;
use crate::api::search::fields::Kind::{self, Number, Text, Token};
use crate::api::search::fields::{kind_of, path_of};

/// Stripe's limit.
const MOST_CLAUSES: usize = 10;
/// A shorter part of a text is not searched for.
const SHORTEST_PART: usize = 3;

/// A query that is right in form.
#[derive(Debug, PartialEq)]
pub(super) struct Query {
    pub(super) clauses: Vec<Clause>,
    /// Whether one clause is enough (`OR`).
    pub(super) any: bool,
}

#[derive(Debug, PartialEq)]
pub(super) struct Clause {
    pub(super) negated: bool,
    /// Names from the object to the value.
    pub(super) path: Vec<String>,
    pub(super) test: Test,
}

#[derive(Debug, PartialEq)]
pub(super) enum Test {
    /// The value is null or absent.
    Null,
    /// The value is this, in any case.
    Is(String),
    /// The value has this in it, in any case.
    Contains(String),
    /// The value is a number that compares like this.
    Compares(Comparison, f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Query {
    pub(super) fn parse(text: &str, object: &str) -> Result<Self, ApiError> {
        let mut query = Self {
            clauses: Vec::new(),
            any: false,
        };
        let mut connective: Option<bool> = None;
        let mut rest = text.trim();
        while !rest.is_empty() {
            if !query.clauses.is_empty() {
                // A space is an AND.
                let (or, after) = match keyword(rest) {
                    Some(found) => found,
                    None => (false, rest),
                };
                if connective.is_some_and(|before| before != or) {
                    return Err(refused(
                        "AND and OR cannot be combined in one search query.",
                    ));
                }
                connective = Some(or);
                rest = after;
            }
            let (clause, after) = clause(rest, object)?;
            query.clauses.push(clause);
            rest = after.trim_start();
            if after.len() == rest.len() && !rest.is_empty() {
                return Err(unreadable());
            }
        }
        if query.clauses.is_empty() {
            return Err(unreadable());
        }
        if query.clauses.len() > MOST_CLAUSES {
            let message = format!("A search query can have at most {MOST_CLAUSES} clauses.");
            return Err(refused(&message));
        }
        query.any = connective == Some(true);
        Ok(query)
    }
}

/// `AND` or `OR` (true) and what follows.
fn keyword(text: &str) -> Option<(bool, &str)> {
    let (word, rest) = text.split_once(char::is_whitespace)?;
    let or = word.eq_ignore_ascii_case("or");
    (or || word.eq_ignore_ascii_case("and")).then_some((or, rest.trim_start()))
}

fn clause<'a>(text: &'a str, object: &str) -> Result<(Clause, &'a str), ApiError> {
    let (negated, text) = match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text),
    };
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let end = text.find(|c| !is_of_name(c)).unwrap_or(text.len());
    let (name, mut rest) = text.split_at(end);
    let mut path: Vec<String> = path_of(name).split('.').map(str::to_owned).collect();
    let kind = if let ("metadata", Some(bracket)) = (name, rest.strip_prefix('[')) {
        let (key, after) = quoted(bracket).ok_or_else(unreadable)?;
        rest = after.strip_prefix(']').ok_or_else(unreadable)?;
        path.push(key);
        Token
    } else if rest.is_empty() || name.is_empty() {
        return Err(unreadable());
    } else {
        kind_of(object, name).ok_or_else(|| unsupported(object, name))?
    };
    let (operator, rest) = ["<=", ">=", "<", ">", ":", "~"]
        .into_iter()
        .find_map(|operator| Some((operator, rest.strip_prefix(operator)?)))
        .ok_or_else(unreadable)?;
    let (test, rest) = test(kind, operator, rest, name)?;
    let clause = Clause {
        negated,
        path,
        test,
    };
    Ok((clause, rest))
}

fn test<'a>(
    kind: Kind,
    operator: &str,
    text: &'a str,
    name: &str,
) -> Result<(Test, &'a str), ApiError> {
    let (value, is_quoted, rest) = match quoted(text) {
        Some((value, rest)) => (value, true, rest),
        None => {
            let end = text.find(char::is_whitespace).unwrap_or(text.len());
            let (value, rest) = text.split_at(end);
            (value.to_owned(), false, rest)
        }
    };
    if !is_quoted && value.eq_ignore_ascii_case("null") {
        return match operator {
            ":" => Ok((Test::Null, rest)),
            _ => Err(unreadable()),
        };
    }
    let number = value
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite());
    if !is_quoted && number.is_none() {
        return Err(unreadable());
    }
    let comparison = match operator {
        "<" => Comparison::Less,
        "<=" => Comparison::LessOrEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterOrEqual,
        _ => Comparison::Equal,
    };
    let test = match (operator, kind) {
        ("~", Text) if value.chars().count() < SHORTEST_PART => {
            let message = format!(
                "A substring in a search query must have at least {SHORTEST_PART} characters, `{value}` is shorter."
            );
            return Err(refused(&message));
        }
        ("~", Text) => Test::Contains(value.to_lowercase()),
        (":", Token | Text) => Test::Is(value.to_lowercase()),
        ("~", _) | (_, Token | Text) => {
            let message = format!("Operator `{operator}` is not supported for field `{name}`.");
            return Err(refused(&message));
        }
        (_, Number) => Test::Compares(comparison, number.ok_or_else(unreadable)?),
    };
    Ok((test, rest))
}

/// The text of a string in quotes of either kind, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut value = String::new();
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\\' if !is_escaped => is_escaped = true,
            _ if c == quote && !is_escaped => return Some((value, &text[at + 1..])),
            _ => {
                is_escaped = false;
                value.push(c);
            }
        }
    }
    None
}

fn refused(message: &str) -> ApiError {
    ApiError::invalid(None, "query", message)
}

fn unreadable() -> ApiError {
    refused(
        "We were unable to parse your search query. Try using the format `metadata[\"key\"]:\"value\"` to query for metadata or \
         key:\"value\" to query for other fields.",
    )
}

fn unsupported(object: &str, name: &str) -> ApiError {
    let page = object.replace('_', "-");
    refused(&format!(
        "Field `{name}` is an unsupported search field for resource `{object}s`. See \
         http://stripe.com/docs/search#query-fields-for-{page}s for a list of supported fields."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<Query> {
        Query::parse(text, "charge").ok()
    }

    #[test]
    fn clauses() {
        let query = parse(r#"amount>=100 AND -currency:'eur' metadata["a \"b\""]:"C""#).unwrap();
        assert!(!query.any);
        let path = |nth: usize| query.clauses[nth].path.join("/");
        assert_eq!(
            query.clauses[0].test,
            Test::Compares(Comparison::GreaterOrEqual, 100.0)
        );
        assert!(query.clauses[1].negated && query.clauses[1].test == Test::Is("eur".to_owned()));
        assert_eq!(path(2), r#"metadata/a "b""#);
        assert_eq!(query.clauses[2].test, Test::Is("c".to_owned()));
        let query = parse("payment_method_details.card.last4:4242 or customer:null").unwrap();
        assert!(query.any);
        assert_eq!(query.clauses[1].test, Test::Null);
    }

    #[test]
    fn what_is_no_query() {
        for text in [
            "",
            "asdf",
            "foo:'bar'",
            "status:paid",
            "status:'paid",
            "status:'a'status:'b'",
            "status~'succ'",
            "status>'a'",
            "amount:'much'",
            "amount>null",
            "metadata:'x'",
            "metadata['x'",
            "AND status:'a'",
            "status:'a' AND",
            "status:'a' AND status:'b' OR status:'c'",
            "status:'a' status:'b' OR status:'c'",
            "payment_method_details.last4:'1'",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        let many = ["amount>1"; MOST_CLAUSES];
        assert!(parse(&many.join(" ")).is_some());
        assert!(parse(&format!("{} amount>1", many.join(" "))).is_none());
    }
}
