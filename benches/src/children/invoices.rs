//! The invoices that the fake Stripe holds, and how many lines each has.

use serde_json::{Value, json};
use stripe_sync::testing::FakeStripe;

use crate::customers::Failed;

/// Lines that Stripe shows inside an invoice.
const SHOWN: u64 = 10;
/// Lines of ten invoices that follow each other.
const USUAL: [u64; 10] = [1, 1, 2, 2, 3, 3, 4, 5, 8, 10];
/// One of so many invoices has more lines than Stripe shows.
const LONG_EVERY: u64 = 100;
/// The lines of such an invoice.
const LONG: u64 = 30;
/// One of so many invoices takes several pages of lines.
const LONGEST_EVERY: u64 = 500;
/// The lines of such an invoice.
const LONGEST: u64 = 250;
/// Seconds from one invoice to the next: a list can be cut anywhere.
const APART: i64 = 3_600;

/// How many lines the invoice of this number has: 4.5 in the mean.
pub fn lines_of(number: u64) -> u64 {
    if number % LONGEST_EVERY == LONGEST_EVERY - 1 {
        LONGEST
    } else if number % LONG_EVERY == LONG_EVERY - 1 {
        LONG
    } else {
        let usual = USUAL.iter().cycle().skip((number % 10) as usize);
        usual.copied().next().unwrap_or_default()
    }
}

/// How many lines so many invoices have.
pub fn lines(invoices: u64) -> u64 {
    (0..invoices).map(lines_of).sum()
}

/// The pages of a hundred that the invoices fill, and those with the lines that Stripe does not show inside.
pub fn least_requests(invoices: u64) -> u64 {
    let rest = |lines: u64| match lines {
        ..=SHOWN => 0,
        // A list that goes on after what was shown.
        more => (more - SHOWN).div_ceil(crate::backfill::PAGE),
    };
    let rests: u64 = (0..invoices).map(lines_of).map(rest).sum();
    invoices.div_ceil(crate::backfill::PAGE) + rests
}

/// Makes so many invoices, of which the newest is older than what events tell of.
///
/// # Errors
/// When the fake refuses one.
pub fn make(fake: &FakeStripe, invoices: u64) -> Result<(), Failed> {
    let customer = fake.generate("customer", 1)?.pop();
    let begin = fake.now() - i64::try_from(invoices)? * APART;
    for number in 0..invoices {
        let lines: Vec<Value> = (0..lines_of(number)).map(|_| json!({})).collect();
        let created = begin + i64::try_from(number)? * APART;
        let invoice = json!({"customer": customer, "created": created, "lines": lines});
        fake.create("invoice", invoice)?;
    }
    fake.advance(std::time::Duration::from_secs(86_400));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_invoices_have_four_and_a_half_lines_each() {
        assert_eq!(lines(1_000), 4_540);
        assert_eq!((lines_of(99), lines_of(499), lines_of(999)), (30, 250, 250));
        // Ten pages, one more of eight lists and three of two.
        assert_eq!(least_requests(1_000), 10 + 8 + 2 * 3);
    }
}
