//! An enum for a field whose words Stripe adds to.

use stripe_sync::{Cell, CellType, ColumnType, FromEnum, ValueError};

/// The states that this application tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    Active,
    Trialing,
    PastDue,
    Canceled,
    /// Every other word, also those that Stripe has not invented yet.
    Other(String),
}

/// How a database holds it: as text, and back again.
impl ColumnType for Status {
    const TYPE: CellType = CellType::Text;

    fn into_cell(self) -> Cell<'static> {
        Cell::text(match self {
            Self::Active => "active".to_owned(),
            Self::Trialing => "trialing".to_owned(),
            Self::PastDue => "past_due".to_owned(),
            Self::Canceled => "canceled".to_owned(),
            Self::Other(word) => word,
        })
    }

    fn from_cell(cell: Cell<'static>) -> Result<Self, ValueError> {
        String::from_cell(cell).map(|word| Self::from_enum(&word))
    }
}

/// How it is read from Stripe. It cannot fail: a new word must not stop a sync.
impl FromEnum for Status {
    fn from_enum(word: &str) -> Self {
        match word {
            "active" => Self::Active,
            "trialing" => Self::Trialing,
            "past_due" => Self::PastDue,
            "canceled" => Self::Canceled,
            other => Self::Other(other.to_owned()),
        }
    }
}
