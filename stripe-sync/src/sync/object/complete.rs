//! Lists inside objects, read to their end where a model keeps them: Stripe shows ten elements of them at the most.

use std::collections::{HashMap, HashSet};
use std::str::from_utf8;

use bytes::Bytes;
use futures_util::{StreamExt, stream};

use crate::client::Request;
use crate::model::{Model, Role};
use crate::object::cut::{CutList, Kept, Rest, cut_lists, fill, may_be_cut};
use crate::object::list;
use crate::store::rows::Failure;

use crate::sync::error::SyncError;
use crate::sync::list::endless::Endless;
use crate::sync::list::expand;
use crate::sync::list::page::id_of;
use crate::sync::list::pager::{ElementList, RESTARTS};
use crate::sync::list::{ListTarget, Page, Pager, Reader, endless};

/// How deep lists may be inside one another: subscriptions of a customer, items of these. Stripe has no deeper ones.
const DEEPEST: usize = 8;
/// Objects of a page whose lists are read at once; the rate budget decides how fast.
const OBJECTS_AT_ONCE: usize = 16;

/// What a model keeps of the objects that are read for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keeps {
    model: &'static Model,
    /// The list that its objects stand in, if the objects that are read are their parents.
    list: Option<ElementList>,
}

impl Keeps {
    /// Of parents nothing but the list with the model's objects.
    pub(crate) fn elements(model: &'static Model, list: ElementList) -> Self {
        Self {
            model,
            list: Some(list),
        }
    }

    /// How many of the model's objects an object shows.
    pub(crate) fn rows_in(self, object: &[u8]) -> usize {
        let Some(list) = self.list else {
            return 1;
        };
        let text = from_utf8(object).unwrap_or_default();
        let json = list::member(text, list.member).unwrap_or_default();
        list::list(json).map_or(0, |list| list.objects.len())
    }

    /// A mapping hook may look at all of an object.
    fn kept(self) -> Kept {
        if let Some(list) = self.list {
            return Kept::Member(list.member);
        }
        let parts = &self.model.parts;
        let hooked = parts.map_hooks.is_some() || parts.sync.is_some();
        if hooked || self.model.role(Role::Raw).is_some() {
            Kept::Whole
        } else {
            Kept::Below(parts.paths)
        }
    }
}

impl From<&'static Model> for Keeps {
    fn from(model: &'static Model) -> Self {
        Self { model, list: None }
    }
}

impl Pager {
    /// What a model keeps of its objects; nothing of those that only lead to others.
    pub(crate) fn keeps(&self, model: &'static Model) -> Option<Keeps> {
        match self.target {
            ListTarget::Rows => Some(model.into()),
            ListTarget::Elements(list) => Some(Keeps::elements(model, list)),
            ListTarget::Parents(_) => None,
        }
    }
}

/// The lists of an object that lack elements which the model keeps; `None` if the object cannot be read.
pub(crate) fn cut(keeps: impl Into<Keeps>, object: &[u8]) -> Option<Vec<CutList>> {
    let kept = keeps.into().kept();
    if !kept.can_hold_lists() {
        return Some(Vec::new());
    }
    let text = from_utf8(object).ok()?;
    match may_be_cut(text) {
        true => cut_lists(text, kept).ok(),
        false => Some(Vec::new()),
    }
}

/// The objects of a page that could not be completed, by their places.
pub(crate) type Incomplete = HashMap<usize, Failure>;

