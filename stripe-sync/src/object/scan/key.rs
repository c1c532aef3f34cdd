//! The key of a member as it was sent, and how most keys are told from the wanted ones without a comparison.

use super::Scan;

/// The key of a member.
pub(in crate::object) struct Key<'o> {
    pub(super) bytes: &'o [u8],
    pub(super) escaped: bool,
}

impl Key<'_> {
    /// Whether the key is this name.
    #[inline]
    pub(in crate::object) fn is(&self, name: &str) -> bool {
        self.bytes == name.as_bytes() || (self.escaped && self.decodes_to(name))
    }

    #[cold]
    fn decodes_to(&self, name: &str) -> bool {
        self.decoded().is_ok_and(|key| key == name)
    }

    /// The key as it stands, if that is what it means.
    #[inline]
    pub(in crate::object) fn plain(&self) -> Option<&[u8]> {
        (!self.escaped).then_some(self.bytes)
    }

    /// The key without its escapes.
    #[cold]
    pub(in crate::object) fn decoded(&self) -> Scan<String> {
        serde_json::from_slice(&[b"\"", self.bytes, b"\""].concat())
    }

    /// The key's [`mark`].
    #[inline]
    pub(in crate::object) fn mark(&self) -> u64 {
        if self.escaped {
            u64::MAX
        } else {
            mark(self.bytes)
        }
    }
}

/// One of 64 bits for a key, from its length and its first letter: most keys of an object have none in common with those
/// that are wanted, and are told from them without a comparison.
#[inline]
pub(in crate::object) fn mark(key: &[u8]) -> u64 {
    let first = key.first().copied().unwrap_or_default();
    1 << ((usize::from(first) * 5 + key.len()) & 63)
}
