//! Stripe's list of customers in memory, so that no HTTP is in a figure.

use std::collections::HashMap;
use std::ops::Range;
use std::pin::Pin;

use serde::Deserialize;
use stripe_sync::client::{Capabilities, Request, Response, Transport, TransportError};

/// Objects of a page that does not ask for a number.
const USUAL_PAGE: usize = 10;
/// Stripe's clock is this far ahead of the newest object, in seconds.
const CLOCK_AHEAD: i64 = 60;

/// Objects that were read before the clock runs, the newest first, with what a list asks of them.
#[derive(Debug)]
pub struct Listed {
    objects: Vec<String>,
    created: Vec<i64>,
    places: HashMap<String, usize>,
}

/// What a list asks of an object.
#[derive(Deserialize)]
struct Key {
    id: String,
    created: i64,
}

impl Listed {
    /// The list of these objects, which are in the order of Stripe's lists.
    ///
    /// # Errors
    /// When one of them has no id or time of creation, or is newer than the one before it.
    pub fn new(objects: &[String]) -> Result<Self, Box<dyn std::error::Error>> {
        let mut places = HashMap::with_capacity(objects.len());
        let mut created = Vec::with_capacity(objects.len());
        for (place, object) in objects.iter().enumerate() {
            let key: Key = serde_json::from_str(object)?;
            created.push(key.created);
            places.insert(key.id, place);
        }
        if !created.is_sorted_by(|newer, older| newer >= older) {
            return Err("the objects are not in the order of a list".into());
        }
        Ok(Self {
            objects: objects.to_vec(),
            created,
            places,
        })
    }

    fn answer(&self, request: &Request) -> Response {
        let newest = self.created.first().copied().unwrap_or_default();
        let oldest = self.created.last().copied().unwrap_or_default();
        let mut response = match request.path.as_str() {
            "/v1/customers" => match self.page(&request.query) {
                Some(body) => Response::new(200, body),
                None => Response::new(400, r#"{"error":{"type":"invalid_request_error"}}"#),
            },
            "/v1/events" => nothing("/v1/events"),
            // Objects of test mode may stand behind clocks.
            "/v1/test_helpers/test_clocks" => nothing("/v1/test_helpers/test_clocks"),
            "/v1/account" => Response::new(
                200,
                format!(
                    r#"{{"id":"acct_1032D82eZvKYlo2C","object":"account","created":{oldest}}}"#
                ),
            ),
            _ => Response::new(404, r#"{"error":{"type":"invalid_request_error"}}"#),
        };
        response.date = Some(newest + CLOCK_AHEAD);
        response
    }

    /// The page that a query asks for; `None` where the list does not understand it.
    fn page(&self, query: &[(String, String)]) -> Option<String> {
        let Range { mut start, mut end } = 0..self.objects.len();
        let mut limit = USUAL_PAGE;
        for (name, value) in query {
            // The newest come first: a window's upper bound is where the range starts. The first place of an object that
            // was created in a second or before it, and of one that was created before it.
            let up_to = |second: i64| self.created.partition_point(|at| *at > second);
            let before = |second: i64| self.created.partition_point(|at| *at >= second);
            let second = || value.parse::<i64>().ok();
            match name.as_str() {
                "limit" => limit = value.parse().ok()?,
                "starting_after" => start = start.max(self.places.get(value)? + 1),
                "created[lt]" => start = start.max(before(second()?)),
                "created[lte]" => start = start.max(up_to(second()?)),
                "created[gt]" => end = end.min(up_to(second()?)),
                "created[gte]" => end = end.min(before(second()?)),
                _ => return None,
            }
        }
        let rest = self.objects.get(start..end).unwrap_or_default();
        let page = rest.get(..limit).unwrap_or(rest);
        // One copy, and no more: what this costs is in every figure.
        let length: usize = page.iter().map(|object| object.len() + 2).sum();
        let mut body = String::with_capacity(length + 128);
        body.push_str("{\n  \"object\": \"list\",\n  \"data\": [\n");
        for (place, object) in page.iter().enumerate() {
            body.push_str(if place > 0 { ",\n" } else { "" });
            body.push_str(object);
        }
        body.push_str("\n  ],\n  \"has_more\": ");
        body.push_str(if page.len() < rest.len() {
            "true"
        } else {
            "false"
        });
        body.push_str(",\n  \"url\": \"/v1/customers\"\n}");
        Some(body)
    }
}

/// A list without objects.
fn nothing(url: &str) -> Response {
    let list = format!(r#"{{"object":"list","data":[],"has_more":false,"url":"{url}"}}"#);
    Response::new(200, list)
}

impl Transport for Listed {
    fn send<'a>(
        &'a self,
        request: &'a Request,
    ) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>> {
        let response = self.answer(request);
        Box::pin(async { Ok(response) })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(list: &Listed, query: &[(&str, &str)]) -> (Vec<String>, bool) {
        let query: Vec<(String, String)> = query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let page: serde_json::Value = serde_json::from_str(&list.page(&query).unwrap()).unwrap();
        let ids = page["data"].as_array().unwrap().iter();
        let ids = ids.map(|object| object["id"].as_str().unwrap().to_owned());
        (ids.collect(), page["has_more"].as_bool().unwrap())
    }

    #[test]
    fn windows_cursors_and_limits_are_those_of_stripe() {
        let objects: Vec<String> = [("e", 30), ("d", 20), ("c", 20), ("b", 20), ("a", 10)]
            .iter()
            .map(|(id, created)| format!(r#"{{"id":"{id}","created":{created}}}"#))
            .collect();
        let list = Listed::new(&objects).unwrap();
        let all = ids(&list, &[]);
        assert_eq!((all.0.concat().as_str(), all.1), ("edcba", false));
        let first = ids(&list, &[("limit", "2")]);
        assert_eq!((first.0.concat().as_str(), first.1), ("ed", true));
        for (query, expected) in [
            ([("created[lt]", "30"), ("created[gte]", "20")], "dcb"),
            ([("created[lte]", "20"), ("created[gt]", "10")], "dcb"),
            ([("starting_after", "d"), ("created[gte]", "20")], "cb"),
            ([("created[lt]", "10"), ("limit", "1")], ""),
        ] {
            let page = ids(&list, &query);
            assert_eq!((page.0.concat().as_str(), page.1), (expected, false));
        }
        assert_eq!(list.page(&[("status".to_owned(), "all".to_owned())]), None);
        assert!(Listed::new(&[objects[4].clone(), objects[0].clone()]).is_err());
    }
}
