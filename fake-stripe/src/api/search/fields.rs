//! The fields by which Stripe searches, by object (docs.stripe.com/search).

/// How the values of a field are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// As a whole.
    Token,
    /// As a whole or by a part.
    Text,
    /// As a number.
    Number,
}

use Kind::{Number, Text, Token};

/// The fields that can be searched; `*` stands for one name.
const FIELDS: [(&str, &[(&str, Kind)]); 7] = [
    (
        "charge",
        &[
            ("amount", Number),
            ("billing_details.address.postal_code", Token),
            ("created", Number),
            ("currency", Token),
            ("customer", Token),
            ("disputed", Token),
            ("payment_method_details.*.brand", Token),
            ("payment_method_details.*.exp_month", Token),
            ("payment_method_details.*.exp_year", Token),
            ("payment_method_details.*.fingerprint", Token),
            ("payment_method_details.*.last4", Token),
            ("refunded", Token),
            ("status", Token),
        ],
    ),
    (
        "customer",
        &[
            ("created", Number),
            ("email", Text),
            ("name", Text),
            ("phone", Text),
        ],
    ),
    (
        "invoice",
        &[
            ("created", Number),
            ("currency", Token),
            ("customer", Token),
            ("last_finalization_error_code", Token),
            ("last_finalization_error_type", Token),
            ("number", Text),
            ("receipt_number", Text),
            ("status", Token),
            ("subscription", Text),
            ("total", Number),
        ],
    ),
    (
        "payment_intent",
        &[
            ("amount", Number),
            ("created", Number),
            ("currency", Token),
            ("customer", Token),
            ("status", Token),
        ],
    ),
    (
        "price",
        &[
            ("active", Token),
            ("currency", Token),
            ("lookup_key", Text),
            ("product", Text),
            ("type", Token),
        ],
    ),
    (
        "product",
        &[
            ("active", Token),
            ("description", Text),
            ("name", Text),
            ("shippable", Token),
            ("url", Text),
        ],
    ),
    (
        "subscription",
        &[
            ("canceled_at", Number),
            ("created", Number),
            ("status", Token),
        ],
    ),
];

/// Fields whose name is not their path.
const PATHS: [(&str, &str); 3] = [
    (
        "last_finalization_error_code",
        "last_finalization_error.code",
    ),
    (
        "last_finalization_error_type",
        "last_finalization_error.type",
    ),
    ("subscription", "parent.subscription_details.subscription"),
];

/// Whether Stripe searches such objects.
pub(crate) fn is_searchable(object: &str) -> bool {
    FIELDS.iter().any(|(of, _)| *of == object)
}

/// The path of a field's value in the object, with points.
pub(super) fn path_of(name: &str) -> &str {
    let path = PATHS.iter().find(|(field, _)| *field == name);
    path.map_or(name, |(_, path)| path)
}

/// How a field is compared; `None` if such objects are not searched by it.
pub(super) fn kind_of(object: &str, name: &str) -> Option<Kind> {
    let (_, fields) = FIELDS.iter().find(|(of, _)| *of == object)?;
    let fits = |pattern: &str| {
        let mut names = name.split('.');
        let same = pattern.split('.').all(|wanted| {
            let name = names.next();
            name.is_some_and(|name| wanted == "*" || wanted == name)
        });
        same && names.next().is_none()
    };
    let field = fields.iter().find(|(pattern, _)| fits(pattern))?;
    Some(field.1)
}
