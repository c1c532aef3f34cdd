//! Stripe's list of customers in memory, so that no HTTP is in a figure.

use std::collections::HashMap;

use stripe_sync::client::{Capabilities, Request, Response, Transport, TransportError};
use stripe_sync::private::BoxFuture;

use crate::objects::id_of;

/// Objects of a page, as many as Stripe gives.
const PAGE: usize = 100;

/// Pages made before the clock runs, by the cursor that asks for them.
#[derive(Debug)]
pub struct Listed {
    pages: HashMap<String, Response>,
}

impl Listed {
    /// The list of these objects.
    pub fn new(objects: &[String]) -> Self {
        let mut pages = HashMap::new();
        let mut cursor = String::new();
        let chunks = objects.chunks(PAGE);
        let last = chunks.len().saturating_sub(1);
        for (number, page) in chunks.enumerate() {
            let body = format!(
                "{{\n  \"object\": \"list\",\n  \"data\": [\n{}\n  ],\n  \"has_more\": {},\n  \"url\": \"/v1/customers\"\n}}",
                page.join(",\n"),
                number < last
            );
            pages.insert(cursor, Response::new(200, body));
            cursor = page.last().map_or("", |object| id_of(object)).to_owned();
        }
        Self { pages }
    }
}

impl Transport for Listed {
    fn send<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Response, TransportError>> {
        let cursor = request
            .query
            .iter()
            .find(|(name, _)| name == "starting_after")
            .map_or("", |(_, id)| id.as_str());
        let missing = || Response::new(404, r#"{"error":{"type":"invalid_request_error"}}"#);
        let page = self.pages.get(cursor).cloned().unwrap_or_else(missing);
        Box::pin(async { Ok(page) })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }
}
