//! Places: cities that lie in their countries, with postal codes as they are there.

use serde_json::{Map, Value, json};

use crate::generate::words;

/// (city, country, state, postal code; `#` is a digit).
const PLACES: [(&str, &str, &str, &str); 8] = [
    ("San Francisco", "US", "CA", "941##"),
    ("Austin", "US", "TX", "787##"),
    ("New York", "US", "NY", "100##"),
    ("Berlin", "DE", "Berlin", "101##"),
    ("London", "GB", "England", "EC#A#BB"),
    ("Paris", "FR", "Paris", "750##"),
    ("Dublin", "IE", "Dublin", "D0#AF3#"),
    ("Tokyo", "JP", "Tokyo", "100-00##"),
];

/// A whole address.
pub(crate) fn address(rng: &mut fastrand::Rng) -> Value {
    let line1 = words::text("line1", rng);
    let mut address = json!({
        "city": "", "country": "", "line1": line1, "line2": null, "postal_code": "", "state": "",
    });
    if let Some(members) = address.as_object_mut() {
        agree(members, rng);
    }
    address
}

/// Makes the parts of an address lie in one place. Parts that nobody wrote stay away.
pub(crate) fn agree(members: &mut Map<String, Value>, rng: &mut fastrand::Rng) {
    let Some((city, country, state, code)) = rng.choice(PLACES) else {
        return;
    };
    let code: String = code
        .chars()
        .map(|letter| match letter {
            '#' => rng.digit(10),
            letter => letter,
        })
        .collect();
    for (name, part) in [
        ("city", city),
        ("country", country),
        ("postal_code", code.as_str()),
        ("state", state),
    ] {
        if let Some(member @ Value::String(_)) = members.get_mut(name) {
            *member = part.into();
        }
    }
}
