//! A newtype, so that the id of a product cannot be taken for another id.

use stripe_sync::{Cell, CellType, ColumnType, FromReference, FromText, ValueError};

/// The id of a product.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProductId(pub String);

impl ColumnType for ProductId {
    const TYPE: CellType = CellType::Text;

    fn into_cell(self) -> Cell<'static> {
        self.0.into_cell()
    }

    fn from_cell(cell: Cell<'static>) -> Result<Self, ValueError> {
        String::from_cell(cell).map(Self)
    }
}

/// For `id` of a product, where Stripe sends plain text.
impl FromText for ProductId {
    fn from_text(id: &str) -> Result<Self, ValueError> {
        Ok(Self(id.to_owned()))
    }
}

/// For `product` of a price, where Stripe may send the id, the product or a stub of a deleted one: the id comes here.
impl FromReference for ProductId {
    fn from_reference(id: &str) -> Result<Self, ValueError> {
        Ok(Self(id.to_owned()))
    }
}
