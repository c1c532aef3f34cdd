//! Webhook endpoints as Stripe answers them.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

/// A webhook endpoint of the account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct WebhookEndpoint {
    /// `we_…`
    pub id: String,
    /// Where deliveries go.
    pub url: String,
    /// The event types that are delivered; `*` stands for all.
    pub enabled_events: Vec<String>,
    /// Whether Stripe delivers.
    pub status: EndpointStatus,
    /// The API version that events are rendered at; `None`: the account's own at the time of the event.
    pub api_version: Option<String>,
    /// Whether it is in live mode.
    #[serde(default)]
    pub livemode: bool,
    /// The description, if it has one.
    #[serde(default)]
    pub description: Option<String>,
    /// Stripe's metadata.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// The secret that deliveries are signed with. Stripe shows it only when it creates the endpoint.
    #[serde(default)]
    pub secret: Option<EndpointSecret>,
}

/// Whether Stripe delivers to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
#[non_exhaustive]
pub enum EndpointStatus {
    /// It does.
    Enabled,
    /// It does not, and what happens meanwhile is never delivered.
    Disabled,
    /// A status that this crate does not know.
    Other(String),
}

impl fmt::Display for EndpointStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Other(status) => status,
        })
    }
}

impl fmt::Display for WebhookEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types = self.enabled_events.len();
        write!(
            f,
            "{} {}: {}, {types} event types",
            self.id, self.url, self.status
        )
    }
}

impl From<String> for EndpointStatus {
    fn from(status: String) -> Self {
        match status.as_str() {
            "enabled" => Self::Enabled,
            "disabled" => Self::Disabled,
            _ => Self::Other(status),
        }
    }
}

/// The secret of an endpoint (`whsec_…`). `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct EndpointSecret(String);

impl EndpointSecret {
    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Takes the secret out.
    pub fn into_inner(self) -> String {
        self.0
    }
}

impl fmt::Debug for EndpointSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("whsec_…")
    }
}

#[derive(Deserialize)]
pub(crate) struct List {
    pub(crate) data: Vec<WebhookEndpoint>,
    pub(crate) has_more: bool,
}

#[derive(Deserialize)]
pub(crate) struct Deleted {
    pub(crate) id: String,
}
