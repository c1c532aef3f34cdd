//! Integers, floats, decimals and booleans.

use rust_decimal::Decimal;

use super::{
    ColumnType, FromBoolean, FromDecimal, FromFloat, FromInteger, FromUnchecked, ValueError,
    unchecked,
};
use crate::cell::{Cell, CellType};

macro_rules! integer {
    ($($type:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl ColumnType for $type {
            const TYPE: CellType = CellType::Integer;

            fn into_cell(self) -> Cell<'static> {
                Cell::Integer(i64::from(self))
            }

            fn from_cell(cell: Cell<'static>) -> Result<Self, ValueError> {
                match cell {
                    Cell::Integer(value) => Self::from_integer(value),
                    other => Err(ValueError::cell(CellType::Integer, &other)),
                }
            }
        }

        #[diagnostic::do_not_recommend]
        impl FromInteger for $type {
            fn from_integer(value: i64) -> Result<Self, ValueError> {
                Self::try_from(value).map_err(|_| ValueError::new(format!(
                    "{value} is out of the range of {}", stringify!($type)
                )))
            }
        }

        #[diagnostic::do_not_recommend]
        impl FromUnchecked for $type {
            fn from_unchecked(json: &str) -> Result<Self, ValueError> {
                serde_json::from_str(json)
                    .map_err(|_| ValueError::expected("an integer", unchecked::describe(json)))
                    .and_then(Self::from_integer)
            }
        }
    )*};
}

integer!(i64, i32, i16, i8, u32, u16, u8);

#[diagnostic::do_not_recommend]
impl ColumnType for f64 {
    const TYPE: CellType = CellType::Float;

    fn into_cell(self) -> Cell<'static> {
        Cell::Float(self)
    }

    fn from_cell(cell: Cell<'static>) -> Result<Self, ValueError> {
        match cell {
            Cell::Float(value) => Ok(value),
            other => Err(ValueError::cell(CellType::Float, &other)),
        }
    }
}

#[diagnostic::do_not_recommend]
impl FromFloat for f64 {
    fn from_float(digits: &str) -> Result<Self, ValueError> {
        match digits.parse::<Self>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => Err(ValueError::new(format!(
                "{digits} is out of the range of f64"
            ))),
        }
    }
}

#[diagnostic::do_not_recommend]
impl FromUnchecked for f64 {
    fn from_unchecked(json: &str) -> Result<Self, ValueError> {
        serde_json::from_str(json)
            .map_err(|_| ValueError::expected("a number", unchecked::describe(json)))
    }
}

#[diagnostic::do_not_recommend]
impl ColumnType for Decimal {
    const TYPE: CellType = CellType::Decimal;

    fn into_cell(self) -> Cell<'static> {
        Cell::Decimal(self)
    }

    fn from_cell(cell: Cell<'static>) -> Result<Self, ValueError> {
        match cell {
            Cell::Decimal(value) => Ok(value),
            other => Err(ValueError::cell(CellType::Decimal, &other)),
        }
    }
}

#[diagnostic::do_not_recommend]
impl FromDecimal for Decimal {
    fn from_decimal(digits: &str) -> Result<Self, ValueError> {
        // `from_str_exact` refuses what it would have to round, where `from_str` rounds in silence.
        Self::from_str_exact(digits).map_err(|_| {
            ValueError::new("expected a decimal number of at most 28 digits in a string")
        })
    }
}

#[diagnostic::do_not_recommend]
impl FromFloat for Decimal {
    fn from_float(digits: &str) -> Result<Self, ValueError> {
        if digits.contains(['e', 'E']) {
            Self::from_scientific(digits)
        } else {
            Self::from_str_exact(digits)
        }
        .map_err(|_| ValueError::new(format!("{digits} has more than 28 digits")))
    }
}

#[diagnostic::do_not_recommend]
impl FromUnchecked for Decimal {
    fn from_unchecked(json: &str) -> Result<Self, ValueError> {
        match serde_json::from_str::<String>(json) {
            Ok(digits) => Self::from_decimal(&digits),
            Err(_) => Self::from_float(json),
        }
    }
}

#[diagnostic::do_not_recommend]
impl ColumnType for bool {
    const TYPE: CellType = CellType::Boolean;

    fn into_cell(self) -> Cell<'static> {
        Cell::Boolean(self)
    }

    fn from_cell(cell: Cell<'static>) -> Result<Self, ValueError> {
        match cell {
            Cell::Boolean(value) => Ok(value),
            other => Err(ValueError::cell(CellType::Boolean, &other)),
        }
    }
}

#[diagnostic::do_not_recommend]
impl FromBoolean for bool {
    fn from_boolean(value: bool) -> Self {
        value
    }
}

#[diagnostic::do_not_recommend]
impl FromUnchecked for bool {
    fn from_unchecked(json: &str) -> Result<Self, ValueError> {
        serde_json::from_str(json)
            .map_err(|_| ValueError::expected("true or false", unchecked::describe(json)))
    }
}
