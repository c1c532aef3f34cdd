use stripe_sync::{Cell, CellType, ColumnType, StripeSync, ValueError};

#[derive(StripeSync)]
#[stripe(object = "customer", table = "customers")]
struct Customer {
    id: String,
    #[stripe(local)]
    level: Level,
}

struct Level;

impl ColumnType for Level {
    const TYPE: CellType = CellType::Integer;

    fn into_cell(self) -> Cell<'static> {
        Cell::Integer(0)
    }

    fn from_cell(_: Cell<'static>) -> Result<Self, ValueError> {
        Ok(Self)
    }
}

fn main() {}
