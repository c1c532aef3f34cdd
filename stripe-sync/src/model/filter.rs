//! What a model's filter is to an object, and to the table.

use crate::model::{Filter, FilterSort, Model};
use crate::object::slot::Slot;

impl Model {
    /// The filter as text: the parameters of the list as they are sent, in one order however they were written; empty if
    /// every object is let through. Two models with one text mirror the same objects.
    pub(crate) fn filter(&self) -> String {
        let narrowing = self.parts.filters.iter().filter(|filter| filter.narrows());
        let parameters =
            narrowing.map(|filter| format!("{}={}", filter.param, escape(filter.value)));
        parameters.collect::<Vec<_>>().join("&")
    }

    /// Whether the table holds a part of the resource.
    pub(crate) fn is_filtered(&self) -> bool {
        self.parts.filters.iter().any(Filter::narrows)
    }

    /// Whether only the list says which objects the table holds. What was read otherwise has a row only if it has one.
    pub(crate) fn is_listed_only(&self) -> bool {
        let mut filters = self.parts.filters.iter();
        filters.any(|filter| filter.sort == FilterSort::List)
    }

    /// Whether an object, as Stripe sent it, says by itself that it is outside the filter. `slots` are what was read of it.
    pub(crate) fn is_outside(&self, slots: &[Slot<'_>]) -> bool {
        let mut filters = self.parts.filters.iter();
        filters.any(|filter| match filter.sort {
            FilterSort::Member(slot) => !slots
                .get(usize::from(slot))
                .is_some_and(|slot| is_value(slot, filter.value)),
            FilterSort::List | FilterSort::All => false,
        })
    }
}

impl Filter {
    fn narrows(&self) -> bool {
        self.sort != FilterSort::All
    }
}

/// Whether a member has the value that a filter asks for. One that is null or absent has none.
fn is_value(slot: &Slot<'_>, value: &str) -> bool {
    match slot {
        Slot::Text(text) => text == value,
        Slot::Integer(number) => value.parse() == Ok(*number),
        Slot::Boolean(flag) => value.parse() == Ok(*flag),
        _ => false,
    }
}

/// A value in which nothing ends it.
fn escape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for letter in value.chars() {
        match letter {
            '%' | '&' | '=' => out.push_str(&format!("%{:02X}", u32::from(letter))),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_compared_in_its_own_form() {
        for (slot, value, expected) in [
            (Slot::Text("active".into()), "active", true),
            (Slot::Text("active".into()), "Active", false),
            (Slot::Boolean(true), "true", true),
            (Slot::Boolean(false), "true", false),
            (Slot::Integer(500), "500", true),
            (Slot::Integer(500), "5", false),
            (Slot::Null, "active", false),
            (Slot::Absent, "active", false),
        ] {
            assert_eq!(is_value(&slot, value), expected, "{slot:?} {value}");
        }
    }

    #[test]
    fn a_value_does_not_end_early() {
        assert_eq!(escape("a&b=c%"), "a%26b%3Dc%25");
        assert_eq!(escape("ü x"), "ü x");
    }
}
