//! A list of any number of customers, which are made when they are asked for: a million of them take no memory.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use stripe_sync::client::{Capabilities, Request, Response, Transport, TransportError};

use crate::objects::CUSTOMER;

/// When the first customer was created; each later one is a second younger.
const BASE: i64 = 1_600_000_000;
/// Objects of a page that does not ask for a number.
const USUAL_PAGE: i64 = 10;

/// Customers with the numbers from 0, the newest first, and how many requests there were.
#[derive(Debug, Clone)]
pub struct Numbered {
    count: i64,
    /// What stands before the id, between the id and the time of creation, and after that.
    parts: [String; 3],
    requests: Arc<AtomicU64>,
}

impl Numbered {
    /// So many customers.
    ///
    /// # Errors
    /// When the fixture has no id or time of creation.
    pub fn new(count: i64) -> Result<Self, Box<dyn std::error::Error>> {
        let object: serde_json::Value = serde_json::from_str(CUSTOMER)?;
        let id = object["id"].as_str().ok_or("the customer has no id")?;
        let created = object["created"].to_string();
        let (before, rest) = CUSTOMER.split_once(id).ok_or("the customer has no id")?;
        let created = rest.split_once(&created);
        let (between, after) = created.ok_or("the customer has no time of creation")?;
        Ok(Self {
            count,
            parts: [before, between, after].map(str::to_owned),
            requests: Arc::default(),
        })
    }

    /// How many requests there were.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    fn answer(&self, request: &Request) -> Response {
        let mut response = match request.path.as_str() {
            "/v1/customers" => match self.page(&request.query) {
                Some(body) => Response::new(200, body),
                None => Response::new(400, r#"{"error":{"type":"invalid_request_error"}}"#),
            },
            path if let Some(id) = path.strip_prefix("/v1/customers/") => match self.one(id) {
                Some(body) => Response::new(200, body),
                None => Response::new(
                    404,
                    r#"{"error":{"type":"invalid_request_error","code":"resource_missing","param":"id"}}"#,
                ),
            },
            "/v1/account" => Response::new(
                200,
                format!(r#"{{"id":"acct_1","object":"account","created":{BASE}}}"#),
            ),
            url => Response::new(
                200,
                format!(r#"{{"object":"list","data":[],"has_more":false,"url":"{url}"}}"#),
            ),
        };
        response.date = Some(BASE + self.count + 60);
        response
    }

    /// The customer with an id, if there is one.
    fn one(&self, id: &str) -> Option<String> {
        let number: i64 = id.strip_prefix("cus_")?.parse().ok()?;
        (0..self.count)
            .contains(&number)
            .then(|| self.object(number))
    }

    fn object(&self, number: i64) -> String {
        let [before, between, after] = &self.parts;
        format!("{before}cus_{number:09}{between}{}{after}", BASE + number)
    }

    /// The page that a query asks for; `None` where the list does not understand it.
    fn page(&self, query: &[(String, String)]) -> Option<String> {
        let (mut from, mut to, mut limit) = (0, self.count, USUAL_PAGE);
        for (name, value) in query {
            let second = || value.parse::<i64>().ok().map(|second| second - BASE);
            match name.as_str() {
                "limit" => limit = value.parse().ok()?,
                "starting_after" => to = to.min(value.strip_prefix("cus_")?.parse().ok()?),
                "created[lt]" => to = to.min(second()?),
                "created[lte]" => to = to.min(second()? + 1),
                "created[gt]" => from = from.max(second()? + 1),
                "created[gte]" => from = from.max(second()?),
                _ => return None,
            }
        }
        let first = from.max(to - limit);
        let objects: Vec<String> = (first..to)
            .rev()
            .map(|number| self.object(number))
            .collect();
        let (objects, has_more) = (objects.join(","), first > from);
        Some(format!(
            r#"{{"object":"list","data":[{objects}],"has_more":{has_more},"url":"/v1/customers"}}"#
        ))
    }
}

impl Transport for Numbered {
    fn send<'a>(
        &'a self,
        request: &'a Request,
    ) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let response = self.answer(request);
        Box::pin(async { Ok(response) })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }
}
