//! The joint between the derive and the runtime: what the macro emits maps, tells absent from null, comes back and
//! calls hooks.
#![allow(missing_docs)]

mod children;
#[cfg(all(feature = "postgres", feature = "mysql"))]
mod databases;
mod hooks;
mod printed;
mod send;
mod values;
mod version;

use private::{Row, map_json};
use stripe_sync::__private_0_1_0 as private;
use stripe_sync::{Cell, Context, Origin, StripeObject, StripeSync};

fn context() -> Context {
    Context::new(Origin::Direct)
}

fn object(json: &str) -> StripeObject {
    StripeObject::from_json(json.to_owned()).unwrap()
}

fn row<M: StripeSync>(json: &str) -> Row {
    map_json(M::MODEL, json, &context()).unwrap()
}

/// The cell of a written column.
fn cell<M: StripeSync>(row: &Row, column: &str) -> Cell<'static> {
    let at = M::MODEL.written().position(|c| c.name == column).unwrap();
    row.cells[at].clone()
}

/// The columns that Stripe sent nothing for.
fn absent<M: StripeSync>(row: &Row) -> Vec<&'static str> {
    let names: Vec<_> = M::MODEL.written().map(|column| column.name).collect();
    row.absent.iter().map(|at| names[*at]).collect()
}

fn text(value: &str) -> Cell<'static> {
    Cell::text(value.to_owned())
}
