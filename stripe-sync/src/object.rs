//! One object as Stripe sent it.

pub(crate) mod cut;
mod digest;
pub(crate) mod list;
pub(crate) mod paths;
mod scan;
pub(crate) mod secret;
pub(crate) mod slot;
mod walk;

use std::fmt;

use bytes::Bytes;
use serde_json::Value;

pub(crate) use digest::digest;
pub use slot::Slot;
pub(crate) use walk::walk;

/// The bytes of one Stripe object, read only when asked.
///
/// Cheap to clone. Objects of one list page share the page's memory.
#[derive(Clone)]
pub struct StripeObject {
    json: Bytes,
    head: Head,
    read: Option<i64>,
}

/// What every object says of itself.
#[derive(Debug, Clone, Default, serde::Deserialize)]
struct Head {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    object: Option<String>,
    #[serde(default)]
    deleted: bool,
}

/// Bytes that are not one Stripe object.
#[derive(Debug, thiserror::Error)]
#[error("expected one Stripe object, got JSON that does not read as one: {0}")]
pub struct ObjectError(serde_json::Error);

impl From<serde_json::Error> for ObjectError {
    fn from(error: serde_json::Error) -> Self {
        Self(error)
    }
}

impl StripeObject {
    /// Takes one object: a body that Stripe answered, or an event's `data.object`.
    ///
    /// # Errors
    /// When the bytes are not one JSON object.
    pub fn from_json(json: impl Into<Bytes>) -> Result<Self, ObjectError> {
        let json = json.into();
        let head = serde_json::from_slice(&json)?;
        Ok(Self {
            json,
            head,
            read: None,
        })
    }

    /// Says that the object was read from Stripe after `token` was taken with `Syncer::start_read`, so that a sync
    /// of it need not read it again.
    #[must_use]
    pub fn read_since(mut self, token: crate::freshness::ReadToken) -> Self {
        self.read = Some(token.start());
        self
    }

    /// The start of the read that brought the object, if it is known.
    pub(crate) fn read_start(&self) -> Option<i64> {
        self.read
    }

    /// The object's id; empty for the few objects that have none.
    pub fn id(&self) -> &str {
        self.head.id.as_deref().unwrap_or_default()
    }

    /// Stripe's name for the resource, for example `customer`.
    pub fn object(&self) -> &str {
        self.head.object.as_deref().unwrap_or_default()
    }

    /// Whether this is the stub `{"id": ..., "deleted": true}` of a deleted object.
    pub fn is_deleted(&self) -> bool {
        self.head.deleted
    }

    /// The bytes themselves.
    pub(crate) fn into_json(self) -> Bytes {
        self.json
    }

    /// The object's JSON as Stripe sent it, or as [`edit`](Self::edit) left it.
    pub fn json(&self) -> &str {
        // `from_json` has read the bytes as JSON, so they are UTF-8.
        std::str::from_utf8(&self.json).unwrap_or_default()
    }

    /// The whole object as a [`Value`].
    ///
    /// # Errors
    /// When a number is out of range for a [`Value`].
    pub fn value(&self) -> Result<Value, ObjectError> {
        Ok(serde_json::from_slice(&self.json)?)
    }

    /// The object as any serde type.
    ///
    /// # Errors
    /// When the object is not of the type's shape.
    pub fn deserialize<T: serde::de::DeserializeOwned>(&self) -> Result<T, ObjectError> {
        Ok(serde_json::from_slice(&self.json)?)
    }

    /// The object as a type of async-stripe, for example `stripe_shared::Customer`.
    ///
    /// # Errors
    /// When the object is not of the type's shape: async-stripe's types know one version of Stripe's API.
    #[cfg(feature = "async-stripe")]
    pub fn typed<T: miniserde::Deserialize>(
        &self,
    ) -> Result<T, crate::client::async_stripe::TypedError> {
        crate::client::async_stripe::typed(&self.json)
    }

    /// Changes the object, for example in a `pre_set_default` hook.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut object = stripe_sync::StripeObject::from_json(r#"{"id":"cus_1","email":"A@B.C"}"#)?;
    /// object.edit(|customer| {
    ///     let email = customer["email"].as_str().unwrap_or_default().to_lowercase();
    ///     customer["email"] = email.into();
    /// })?;
    /// assert_eq!(object.value()?["email"], "a@b.c");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When the change leaves something that is not a Stripe object.
    pub fn edit<R>(&mut self, change: impl FnOnce(&mut Value) -> R) -> Result<R, ObjectError> {
        let mut value = self.value()?;
        let result = change(&mut value);
        let json = serde_json::to_vec(&value)?;
        self.head = serde_json::from_slice(&json)?;
        self.json = json.into();
        Ok(result)
    }
}

impl fmt::Debug for StripeObject {
    /// Shows which object it is, not what it holds: objects carry personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeObject")
            .field("object", &self.object())
            .field("id", &self.id())
            .field("deleted", &self.head.deleted)
            .field("bytes", &self.json.len())
            .finish()
    }
}
