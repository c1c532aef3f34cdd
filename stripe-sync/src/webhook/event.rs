//! One event of Stripe: which object changed, where and when.

pub(crate) mod error;
pub(crate) mod members;

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::value::{RawValue, to_raw_value};

use crate::model::words::words;
use crate::stripe_time::utc;
use crate::webhook::json::{members, name, present, top};
use error::EventError;
use members::{Data, Head, Members, Related, form};

/// What Stripe sends of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EventForm {
    /// With the object as it was, in the API version of the receiver: `"object": "event"`.
    Snapshot,
    /// With the object's id only: `"object": "v2.core.event"`.
    Thin,
}

words! { EventForm: Snapshot "snapshot", Thin "thin" }

/// One event.
///
/// Cheap to clone but for a few short strings: the payload is shared.
///
/// ```
/// use stripe_sync::webhook::{Event, EventForm};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let event = Event::parse(r#"{
///     "id": "evt_1", "object": "event", "type": "customer.updated", "created": 1790000000, "livemode": true,
///     "data": {"object": {"id": "cus_1", "object": "customer"}, "previous_attributes": {"email": null}}
/// }"#)?;
/// assert_eq!((event.kind(), event.form()), ("customer.updated", EventForm::Snapshot));
/// assert_eq!((event.object(), event.object_id()), (Some("customer"), Some("cus_1")));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Event {
    id: String,
    kind: String,
    form: EventForm,
    created: i64,
    livemode: bool,
    account: Option<String>,
    context: Option<String>,
    api_version: Option<String>,
    snapshot_event: Option<String>,
    about: About,
    payload: Bytes,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.kind)?;
        match self.object_id() {
            Some(id) => write!(f, ": {id}"),
            None => Ok(()),
        }
    }
}

/// What the event is about.
#[derive(Clone, Default)]
struct About {
    object: Option<String>,
    id: Option<String>,
    url: Option<String>,
    data: Option<Bytes>,
    previous: Option<Bytes>,
}

impl Event {
    /// Reads one event: the body of a webhook, or an element of `GET /v1/events`.
    ///
    /// Unknown members and types are kept. Whoever calls this has verified the signature first.
    ///
    /// # Errors
    /// When the bytes are not JSON, not an event, or lack what every event has: id, type, time and mode. A text that
    /// names something is refused when it is empty, longer than 255 characters, or holds a NUL.
    pub fn parse(json: impl Into<Bytes>) -> Result<Self, EventError> {
        let payload = json.into();
        let text = std::str::from_utf8(&payload).map_err(EventError::Encoding)?;
        let members: Members<'_> = top(text)?;
        let form = form(members.object).ok_or_else(|| EventError::not_an_event(members.object))?;
        // From here on an error says which event it is about.
        let id = present("id", members.id)?;
        Self::read(&members, form, &payload, &id).map_err(|error| error.of(&id))
    }

