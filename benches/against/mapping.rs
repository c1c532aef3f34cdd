//! The contestant for mapping: pages of objects from bytes to rows, without a database.
//!
//! It is a program of its own because the function it calls is no part of the public interface: where a revision has
//! another, the rest can still be compared.

#[path = "../src/models.rs"]
#[allow(dead_code, unreachable_pub, reason = "the rows are never read")]
mod models;
#[path = "../src/objects.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the benchmark of mapping uses more of it"
)]
mod objects;
#[path = "../src/against/task.rs"]
#[allow(dead_code, unreachable_pub, reason = "the referee uses more of it")]
mod task;

#[allow(dead_code, reason = "nothing but this process is measured here")]
mod clock;

use std::hint::black_box;

// The script writes the name that the other side has.
use stripe_sync::__private_0_1_0::map_json;
use stripe_sync::{Context, Origin, StripeSync};

use crate::clock::CpuTimes;
use crate::models::{Customer, Invoice, Subscription};
use crate::objects::{CUSTOMER, INVOICE, SUBSCRIPTION, distinct};
use crate::task::Figure;

/// The error of a contestant: none is handled.
type Failed = Box<dyn std::error::Error>;

/// Objects of a page of Stripe's lists.
const PAGE: usize = 100;
/// Pages of each object in a sample, so that each is one of more than 0.3 CPU seconds.
const CUSTOMERS: usize = 3_000;
const SUBSCRIPTIONS: usize = 1_500;
const INVOICES: usize = 1_500;

fn main() -> Result<(), Failed> {
    let figures = [
        measure::<Customer>("customers", CUSTOMER, CUSTOMERS)?,
        measure::<Subscription>("subscriptions", SUBSCRIPTION, SUBSCRIPTIONS)?,
        measure::<Invoice>("invoices", INVOICE, INVOICES)?,
    ];
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}

fn measure<M: StripeSync>(part: &str, json: &str, pages: usize) -> Result<Figure, Failed> {
    let context = Context::new(Origin::Backfill);
    let objects = distinct(json, PAGE);
    let before = CpuTimes::own()?;
    for _ in 0..pages {
        // Kept until the page is done, as a batch of rows is.
        let page: Result<Vec<_>, _> = objects
            .iter()
            .map(|json| map_json(M::MODEL, black_box(json), &context))
            .collect();
        black_box(&page?);
    }
    Ok(Figure {
        part: part.to_owned(),
        client: CpuTimes::own()?.since(&before)?,
        server: 0.0,
        statements: None,
    })
}
