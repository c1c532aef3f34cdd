//! `String` and `Box<str>`; plain bytes for columns of the application's own.

use std::borrow::Cow;

use super::{
    ColumnType, FromDecimal, FromEnum, FromReference, FromText, FromUnchecked, ValueError,
};
use crate::cell::{Cell, CellType};

macro_rules! text {
    ($type:ty) => {
        #[diagnostic::do_not_recommend]
        impl ColumnType for $type {
            const TYPE: CellType = CellType::Text;

            fn into_cell(self) -> Cell<'static> {
                Cell::Text(Cow::Owned(self.into()))
            }

            fn from_cell(cell: Cell<'static>) -> Result<Self, ValueError> {
                match cell {
                    Cell::Text(text) => Ok(text.into()),
                    other => Err(ValueError::cell(CellType::Text, &other)),
                }
            }
        }

        #[diagnostic::do_not_recommend]
        impl FromText for $type {
            fn from_text(text: &str) -> Result<Self, ValueError> {
                Ok(text.into())
            }
        }

        #[diagnostic::do_not_recommend]
        impl FromEnum for $type {
            fn from_enum(value: &str) -> Self {
                value.into()
            }
        }

        #[diagnostic::do_not_recommend]
        impl FromReference for $type {
            fn from_reference(id: &str) -> Result<Self, ValueError> {
                Ok(id.into())
            }
        }

        #[diagnostic::do_not_recommend]
        impl FromDecimal for $type {
            fn from_decimal(digits: &str) -> Result<Self, ValueError> {
                Ok(digits.into())
            }
        }

        #[diagnostic::do_not_recommend]
        impl FromUnchecked for $type {
            fn from_unchecked(json: &str) -> Result<Self, ValueError> {
                serde_json::from_str::<String>(json)
                    .map(Into::into)
                    .map_err(|_| ValueError::expected("text", super::unchecked::describe(json)))
            }
        }
    };
}

#[diagnostic::do_not_recommend]
impl ColumnType for Vec<u8> {
    const TYPE: CellType = CellType::Bytes;

    fn into_cell(self) -> Cell<'static> {
        Cell::Bytes(Cow::Owned(self))
    }

    fn from_cell(cell: Cell<'static>) -> Result<Self, ValueError> {
        match cell {
            Cell::Bytes(bytes) => Ok(bytes.into_owned()),
            other => Err(ValueError::cell(CellType::Bytes, &other)),
        }
    }
}

text!(String);
text!(Box<str>);
