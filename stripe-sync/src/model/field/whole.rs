//! The constant of a `raw` field, which holds the whole object.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::types::Json;

use crate::kind::FromJson;
use crate::model::field::{Field, kinds};

/// A type that holds a whole object, for `#[stripe(raw)]`.
#[diagnostic::on_unimplemented(
    message = "#[stripe(raw)] holds the whole object, and `{Self}` cannot",
    label = "use `Json<serde_json::Value>`, `Json<Box<serde_json::value::RawValue>>` or `serde_json::Value`",
    note = "`Json<...>` of a serde type of your own holds what that type reads"
)]
pub trait Whole: FromJson {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + 'static> Whole for Json<T> {}
impl Whole for Value {}
#[diagnostic::do_not_recommend]
impl<T: Whole> Whole for Option<T> {}

/// A field that holds the whole object.
pub const fn whole<T: Whole>() -> Field<T> {
    kinds::json::<T>()
}
