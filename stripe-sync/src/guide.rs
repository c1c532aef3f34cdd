//! The guide: what is worth reading once.
//!
//! 1. [Attributes](derive@crate::StripeSync#attributes): what a struct and its fields may say, each with an example.
//! 2. [Column types](crate::kind): which Rust types hold which of Stripe's values, and how to add your own.
//!    [Whole objects](objects): which part of an object goes to which table; the elements of its lists as rows.
//! 3. [Hooks](crate::hooks): your own code before, in place of, after and around the mapping, and after the commit.
//! 4. [Databases](databases): tables, migrations, what differs between SQLite, PostgreSQL and MySQL/MariaDB.
//!    [Types](types): what each type of column keeps. [Poolers](poolers): PgBouncer, Supabase, Neon, RDS Proxy.
//! 5. [Backfill](backfill): a whole account, in slices, resumed, in several processes; changes meanwhile, deletions.
//! 6. [Live](live): webhooks and events, handlers, dead letters, and what happens when nothing is delivered.
//! 7. [Errors](errors): what stops a run, what fails one object, and where it is recorded.
//! 8. [Guarantees](guarantees): what holds after a run, and what does not.
//! 9. [Freshness](freshness): the rule behind the guarantees.
//! 10. [Stripe's side](stripe): keys, transports, retries, the rate budget, connected accounts.
//! 11. [Verify](verify): the proof that a table equals Stripe, and its history.
//! 12. [Testing](testing): the fake Stripe in your own tests.

#[doc = include_str!("docs/objects.md")]
pub mod objects {}

#[doc = include_str!("docs/backfill.md")]
pub mod backfill {}

#[cfg(feature = "live")]
#[doc = include_str!("docs/live.md")]
pub mod live {}

#[doc = include_str!("docs/databases.md")]
pub mod databases {}

#[doc = include_str!("docs/types.md")]
///
/// # SQLite
///
#[doc = include_str!("docs/types/sqlite.md")]
///
/// # PostgreSQL
///
#[doc = include_str!("docs/types/postgres.md")]
///
/// # MySQL and MariaDB
///
#[doc = include_str!("docs/types/mysql.md")]
pub mod types {}

#[doc = include_str!("docs/poolers.md")]
pub mod poolers {}

#[doc = include_str!("docs/errors.md")]
pub mod errors {}

#[doc = include_str!("docs/guarantees.md")]
pub mod guarantees {}

#[doc = include_str!("docs/freshness.md")]
pub mod freshness {}

#[doc = include_str!("docs/stripe.md")]
pub mod stripe {}

#[doc = include_str!("docs/verify.md")]
pub mod verify {}

#[doc = include_str!("docs/testing.md")]
pub mod testing {}
