//! The constants of columns that a sync never reads from Stripe: `local`, `synced_at`, `deleted_at`.
//!
//! As for `parse`, generated code calls a method that the compiler finds by what the type lacks: what is no column is one error
//! about that, and not a second one about `Default`.

use std::marker::PhantomData;

use crate::kind::{ColumnType, ValueError};
use crate::model::field::Field;
use crate::model::field::attributes::with;

/// A column that a sync never reads from Stripe.
#[derive(Debug)]
pub struct Stored<T>(PhantomData<T>);

impl<T> Stored<T> {
    /// Before it is known what the type lacks.
    #[expect(
        clippy::new_without_default,
        reason = "a constant cannot call `default`"
    )]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: ColumnType + Default> Stored<T> {
    /// The field. `U` is `T`, and gives the errors of the other methods their place.
    pub const fn field<U>(self) -> Field<T> {
        with(|_| Err(ValueError::new("this column does not come from Stripe"))).or(T::default)
    }
}

/// `Default`, of a type that is a column.
#[diagnostic::on_unimplemented(
    message = "a sync does not read this column, so it begins as its type's `Default`, and `{Self}` has none",
    label = "derive or implement `Default` for it, or make it an `Option`"
)]
pub trait Begins {}

#[diagnostic::do_not_recommend]
impl<T: Default> Begins for T {}

/// The methods that are found where a type lacks something: a bound of each is not met.
pub mod stored_lacks {
    use super::{Begins, ColumnType, Field, Stored};

    /// Found for a column without `Default`.
    pub trait DefaultOfStored<T> {
        /// Never called.
        fn field<U>(self) -> Field<T>
        where
            U: Begins;
    }

    impl<T: ColumnType> DefaultOfStored<T> for Stored<T> {
        fn field<U>(self) -> Field<T>
        where
            U: Begins,
        {
            unreachable!("a bound of this method is never met")
        }
    }

    /// Found for a type that is no column.
    pub trait ColumnOfStored<T> {
        /// Never called.
        fn field<U>(self) -> Field<T>
        where
            U: ColumnType;
    }

    impl<T> ColumnOfStored<T> for &Stored<T> {
        fn field<U>(self) -> Field<T>
        where
            U: ColumnType,
        {
            unreachable!("a bound of this method is never met")
        }
    }
}
