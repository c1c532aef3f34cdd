//! Mirror Stripe into your own tables.

pub mod cell;
pub mod client;
mod context;
mod field;
mod freshness;
pub mod hooks;
pub mod kind;
mod mapping;
mod model;
mod object;
#[cfg(feature = "testing")]
pub mod testing;

pub use cell::{Cell, CellType};
pub use context::{Context, Origin, State};
pub use freshness::ReadToken;
pub use hooks::{Change, HookError, Outcome};
pub use kind::{
    Column, FromBoolean, FromDecimal, FromEnum, FromFloat, FromInteger, FromJson, FromReference,
    FromText, FromUnchecked, FromUnixTime, Nullable, ValueError,
};
pub use mapping::MapError;
pub use model::{Model, OnDelete, ReadBack, Role, StripeSync};
pub use object::{ObjectError, Slot, StripeObject};
pub use sqlx;
pub use sqlx::types::Json;
pub use stripe_sync_derive::StripeSync;

/// What generated code names. Not part of the public interface: it changes without notice.
#[doc(hidden)]
pub mod private {
    pub use crate::field::Field;
    pub use crate::field::kinds as field;
    pub use crate::hooks::{
        AfterCommit, Called, ChangedCells, MapHooks, MappingError, Pending, SyncHook, hooked_row,
    };
    pub use crate::mapping::{MapError, Row, Slots, map_json, read_back};
    pub use crate::model::{Column, Parts, Sql};
    pub use crate::object::paths::{
        ACCOUNT, DELETED, FIRST_PATH, ID, LIVEMODE, Mode, Node, OBJECT, Step,
    };
    pub use futures_util::future::BoxFuture;
    pub use stripe_sync_schema::table::{Statements, Text};
}
