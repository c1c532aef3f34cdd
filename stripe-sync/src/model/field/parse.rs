//! The constants of fields with `#[stripe(parse)]`.
//!
//! A type needs two traits of the standard library, and `Display` of an error. What lacks one of them is one error, which names
//! that one: generated code calls `Parsed::new().field::<T>()`, and the compiler looks for the method by value first, where
//! inherent methods come before those of traits, then by reference, then by mutable reference.

use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;

use crate::cell::{Cell, CellType};
use crate::kind::{ColumnType, Nullable, ValueError};
use crate::model::field::Field;
use crate::model::field::kinds::{Kind, nullable, required};
use crate::object::slot::Slot;

struct ByItself;

impl<T> Kind<T> for ByItself
where
    T: FromStr<Err: Display> + Display,
{
    const TYPE: CellType = CellType::Text;
    const NULLABLE: bool = false;
    const ZULU: bool = false;
    const EXPECTED: &'static str = "text";

    fn read(slot: &Slot<'_>) -> Result<T, ValueError> {
        match slot {
            Slot::Text(text) => parsed(text),
            other => Err(ValueError::expected("text", other.form())),
        }
    }
    fn write(value: T) -> Cell<'static> {
        Cell::text(value.to_string())
    }
    fn back(cell: Cell<'static>) -> Result<T, ValueError> {
        String::from_cell(cell).and_then(|text| parsed(&text))
    }
}

fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, ValueError> {
    text.parse()
        .map_err(|error: T::Err| ValueError::new(format!("text that does not parse: {error}")))
}

/// A field of a type that parses itself.
#[derive(Debug)]
pub struct Parsed<T>(PhantomData<T>);

/// A field of a type that parses itself, or null or nothing.
#[derive(Debug)]
pub struct ParsedOrNull<T>(PhantomData<T>);

impl<T> Parsed<T> {
    /// Before it is known what the type lacks.
    #[expect(
        clippy::new_without_default,
        reason = "a constant cannot call `default`"
    )]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T> ParsedOrNull<T> {
    /// Before it is known what the type lacks.
    #[expect(
        clippy::new_without_default,
        reason = "a constant cannot call `default`"
    )]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: FromStr<Err: Display> + Display> Parsed<T> {
    /// The field. `U` is `T`, and gives the errors of the other methods their place.
    pub const fn field<U>(self) -> Field<T> {
        required::<ByItself, T>()
    }
}

impl<T: Nullable<Inner: FromStr<Err: Display> + Display>> ParsedOrNull<T> {
    /// The field. `U` is `T`, and gives the errors of the other methods their place.
    pub const fn field<U>(self) -> Field<T> {
        nullable::<ByItself, T>()
    }
}

/// `Display`, of a type that reads itself.
#[diagnostic::on_unimplemented(
    message = "#[stripe(parse)] writes a value with `Display`, and `{Self}` does not implement it",
    label = "implement `std::fmt::Display` for it, as the text that its `FromStr` reads"
)]
pub trait Prints {}

#[diagnostic::do_not_recommend]
impl<T: Display> Prints for T {}

/// `Display`, of the error of a type that reads and prints itself.
#[diagnostic::on_unimplemented(
    message = "#[stripe(parse)] reports the error of `FromStr`, and `{Self}` does not implement `Display`",
    label = "implement `std::fmt::Display` for `{Self}`, the error of its `FromStr`"
)]
pub trait ReadError {}

#[diagnostic::do_not_recommend]
impl<T: Display> ReadError for T {}

/// `FromStr`, of a type that prints itself.
#[diagnostic::on_unimplemented(
    message = "#[stripe(parse)] reads a value with `FromStr`, and `{Self}` does not implement it",
    label = "implement `std::str::FromStr` for it, of the text that its `Display` writes"
)]
pub trait Reads {}

/// Both, of a type that has neither.
#[diagnostic::on_unimplemented(
    message = "#[stripe(parse)] needs a type that reads and prints itself, and `{Self}` does not",
    label = "implement `FromStr` and `Display` for it"
)]
pub trait Parse {}

/// The methods that are found where a type lacks something: a bound of each is not met. Written out, not made by a macro: the
/// compiler shows their bounds to the user.
pub mod parsed_lacks {
    use std::fmt::Display;
    use std::str::FromStr;

    use super::{Field, Parse, Parsed, ParsedOrNull, Prints, ReadError, Reads};
    use crate::kind::Nullable;

    /// For a type that reads itself and does not print itself, or not its error.
    pub trait DisplayOfParsed<T> {
        /// Never called.
        fn field<U>(self) -> Field<T>
        where
            U: FromStr<Err: ReadError> + Prints;
    }

    impl<T: FromStr> DisplayOfParsed<T> for Parsed<T> {
        fn field<U>(self) -> Field<T>
        where
            U: FromStr<Err: ReadError> + Prints,
        {
            unreachable!("a bound of this method is never met")
        }
    }

    /// For a type that prints itself and does not read itself.
    pub trait FromStrOfParsed<T> {
        /// Never called.
        fn field<U>(self) -> Field<T>
        where
            U: Reads;
    }

    impl<T: Display> FromStrOfParsed<T> for &Parsed<T> {
        fn field<U>(self) -> Field<T>
        where
            U: Reads,
        {
            unreachable!("a bound of this method is never met")
        }
    }

    /// For a type that does neither.
    pub trait BothOfParsed<T> {
        /// Never called.
        fn field<U>(self) -> Field<T>
        where
            U: Parse;
    }

    impl<T> BothOfParsed<T> for &mut Parsed<T> {
        fn field<U>(self) -> Field<T>
        where
            U: Parse,
        {
            unreachable!("a bound of this method is never met")
        }
    }

    /// For an `Option` of a type that reads itself and does not print itself, or not its error.
    pub trait DisplayOfParsedOrNull<T> {
        /// Never called.
        fn field<U>(self) -> Field<T>
        where
            U: Nullable<Inner: FromStr<Err: ReadError> + Prints>;
    }

    impl<T: Nullable<Inner: FromStr>> DisplayOfParsedOrNull<T> for ParsedOrNull<T> {
        fn field<U>(self) -> Field<T>
        where
            U: Nullable<Inner: FromStr<Err: ReadError> + Prints>,
        {
            unreachable!("a bound of this method is never met")
        }
    }

    /// For an `Option` of a type that prints itself and does not read itself.
    pub trait FromStrOfParsedOrNull<T> {
        /// Never called.
        fn field<U>(self) -> Field<T>
        where
            U: Nullable<Inner: Reads>;
    }

    impl<T: Nullable<Inner: Display>> FromStrOfParsedOrNull<T> for &ParsedOrNull<T> {
        fn field<U>(self) -> Field<T>
        where
            U: Nullable<Inner: Reads>,
        {
            unreachable!("a bound of this method is never met")
        }
    }

    /// For an `Option` of a type that does neither, and for what is no `Option`.
    pub trait BothOfParsedOrNull<T> {
        /// Never called.
        fn field<U>(self) -> Field<T>
        where
            U: Nullable<Inner: Parse>;
    }

    impl<T> BothOfParsedOrNull<T> for &mut ParsedOrNull<T> {
        fn field<U>(self) -> Field<T>
        where
            U: Nullable<Inner: Parse>,
        {
            unreachable!("a bound of this method is never met")
        }
    }
}
