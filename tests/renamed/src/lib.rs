//! Generated code finds the runtime under the name that this package's Cargo.toml gives it, without `crate = ...`.

use mirror::StripeSync;

/// A model that names no path of the runtime.
#[derive(Debug, StripeSync)]
#[stripe(object = "customer", table = "customers")]
pub struct Customer {
    /// The key.
    pub id: String,
    /// A column that may be null.
    pub email: Option<String>,
}

#[cfg(test)]
mod tests {
    use mirror::StripeSync as _;

    use super::Customer;

    #[test]
    fn the_model_is_derived() {
        assert_eq!(Customer::MODEL.table(), "customers");
    }
}
