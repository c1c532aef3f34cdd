//! Webhooks from the side of a test: endpoints are opened and closed, and what is due at them is taken or posted.

mod attempt;
mod endpoint;
pub(crate) mod post;
mod pump;

pub use self::attempt::Delivery;
pub use self::endpoint::{FakeEndpoint, FakeEndpointBuilder};
pub use self::pump::WebhookPump;
