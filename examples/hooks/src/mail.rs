//! The mails that changes of customers cause.

/// A mail to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mail {
    /// To a new customer.
    Welcome { to: String },
    /// To a customer whose address changed.
    AddressChanged { from: Option<String>, to: String },
}
