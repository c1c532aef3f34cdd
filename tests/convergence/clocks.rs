//! Answers whose `Date` is wrong for a while, and what is newer than the run that saw them.

use std::future::pending;
use std::time::Duration;

use fastrand::Rng;
use stripe_sync::testing::{FakeStripe, Quirks};

use super::changes::{self, Allowed};
use super::child::Order;
use super::models::{Filter, Resource};
use super::process::{End, Process};

/// 2100-01-01, and the year in which Unix begins.
const WRONG: [i64; 2] = [4_102_444_800, 86_400];
/// What a run says that believes, by such a `Date`, that Stripe forgot the events since it began.
pub(crate) const FORGOTTEN: &str = "Stripe remembers events for 30";

/// Answers with a wrong `Date`, from now on, in some histories: as many as a run begins with, or most of a run. Returns how
/// many, too.
pub(crate) fn wrong_dates(quirks: &Quirks, rng: &mut Rng) -> (Quirks, u32) {
    let answers = [0, 0, 0, rng.u32(1..4), rng.u32(1..60)][rng.usize(0..5)];
    let moment = WRONG[rng.usize(0..WRONG.len())];
    (quirks.clone().wrong_dates(answers, moment), answers)
}

/// Whether a process gave up because of a wrong `Date` alone. The next one goes on, once the clock is right.
pub(crate) fn is_misled(end: &End) -> bool {
    matches!(end, End::Failed(output) if output.contains(FORGOTTEN))
}

/// Changes after the run, and runs over what is newer, the last of them with clocks that are right. Answers how many
/// changes there were.
pub(crate) async fn newer(
    fake: &FakeStripe,
    order: &Order,
    resources: &[&'static Resource],
    (quirks, allowed): (&Quirks, Allowed),
    rng: &mut Rng,
) -> Result<usize, String> {
    // What comes into the filter of a list is in that list alone, which is read whole.
    let resources = resources
        .iter()
        .filter(|of| !matches!(of.filter, Filter::List(..)));
    let resources: Vec<_> = resources.collect();
    let order = Order {
        objects: resources.iter().map(|of| of.object.to_owned()).collect(),
        incremental: true,
        together: false,
        ..order.clone()
    };
    let mut count = 0;
    for is_right in [false, true] {
        fake.advance(Duration::from_secs(rng.u64(0..3 * 86_400)));
        for resource in &resources {
            for _ in 0..rng.usize(0..6) {
                let changed = changes::change(fake, resource.object, &[], allowed, rng);
                count += usize::from(changed.map_err(|error| error.to_string())?);
            }
        }
        fake.quirks(match is_right {
            true => quirks.clone(),
            false => wrong_dates(quirks, rng).0,
        });
        match Process::start(&order).end(pending()).await {
            End::Success(_) => {}
            end if !is_right && is_misled(&end) => {}
            end => return Err(format!("the process over what is newer: {end:?}")),
        }
    }
    Ok(count)
}