    fn read(
        members: &Members<'_>,
        form: EventForm,
        payload: &Bytes,
        id: &str,
    ) -> Result<Self, EventError> {
        let context = members.context()?;
        let account = name("account", members.account)?;
        let (created, about) = match form {
            EventForm::Snapshot => (members.unix_seconds()?, snapshot(members, payload)?),
            EventForm::Thin => (members.instant()?, related(members)?),
        };
        Ok(Self {
            id: id.to_owned(),
            kind: present("type", members.r#type)?,
            form,
            created,
            livemode: members.livemode()?,
            account: account.or_else(|| context.as_deref().and_then(account_of)),
            context,
            api_version: name("api_version", members.api_version)?,
            snapshot_event: name("snapshot_event", members.snapshot_event)?,
            about,
            payload: payload.clone(),
        })
    }

    /// The same event of a connected account's own list, which need not name the account as a delivery to the platform does.
    ///
    /// # Errors
    /// None: what was read once is read again.
    pub(crate) fn listed_by(self, account: &str) -> Result<Self, EventError> {
        if self.account.is_some() {
            return Ok(self);
        }
        let text = std::str::from_utf8(&self.payload).map_err(EventError::Encoding)?;
        let mut members: BTreeMap<String, &RawValue> =
            serde_json::from_str(text).map_err(EventError::Json)?;
        let account = to_raw_value(account).map_err(EventError::Json)?;
        members.insert("account".to_owned(), &account);
        Self::parse(serde_json::to_vec(&members).map_err(EventError::Json)?)
    }

    /// Stripe's id of the event, `evt_…`. The same event may come more than once.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Stripe's `type`, for example `customer.updated`; of a thin event `v1.customer.updated` or `v2.core.account.updated`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The type of the snapshot event that tells of the same change: `customer.updated` for `v1.customer.updated`.
    pub fn snapshot_kind(&self) -> &str {
        match self.form {
            EventForm::Thin => self.kind.strip_prefix("v1.").unwrap_or(&self.kind),
            EventForm::Snapshot => &self.kind,
        }
    }

    /// Whether the event carries the object or only its id.
    pub fn form(&self) -> EventForm {
        self.form
    }

    /// When the change happened, by Stripe's clock. It does not tell which of two events is newer: a second holds many, and
    /// they come in any order.
    pub fn created(&self) -> DateTime<Utc> {
        utc(self.created)
    }

    /// The same in unix seconds.
    pub(crate) fn created_seconds(&self) -> i64 {
        self.created
    }

    /// Whether it happened in live mode. An endpoint for connected accounts gets both.
    pub fn livemode(&self) -> bool {
        self.livemode
    }

    /// The account that it happened in, if it is not the receiver's own: the connected account, or the one that an
    /// organization's event names in its context.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The value for the header `Stripe-Context` with which the object is read, as Stripe sent it.
    pub fn context(&self) -> Option<&str> {
        self.context.as_deref()
    }

    /// The API version of the object in the event. It may be another one than that of the object when it is read.
    pub fn api_version(&self) -> Option<&str> {
        self.api_version.as_deref()
    }

    /// Of a thin event, the id of the snapshot event about the same change.
    pub fn snapshot_event(&self) -> Option<&str> {
        self.snapshot_event.as_deref()
    }

    /// Stripe's name for the resource that it is about, for example `customer`.
    pub fn object(&self) -> Option<&str> {
        self.about.object.as_deref()
    }

    /// The id of the object that it is about. A `balance` has none, nor has an upcoming invoice in older API versions.
    pub fn object_id(&self) -> Option<&str> {
        self.about.id.as_deref()
    }

    /// Of a thin event, the path at which the object is read.
    pub fn object_url(&self) -> Option<&str> {
        self.about.url.as_deref()
    }

    /// The whole event as it came.
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// Of a snapshot, the JSON of the object as it was: `data.object`. It may be stale when it comes.
    pub fn data_object(&self) -> Option<&Bytes> {
        self.about.data.as_ref()
    }

    /// Of an update, the JSON of the members that changed, with their former values.
    pub fn previous_attributes(&self) -> Option<&Bytes> {
        self.about.previous.as_ref()
    }
}

impl fmt::Debug for Event {
    /// Shows what the event is about, not what it holds: objects carry personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("form", &self.form)
            .field("created", &self.created)
            .field("livemode", &self.livemode)
            .field("account", &self.account)
            .field("object", &self.about.object)
            .field("object_id", &self.about.id)
            .field("bytes", &self.payload.len())
            .finish()
    }
}

/// The account at the end of a context, for example `acct_1` or `org_1/acct_1`.
fn account_of(context: &str) -> Option<String> {
    let last = context.rsplit('/').next()?;
    last.starts_with("acct_").then(|| last.to_owned())
}

fn snapshot(event: &Members<'_>, payload: &Bytes) -> Result<About, EventError> {
    let data: Data<'_> = members("data", event.data)?;
    let head: Head<'_> = members("data.object", data.object)?;
    let previous = data.previous_attributes()?;
    let part = |json: &str| payload.slice_ref(json.as_bytes());
    Ok(About {
        object: name("data.object.object", head.object)?,
        id: name("data.object.id", head.id)?,
        url: None,
        data: data.object.map(|object| part(object.get())),
        previous: previous.map(part),
    })
}

fn related(event: &Members<'_>) -> Result<About, EventError> {
    if event.related_object.is_none() {
        return Ok(About::default());
    }
    let related: Related<'_> = members("related_object", event.related_object)?;
    Ok(About {
        object: name("related_object.type", related.r#type)?,
        id: name("related_object.id", related.id)?,
        url: related.url()?,
        data: None,
        previous: None,
    })
}

#[cfg(test)]
mod tests;
