//! The key of a member as it was sent, and how most keys are distinguished from the wanted ones without a comparison.

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
        same(self.bytes, name.as_bytes()) || (self.escaped && self.decodes_to(name))
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
/// that are wanted, and are distinguished from them without a comparison.
#[inline]
pub(in crate::object) const fn mark(key: &[u8]) -> u64 {
    let first = match key {
        [first, ..] => *first,
        [] => 0,
    };
    1 << ((first as usize * 5 + key.len()) & 63)
}

/// Whether two keys are equal. The usual comparison is a call, which costs more than the keys' few words do.
#[inline]
fn same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let (left_words, left) = left.as_chunks::<8>();
    let (right_words, right) = right.as_chunks::<8>();
    let words = left_words.iter().zip(right_words);
    let bytes = left.iter().zip(right);
    words
        .map(|(left, right)| u64::from_ne_bytes(*left) == u64::from_ne_bytes(*right))
        .chain(bytes.map(|(left, right)| left == right))
        .all(|equal| equal)
}
