//! The list of one parent, read by itself: where only children have rows, or a row says whose list to look at.

use std::time::Duration;

use bytes::Bytes;
use stripe_sync_schema::catalogue;

use crate::store::rows::Failure;
use crate::store::rows::sets::alone::LoneSet;

use crate::sync::error::SyncError;
use crate::sync::list::plan::{of_parent, resource};
use crate::sync::list::{Page, Pager};
#[cfg(feature = "live")]
use crate::sync::object::absence::IN_A_ROW;
use crate::sync::object::complete::complete_page;
use crate::sync::object::sets::{map_elements, set};
use crate::sync::object::{ModelRun, ObjectWriter};

/// How often a list is read before its parent counts as failed, because others write its rows meanwhile.
const READ_LIMIT: u32 = 20;
/// The longest pause between two tries, in milliseconds. It is random, so that two that met do not meet again.
const READ_PAUSE: u64 = 50;
/// How long after a read that did not find a parent the next one is sent, where no event tells that it is deleted.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// How far it is believed that a parent is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Belief {
    /// At once: an event told, or a run asks that knows whose key it has.
    AtOnce,
    /// When a second read, a little later, does not find it either; of a few parents in a row, because a key of another
    /// account finds none.
    #[cfg_attr(
        not(feature = "live"),
        allow(dead_code, reason = "events leave doubts")
    )]
    Twice,
}

impl ObjectWriter<'_> {
    /// Reads the list of a parent and writes it, until no newer read overtakes it. Of a parent that is gone all rows go.
    ///
    /// # Errors
    /// When Stripe or the database fail; [`SyncError::Object`] when others write the rows all the time.
    pub(crate) async fn write_set(
        &mut self,
        parent_object: &'static str,
        parent: &str,
        belief: Belief,
    ) -> Result<(), SyncError> {
        let run = self.run;
        let mut is_missed = false;
        for _ in 0..READ_LIMIT {
            let start = run.store().next_token().await?;
            let elements = match elements(run, parent_object, parent).await? {
                None if belief == Belief::Twice && !is_missed => {
                    tokio::time::sleep(AGAIN_AFTER).await;
                    is_missed = true;
                    continue;
                }
                elements => {
                    #[cfg(feature = "live")]
                    if belief == Belief::Twice {
                        self.believe(parent, elements.is_some())?;
                    }
                    elements.unwrap_or_default()
                }
            };
            let elements = map_elements(run.model, parent, elements, &run.context).await;
            let riders = self.riders(None);
            let lone = LoneSet {
                model: run.model,
                scope: &run.scope,
                parent,
                set: set(0, parent, elements),
                start,
                riders: &riders,
                context: &run.context,
            };
            // On the heap, so that the futures of runs stay shallow and small.
            let written = Box::pin(run.store().write_set(lone)).await?;
            self.take_children(written.children).await;
            if !written.is_overtaken {
                return Ok(());
            }
            let pause = Duration::from_millis(fastrand::u64(0..READ_PAUSE));
            tokio::time::sleep(pause).await;
        }
        let reason = format!("its list was written by others at each of {READ_LIMIT} reads");
        Err(SyncError::Object {
            model: run.model.name(),
            failure: Failure::whole(parent, reason),
        })
    }
}

#[cfg(feature = "live")]
impl ObjectWriter<'_> {
    /// Notes whether a parent was found.
    ///
    /// # Errors
    /// [`SyncError::Doubted`] when too many in a row were not.
    fn believe(&self, parent: &str, is_found: bool) -> Result<(), SyncError> {
        let (run, Some(doubt)) = (self.run, self.doubt) else {
            return Ok(());
        };
        if is_found {
            doubt.absences.found(&run.scope);
        } else if !doubt.absences.missed(&run.scope) {
            return Err(SyncError::Doubted {
                model: run.model.name(),
                id: parent.to_owned(),
                scope: run.scope.describe(),
                in_a_row: IN_A_ROW,
            });
        }
        Ok(())
    }
}

/// The elements of a parent's list; `None` if Stripe does not know the parent.
async fn elements(
    run: &ModelRun<'_>,
    parent_object: &'static str,
    parent: &str,
) -> Result<Option<Vec<Result<Bytes, Failure>>>, SyncError> {
    let lists = lists_of(run, parent_object, parent)?;
    let mut found = Vec::new();
    let mut is_known = false;
    for list in lists {
        let mut list = list.expanding(run.model);
        loop {
            let response = match list.fetch(&run.reader).await {
                Err(SyncError::Stripe(error)) if error.names_missing() => break,
                answer => answer?,
            };
            is_known = true;
            let mut page = Page::of(&list.path, &response)?;
            let ids = page.ids().collect();
            let mut incomplete = complete_page(&run.reader, run.model, &mut page.objects).await?;
            let objects = page.objects.into_iter().enumerate();
            found.extend(
                objects.map(|(place, object)| match incomplete.remove(&place) {
                    Some(failure) => Err(failure),
                    None => Ok(object),
                }),
            );
            if list.turn(ids, None, page.has_more)? {
                break;
            }
        }
    }
    Ok(is_known.then_some(found))
}

/// The lists that show the model's objects of one parent.
///
/// # Errors
/// When there is none.
fn lists_of(
    run: &ModelRun<'_>,
    parent_object: &'static str,
    parent: &str,
) -> Result<Vec<Pager>, SyncError> {
    let model = run.model;
    let lists = resource(model)
        .map(|resource| of_parent(resource, model.parts.filters, parent_object, parent))
        .unwrap_or_default();
    if !lists.is_empty() {
        return Ok(lists);
    }
    // A list of the account may take the parent as a filter: refunds of a charge.
    let listed = resource(model).and_then(|resource| resource.list.as_ref());
    let name = parent_object.rsplit('.').next().unwrap_or(parent_object);
    let filter = listed.and_then(|list| Some((list, list.filter(name)?)));
    let known = catalogue::resource(parent_object).is_some();
    match filter {
        Some((list, filter)) if known => {
            let query = vec![(filter.param(None), parent.to_owned())];
            let target = crate::sync::list::ListTarget::Rows;
            let mut pager = Pager::new((list.path, list.paginated), query, target);
            pager.of_parent = true;
            Ok(vec![pager])
        }
        _ => Err(SyncError::NotListable {
            model: model.name(),
            object: model.object(),
        }),
    }
}
