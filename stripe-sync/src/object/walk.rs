//! One pass over an object's bytes that fills a model's slots and skips the rest.
//!
//! Not generic over the model: a model is a tree of [`Node`]s, so this code is compiled once.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::paths::{Mode, Node, Step};
use super::slot::Slot;

/// Fills `slots` from `json`. A slot that no value reaches stays as it is.
///
/// # Errors
/// When `json` is not one JSON object.
pub(crate) fn walk<'o>(
    json: &'o str,
    roots: &'static [Node],
    slots: &mut [Slot<'o>],
) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let root = Inside {
        roots,
        map: false,
        slots,
    };
    root.deserialize(&mut deserializer)?;
    deserializer.end()
}

/// Reads a value whose members or elements are wanted.
struct Inside<'s, 'o> {
    roots: &'static [Node],
    map: bool,
    slots: &'s mut [Slot<'o>],
}

impl<'o> DeserializeSeed<'o> for Inside<'_, 'o> {
    type Value = ();

    fn deserialize<D: Deserializer<'o>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'o> Visitor<'o> for Inside<'_, 'o> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'o>>(self, mut map: A) -> Result<(), A::Error> {
        if self.map {
            nullify(self.roots, self.slots);
        }
        while let Some(found) = map.next_key_seed(Key(self.roots))? {
            match found {
                None => map.next_value::<IgnoredAny>().map(drop)?,
                Some(node) => map.next_value_seed(At {
                    node,
                    slots: self.slots,
                })?,
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'o>>(self, mut seq: A) -> Result<(), A::Error> {
        // An element that an array no longer has is null: the array itself is there.
        nullify(self.roots, self.slots);
        for index in 0.. {
            let wanted = self
                .roots
                .iter()
                .find(|node| node.step == Step::Index(index));
            let more = match wanted {
                Some(node) => seq.next_element_seed(At {
                    node,
                    slots: self.slots,
                })?,
                None => seq.next_element::<IgnoredAny>()?.map(drop),
            };
            if more.is_none() {
                break;
            }
        }
        Ok(())
    }

    // An unexpanded reference or a scalar where members are wanted: they are absent.
    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    // A null parent makes everything below it null.
    fn visit_unit<E: Error>(self) -> Result<(), E> {
        nullify(self.roots, self.slots);
        Ok(())
    }
}

fn nullify(nodes: &'static [Node], slots: &mut [Slot<'_>]) {
    for node in nodes {
        for &(slot, _) in node.slots {
            put(slots, slot, Slot::Null);
        }
        nullify(node.children, slots);
    }
}

fn put<'o>(slots: &mut [Slot<'o>], slot: u16, value: Slot<'o>) {
    if let Some(place) = slots.get_mut(usize::from(slot)) {
        *place = value;
    }
}

/// Finds a member's node by its key without copying the key.
struct Key(&'static [Node]);

impl<'o> DeserializeSeed<'o> for Key {
    type Value = Option<&'static Node>;

    fn deserialize<D: Deserializer<'o>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Option<&'static Node>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self
            .0
            .iter()
            .find(|node| matches!(node.step, Step::Key(name) if name == key)))
    }
}

/// Reads the value at one node.
struct At<'s, 'o> {
    node: &'static Node,
    slots: &'s mut [Slot<'o>],
}

impl<'o> DeserializeSeed<'o> for At<'_, 'o> {
    type Value = ();

    fn deserialize<D: Deserializer<'o>>(self, deserializer: D) -> Result<(), D::Error> {
        match (self.node.slots, self.node.children) {
            ([], children) => Inside {
                roots: children,
                map: self.node.map,
                slots: self.slots,
            }
            .deserialize(deserializer),
            (&[(slot, mode)], []) => {
                let value = Keep(mode).deserialize(deserializer)?;
                put(self.slots, slot, value);
                Ok(())
            }
            // Kept more than once, or kept whole and looked into: read the bytes, then look again.
            (kept, children) => {
                let json = <&'o RawValue as serde::Deserialize>::deserialize(deserializer)?.get();
                for &(slot, mode) in kept {
                    let mut again = serde_json::Deserializer::from_str(json);
                    let value = Keep(mode)
                        .deserialize(&mut again)
                        .map_err(D::Error::custom)?;
                    put(self.slots, slot, value);
                }
                if !children.is_empty() {
                    let mut again = serde_json::Deserializer::from_str(json);
                    Inside {
                        roots: children,
                        map: self.node.map,
                        slots: self.slots,
                    }
                    .deserialize(&mut again)
                    .map_err(D::Error::custom)?;
                }
                Ok(())
            }
        }
    }
}

/// Keeps one value in the form that its mode asks for.
struct Keep(Mode);

impl<'o> DeserializeSeed<'o> for Keep {
    type Value = Slot<'o>;

    fn deserialize<D: Deserializer<'o>>(self, deserializer: D) -> Result<Slot<'o>, D::Error> {
        if self.0 == Mode::Raw {
            let json = <&'o RawValue as serde::Deserialize>::deserialize(deserializer)?.get();
            return Ok(if json == "null" {
                Slot::Null
            } else {
                Slot::Json(json)
            });
        }
        deserializer.deserialize_any(self)
    }
}

impl<'o> Visitor<'o> for Keep {
    type Value = Slot<'o>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'o str) -> Result<Slot<'o>, E> {
        Ok(Slot::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Slot<'o>, E> {
        Ok(Slot::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Slot<'o>, E> {
        Ok(Slot::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Slot<'o>, E> {
        Ok(i64::try_from(value).map_or(
            Slot::Unexpected("an integer of more than 63 bits"),
            Slot::Integer,
        ))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Slot<'o>, E> {
        Ok(Slot::Unexpected("a number with a fraction"))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Slot<'o>, E> {
        Ok(Slot::Boolean(value))
    }

    fn visit_unit<E: Error>(self) -> Result<Slot<'o>, E> {
        Ok(Slot::Null)
    }

    fn visit_map<A: MapAccess<'o>>(self, mut map: A) -> Result<Slot<'o>, A::Error> {
        let mut id = Slot::Unexpected("an object");
        let expanded = self.0 == Mode::Reference;
        while let Some(is_id) = map.next_key_seed(IsId)? {
            if is_id && expanded {
                id = map.next_value_seed(Keep(Mode::Scalar))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(id)
    }

    fn visit_seq<A: SeqAccess<'o>>(self, mut seq: A) -> Result<Slot<'o>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Slot::Unexpected("an array"))
    }
}

/// Whether a key is `id`.
struct IsId;

impl<'o> DeserializeSeed<'o> for IsId {
    type Value = bool;

    fn deserialize<D: Deserializer<'o>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for IsId {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        Ok(key == "id")
    }
}
