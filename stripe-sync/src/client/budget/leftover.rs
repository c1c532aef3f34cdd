//! What others leave of the budget, for requests that can wait.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::gate::Gate;
use super::{AccountBudget, Permit};
use crate::client::request::Request;

/// How long it is waited where nobody can say when there is something left: others stand in line, or wait for answers. A
/// fraction of what Stripe takes for an answer.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(50);

impl AccountBudget {
    /// Waits until both limits have something that nobody else wants, and takes it from both at once.
    ///
    /// That is a token which would overflow the bucket, while nobody stands in line and half of the places are free. So
    /// requests that come in the ordinary way find all but one of the tokens that they would have found.
    pub(crate) async fn acquire_leftover(&self, request: &Request) -> Permit {
        let endpoint = self.endpoint(request);
        let _first = endpoint.leftover_line.lock().await;
        loop {
            match self.take_leftover(&endpoint) {
                Ok(permit) => return permit,
                Err(wait) => sleep(wait).await,
            }
        }
    }

    /// Takes a token and a place that nobody else wants, or says how long there is none.
    fn take_leftover(&self, endpoint: &Arc<Gate>) -> Result<Permit, Duration> {
        // Held until both are taken: nobody may stand between what is seen here and what is taken.
        let lines = (endpoint.line.try_lock(), self.whole.line.try_lock());
        let (Ok(_endpoint_line), Ok(_line)) = lines else {
            return Err(LOOK_AGAIN);
        };
        let closed = endpoint
            .closed_for_leftover()
            .max(self.whole.closed_for_leftover());
        match closed {
            Some(wait) => Err(wait),
            None => Ok(Permit {
                whole: self.whole.take(),
                endpoint: endpoint.take(),
            }),
        }
    }
}