/// Completes the objects of a page. Returns those that failed.
///
/// # Errors
/// When Stripe does not answer at all, or the key is refused: the page's own request would have failed too.
pub(crate) async fn complete_page(
    reader: &Reader,
    keeps: impl Into<Keeps>,
    objects: &mut [Bytes],
) -> Result<Incomplete, SyncError> {
    let keeps = keeps.into();
    if !keeps.kept().can_hold_lists() {
        return Ok(Incomplete::new());
    }
    let cut: Vec<_> = objects
        .iter()
        .enumerate()
        .filter(|(_, object)| from_utf8(object).is_ok_and(may_be_cut))
        .map(|(place, object)| {
            let object = object.clone();
            async move { (place, complete(reader, keeps, object).await) }
        })
        .collect();
    let mut completed = stream::iter(cut).buffer_unordered(OBJECTS_AT_ONCE);
    let mut incomplete = Incomplete::new();
    while let Some((place, result)) = completed.next().await {
        match result {
            Ok(whole) => {
                if let Some(object) = objects.get_mut(place) {
                    *object = whole;
                }
            }
            Err(SyncError::Object { failure, .. }) => {
                incomplete.insert(place, failure);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(incomplete)
}

/// Whether the lists that a model keeps of an object have all their elements. What cannot be read may lack some.
pub(crate) fn is_whole(model: &'static Model, object: &[u8]) -> bool {
    cut(model, object).is_some_and(|lists| lists.is_empty())
}

/// Whether the model wants more of an object than its stored copy has, so that only a read can make the row.
pub(crate) fn needs_read(model: &'static Model, object: &[u8]) -> bool {
    !is_whole(model, object) || !expand::is_expanded(model, object)
}

/// Completes an object: the lists that the model keeps of it have all their elements. The requests belong to the read
/// of the object, so the write's token must have been taken before it, and is not taken again.
///
/// # Errors
/// [`SyncError::Object`] when Stripe refuses the rest of a list: a part of it must not look like the whole. Any other error
/// when Stripe does not answer at all, or the key is refused.
pub(crate) async fn complete(
    reader: &Reader,
    keeps: impl Into<Keeps>,
    mut object: Bytes,
) -> Result<Bytes, SyncError> {
    let keeps = keeps.into();
    let model = keeps.model;
    // What is read may still have another number of elements than it says.
    let mut done: HashSet<String> = HashSet::new();
    // The elements that are put in may hold cut lists themselves.
    for _ in 0..DEEPEST {
        // What is not JSON is for the mapping to refuse.
        let mut lists = cut(keeps, &object).unwrap_or_default();
        lists.retain(|list| list.is_cut || !done.contains(&list.url));
        if lists.is_empty() {
            return Ok(object);
        }
        let mut rests = Vec::with_capacity(lists.len());
        for list in lists {
            let (rest, said) = match rest(reader, keeps, &list).await {
                Ok((rest, said)) => (Some(rest), said),
                Err(error) if is_of_every_request(&error) => return Err(error),
                // All that it promises is there, and only its number says otherwise.
                Err(error) if !list.is_cut => {
                    let shown = list.shown;
                    let said = format!(
                        "shows {shown} elements, says another number, and was not read again: {error}"
                    );
                    (None, Some(said))
                }
                // A failure of the one object: Stripe answers everything else.
                Err(error) => {
                    let reason = format!("the rest of its list {} was not read: {error}", list.url);
                    return Err(incomplete(model, &object, reason));
                }
            };
            done.insert(list.url.clone());
            if let Some(said) = said {
                let (object, id) = (model.object(), id_of(&object).unwrap_or_default());
                let warnings = &reader.warnings;
                warnings.push(format!("`{object}` {id}: its list {} {said}", list.url));
            }
            rests.extend(rest.map(|rest| (list, rest)));
        }
        let text = from_utf8(&object).unwrap_or_default();
        object = fill(text, rests).into();
    }
    let reason = format!("its lists are inside one another more than {DEEPEST} deep");
    Err(incomplete(model, &object, reason))
}

/// How many pages the rest of a list takes, at the most so many; and whether that is all of it. A list that Stripe refuses
/// takes the request that is refused.
///
/// # Errors
/// When Stripe does not answer at all, or the key is refused.
pub(crate) async fn pages_of(
    reader: &Reader,
    keeps: Keeps,
    list: &CutList,
    most: u64,
) -> Result<(u64, bool), SyncError> {
    let mut cursor = list.last.clone();
    let mut found = list.shown;
    for pages in 1..=most {
        match page(reader, keeps, list, cursor.as_deref()).await {
            Ok(Some(page)) => {
                cursor = page.objects.last().and_then(|last| id_of(last));
                found += page.objects.len();
                if !page.has_more || found >= list.needed || cursor.is_none() {
                    return Ok((pages, true));
                }
            }
            Err(error) if is_of_every_request(&error) => return Err(error),
            Ok(None) | Err(_) => return Ok((pages, true)),
        }
    }
    Ok((most, false))
}

/// The elements that a list lacks, each once; and what is said of a list that, read twice, has another number of them than
/// it says.
async fn rest(
    reader: &Reader,
    keeps: Keeps,
    list: &CutList,
) -> Result<(Rest, Option<String>), SyncError> {
    let mut from = list.last.clone();
    let (mut endless, mut is_doubted) = (Endless::default(), false);
    // One that is not cut was read with the object.
    let (mut is_counted_again, mut restarts) = (!list.is_cut, 0);
    let mut total_count = list.total_count;
    while restarts <= RESTARTS {
        let mut part = Part::after(list, from.take(), total_count);
        let ended = loop {
            // Ends with the list, or with a cursor that is no place in it any more.
            let Some(page) = page(reader, keeps, list, part.cursor.as_deref()).await? else {
                // An element is gone since the object said how many there are.
                total_count = None;
                break false;
            };
            if page.objects.is_empty() && page.has_more && endless.is_empty_again() {
                return Err(endless::empty(&list.url));
            }
            if page.objects.is_empty() && part.cursor.is_some() && !is_doubted {
                // More was promised: it is believed only if the list says so twice.
                is_doubted = true;
                break false;
            }
            part.take(page);
            if part.is_enough(list) {
                break true;
            }
            match &part.cursor {
                None => break false,
                Some(cursor) if endless.comes_again(cursor) => {
                    return Err(endless::repeated(&list.url, cursor));
                }
                Some(_) => {}
            }
        };
        endless.forget_cursors();
        if !ended {
            restarts += 1;
            continue;
        }
        let miscount = part.miscount();
        if miscount.is_none() || is_counted_again {
            return Ok((part.rest, miscount));
        }
        is_counted_again = true;
    }
    Err(SyncError::CursorLost {
        path: list.url.clone(),
        times: RESTARTS,
    })
}

/// What is read of a list so far.
struct Part {
    rest: Rest,
    /// The ids of the elements, also of those that came with the object and stay.
    ids: HashSet<String>,
    /// How many elements there are, and how many the list says that it has.
    count: usize,
    total_count: Option<usize>,
    cursor: Option<String>,
}

impl Part {
    /// What comes after an element that came with the object; without one, all of it.
    fn after(list: &CutList, cursor: Option<String>, total_count: Option<usize>) -> Self {
        let (ids, count) = match cursor {
            Some(_) => (list.ids.iter().cloned().collect(), list.shown),
            None => (HashSet::new(), 0),
        };
        Self {
            rest: Rest {
                from_the_beginning: cursor.is_none(),
                ..Rest::default()
            },
            ids,
            count,
            total_count,
            cursor,
        }
    }

    fn take(&mut self, page: Page) {
        self.cursor = page.objects.last().and_then(|last| id_of(last));
        self.rest.has_more = page.has_more;
        self.total_count = page.total_count.or(self.total_count);
        for element in page.objects {
            // Those without an id cannot be told apart.
            if id_of(&element).is_none_or(|id| self.ids.insert(id)) {
                self.count += 1;
                self.rest.elements.push(element);
            }
        }
    }

    /// Whether all is there, or all that is needed.
    fn is_enough(&self, list: &CutList) -> bool {
        !self.rest.has_more || self.count >= list.needed
    }

    /// What is said of the numbers, if it was read to its end and they are not the same.
    fn miscount(&self) -> Option<String> {
        let (total, count) = (self.total_count?, self.count);
        (!self.rest.has_more && total != count)
            .then(|| format!("says that it has {total} elements, and {count} were read, twice"))
    }
}

/// The page after a cursor; `None` if the cursor's object is gone.
async fn page(
    reader: &Reader,
    keeps: Keeps,
    list: &CutList,
    cursor: Option<&str>,
) -> Result<Option<Page>, SyncError> {
    // An address of any other form could lead the key to somebody else.
    if !list.url.starts_with("/v1/") {
        return Err(SyncError::Page {
            path: list.url.clone(),
            reason: "expected an address of its further elements, got none".to_owned(),
            request_id: None,
        });
    }
    let request = Request::get(list.url.as_str()).query("limit", "100");
    let mut request = expand::of_inner_list(request, (keeps.model, keeps.list), &list.path);
    if let Some(cursor) = cursor {
        request = request.query("starting_after", cursor);
    }
    match reader.get(request).await {
        Ok(response) => Page::of(&list.url, &response).map(Some),
        Err(error) if error.missing_param() == Some("starting_after") => {
            tracing::info!(name: "stripe_sync.cursor_vanished", path = list.url, "cursor vanished");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether any other request would fail as well.
fn is_of_every_request(error: &SyncError) -> bool {
    matches!(error, SyncError::Stripe(error)
        if error.is_transient() || error.is_unauthorized() || error.status().is_none())
}

fn incomplete(model: &'static Model, object: &[u8], reason: String) -> SyncError {
    SyncError::Object {
        model: model.name(),
        failure: Failure::whole(id_of(object).unwrap_or_default(), reason),
    }
}
