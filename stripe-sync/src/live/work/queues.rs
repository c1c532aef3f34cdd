//! Which claims are worked on one after another: those of events about one object that nobody mirrors.

use std::collections::HashMap;

use crate::live::claims::HeldClaim;
use crate::live::handlers::about;
use crate::live::service::Live;
use crate::live::work::objects::Unmirrored;
use crate::store::events::{Claim, EVENT};
use crate::sync::error::SyncError;

/// Claims of events about one object that nobody mirrors, in their order; or others, which need none.
type Group = (Option<Unmirrored>, Vec<HeldClaim<Claim>>);

impl Live {
    /// Puts claims in groups.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn in_order(
        &self,
        claims: Vec<HeldClaim<Claim>>,
    ) -> Result<Vec<Group>, SyncError> {
        let is_event = |claim: &HeldClaim<Claim>| claim.subject.object == EVENT;
        let (events, mut others): (Vec<_>, Vec<_>) = claims.into_iter().partition(is_event);
        let mut claims: HashMap<String, HeldClaim<Claim>> = events
            .into_iter()
            .map(|claim| (claim.subject.id.clone(), claim))
            .collect();
        let Some(first) = claims.values().next() else {
            return Ok(vec![(None, others)]);
        };
        let stored = self.events_of(first.scope.livemode, claims.keys());
        let mut stored = stored.await?;
        // The newest were first.
        stored.reverse();
        stored.sort_by_key(|event| event.created);
        let mut of_object: HashMap<Unmirrored, Vec<HeldClaim<Claim>>> = HashMap::new();
        for event in &stored {
            let Some(claim) = claims.remove(&event.id) else {
                continue;
            };
            match about(event) {
                Some(object) => {
                    let unmirrored = (claim.scope.account.clone(), object);
                    of_object.entry(unmirrored).or_default().push(claim);
                }
                None => others.push(claim),
            }
        }
        // Of these the event is gone.
        others.extend(claims.into_values());
        let in_order = of_object
            .into_iter()
            .map(|(object, claims)| (Some(object), claims));
        Ok(in_order.chain([(None, others)]).collect())
    }
}
