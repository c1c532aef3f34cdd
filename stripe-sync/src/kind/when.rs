//! Moments: `chrono::DateTime<Utc>`, `time::OffsetDateTime` and plain Unix seconds.

use chrono::{DateTime, Utc};

use super::{ColumnType, FromUnchecked, FromUnixTime, ValueError, unchecked};
use crate::cell::{Cell, CellType};

fn out_of_range(seconds: i64) -> ValueError {
    ValueError::new(format!(
        "{seconds} Unix seconds are out of the range of the type"
    ))
}

fn seconds(json: &str) -> Result<i64, ValueError> {
    serde_json::from_str(json)
        .map_err(|_| ValueError::expected("Unix seconds", unchecked::describe(json)))
}

#[diagnostic::do_not_recommend]
impl FromUnixTime for i64 {
    fn from_unix_time(seconds: i64) -> Result<Self, ValueError> {
        Ok(seconds)
    }
}

#[diagnostic::do_not_recommend]
impl ColumnType for DateTime<Utc> {
    const TYPE: CellType = CellType::Instant;

    fn into_cell(self) -> Cell<'static> {
        Cell::Instant(self)
    }

    fn from_cell(cell: Cell<'static>) -> Result<Self, ValueError> {
        match cell {
            Cell::Instant(value) => Ok(value),
            other => Err(ValueError::cell(CellType::Instant, &other)),
        }
    }
}

#[diagnostic::do_not_recommend]
impl FromUnixTime for DateTime<Utc> {
    fn from_unix_time(seconds: i64) -> Result<Self, ValueError> {
        Self::from_timestamp(seconds, 0).ok_or_else(|| out_of_range(seconds))
    }
}

#[diagnostic::do_not_recommend]
impl FromUnchecked for DateTime<Utc> {
    fn from_unchecked(json: &str) -> Result<Self, ValueError> {
        seconds(json).and_then(Self::from_unix_time)
    }
}

#[cfg(feature = "time")]
mod offset_date_time {
    use time::OffsetDateTime;

    use super::{
        Cell, CellType, ColumnType, DateTime, FromUnchecked, FromUnixTime, Utc, ValueError,
        out_of_range, seconds,
    };

    const NANOS_PER_SECOND: i128 = 1_000_000_000;

    #[diagnostic::do_not_recommend]
    impl ColumnType for OffsetDateTime {
        const TYPE: CellType = CellType::Instant;
        const ZULU: bool = true;

        fn into_cell(self) -> Cell<'static> {
            DateTime::<Utc>::from_timestamp(self.unix_timestamp(), self.nanosecond())
                .map_or(Cell::Null, Cell::Instant)
        }

        fn from_cell(cell: Cell<'static>) -> Result<Self, ValueError> {
            match cell {
                Cell::Instant(value) => {
                    let nanos = i128::from(value.timestamp()) * NANOS_PER_SECOND
                        + i128::from(value.timestamp_subsec_nanos());
                    Self::from_unix_timestamp_nanos(nanos)
                        .map_err(|_| out_of_range(value.timestamp()))
                }
                other => Err(ValueError::cell(CellType::Instant, &other)),
            }
        }
    }

    #[diagnostic::do_not_recommend]
    impl FromUnixTime for OffsetDateTime {
        fn from_unix_time(seconds: i64) -> Result<Self, ValueError> {
            Self::from_unix_timestamp(seconds).map_err(|_| out_of_range(seconds))
        }
    }

    #[diagnostic::do_not_recommend]
    impl FromUnchecked for OffsetDateTime {
        fn from_unchecked(json: &str) -> Result<Self, ValueError> {
            seconds(json).and_then(Self::from_unix_time)
        }
    }
}
