//! Every hook of stripe-sync, each with a job that it is the right place for.
//!
//! | hook | here | job |
//! |---|---|---|
//! | `pre_set_default` | [`customers`] | an e-mail address is stored in one spelling |
//! | | [`subscriptions`] | a list that Stripe cut short is completed, before the transaction |
//! | `set_default` | [`customers`] | a value that only the application knows is added |
//! | `post_set_default` | [`customers`] | a column that must not be empty gets a value |
//! | `sync` | [`subscriptions`] | related rows are written in the transaction of their parent |
//! | `after_commit` | [`customers`] | mails are queued, but not for a first sync |
//!
//! [`children`] has the rows of [`subscriptions`] without a hook: three lines of attributes do what its two hooks do. A hook is for
//! related rows that are not the elements of a list.

pub mod children;
pub mod customers;
pub mod mail;
pub mod subscriptions;

/// The error of a hook may be any error; where a function has several, this holds them all.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
