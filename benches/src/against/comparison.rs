//! The figures of both sides, and what follows from them.

use std::fmt;

/// The most that this tree may use, as a multiple of the revision, before the spread.
pub const BOUND: f64 = 1.05;
/// A spread above which an answer says little.
const NOISY: f64 = 0.10;
/// CPU seconds below which a sample is mostly the clock and the scheduler.
const LEAST_SAMPLE: f64 = 0.3;

/// What one side used, by round.
#[derive(Debug, Clone, Default)]
pub struct Side {
    /// CPU seconds.
    pub cpu: Vec<f64>,
    /// Requests to Stripe; empty where there is no Stripe.
    pub requests: Vec<u64>,
    /// SQL statements of the run that counts them.
    pub statements: Option<u64>,
}

/// One measurement.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Its name.
    pub name: String,
    /// This tree.
    pub this: Side,
    /// The revision.
    pub rev: Side,
}

/// What a comparison shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Within the bound.
    NotWorse,
    /// More CPU time than the bound and the spread allow.
    MoreCpu,
    /// More requests to Stripe.
    MoreRequests,
}

impl Comparison {
    /// A comparison without figures yet.
    pub fn new(name: String) -> Self {
        Self {
            name,
            this: Side::default(),
            rev: Side::default(),
        }
    }

    /// The median of the rounds' ratios, and their spread: the median of their distances from it. The two runs of a round
    /// follow one another, so what slows both down is in neither.
    pub fn ratio(&self) -> (f64, f64) {
        let rounds = self.this.cpu.iter().zip(&self.rev.cpu);
        let ratios: Vec<f64> = rounds.map(|(this, rev)| this / rev).collect();
        let ratio = median(&ratios);
        let distances: Vec<f64> = ratios.iter().map(|other| (other - ratio).abs()).collect();
        (ratio, median(&distances))
    }

    /// Whether this tree is worse, and in what.
    pub fn verdict(&self) -> Verdict {
        let (ratio, spread) = self.ratio();
        // A ratio that is not a number is within no bound.
        let within = ratio <= BOUND + spread;
        if !within {
            Verdict::MoreCpu
        } else if self.asks_more() {
            Verdict::MoreRequests
        } else {
            Verdict::NotWorse
        }
    }

    /// Whether the median of this tree's requests is more than the revision made in any round. A backfill's are not the
    /// same each time: how it divides a list follows from how soon its first pages come.
    fn asks_more(&self) -> bool {
        let this: Vec<f64> = self
            .this
            .requests
            .iter()
            .map(|count| *count as f64)
            .collect();
        let most = self.rev.requests.iter().max();
        most.is_some_and(|most| median(&this) > *most as f64)
    }

    /// What keeps the verdict from saying much; empty if nothing does.
    fn caveat(&self) -> &'static str {
        let (_, spread) = self.ratio();
        if spread > NOISY {
            " (noisy: more rounds)"
        } else if median(&self.this.cpu).min(median(&self.rev.cpu)) < LEAST_SAMPLE {
            " (short samples)"
        } else {
            ""
        }
    }

    /// The heads of the columns.
    pub fn heads() -> String {
        format!(
            "{:<32} {:>8} {:>8}  {:>6} {:>6}  {:>13} {:>13}  verdict",
            "", "this", "REV", "ratio", "spread", "requests", "statements"
        )
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ratio, spread) = self.ratio();
        let statements = match (self.this.statements, self.rev.statements) {
            (Some(this), Some(rev)) => format!("{this}/{rev}"),
            _ => String::new(),
        };
        let requests = match (&self.this.requests[..], &self.rev.requests[..]) {
            ([], _) | (_, []) => String::new(),
            (this, rev) => format!("{}/{}", counts(this), counts(rev)),
        };
        write!(
            f,
            "{:<32} {:>8.3} {:>8.3}  {ratio:>6.3} {spread:>6.3}  {requests:>13} {statements:>13}  {}{}",
            self.name,
            median(&self.this.cpu),
            median(&self.rev.cpu),
            self.verdict(),
            self.caveat(),
        )
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotWorse => "not worse",
            Self::MoreCpu => "WORSE: more CPU time",
            Self::MoreRequests => "WORSE: more requests",
        })
    }
}

/// The median: of an even number, the mean of the middle two. Not a number when there is none.
fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |place: usize| sorted.get(place).copied().unwrap_or(f64::NAN);
    let half = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        at(half.wrapping_sub(1)).midpoint(at(half))
    } else {
        at(half)
    }
}

/// A count, or the least and the most where rounds differ.
fn counts(of: &[u64]) -> String {
    match (of.iter().min(), of.iter().max()) {
        (Some(least), Some(most)) if least != most => format!("{least}-{most}"),
        (Some(count), _) => count.to_string(),
        (None, _) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(this: &[f64], rev: &[f64]) -> Comparison {
        let mut comparison = Comparison::new("a".to_owned());
        comparison.this.cpu = this.to_vec();
        comparison.rev.cpu = rev.to_vec();
        comparison
    }

    #[test]
    fn ratios_are_of_the_same_round() {
        // The second round was slow for both, the last for one.
        let slow = comparison(&[1.1, 11.0, 1.1, 2.2], &[1.0, 10.0, 1.0, 1.0]);
        let (ratio, spread) = slow.ratio();
        assert!((ratio - 1.1).abs() < 1e-9);
        assert!(spread < 1e-9);
        assert_eq!(slow.verdict(), Verdict::MoreCpu);
    }

    #[test]
    fn a_spread_widens_the_bound_and_is_told() {
        let unsure = comparison(&[0.9, 1.1, 1.3], &[1.0, 1.0, 1.0]);
        let (ratio, spread) = unsure.ratio();
        assert!((ratio - 1.1).abs() < 1e-9 && (spread - 0.2).abs() < 1e-9);
        assert_eq!(unsure.verdict(), Verdict::NotWorse);
        assert!(
            unsure
                .to_string()
                .ends_with("not worse (noisy: more rounds)")
        );
    }

    #[test]
    fn without_figures_nothing_is_not_worse() {
        assert_eq!(comparison(&[], &[]).verdict(), Verdict::MoreCpu);
    }

    #[test]
    fn one_request_more_is_worse_and_one_less_is_not() {
        let mut other = comparison(&[1.0, 1.0], &[1.0, 1.0]);
        (other.this.requests, other.rev.requests) = (vec![11, 11], vec![10, 10]);
        assert_eq!(other.verdict(), Verdict::MoreRequests);
        (other.this.requests, other.rev.requests) = (vec![10, 10], vec![11, 11]);
        assert_eq!(other.verdict(), Verdict::NotWorse);
    }

    #[test]
    fn requests_that_differ_by_round_are_compared_with_the_most() {
        let mut other = comparison(&[1.0; 3], &[1.0; 3]);
        (other.this.requests, other.rev.requests) = (vec![217, 218, 217], vec![216, 217, 216]);
        assert_eq!(other.verdict(), Verdict::NotWorse);
        (other.this.requests, other.rev.requests) = (vec![217, 218, 218], vec![216, 217, 216]);
        assert_eq!(other.verdict(), Verdict::MoreRequests);
        assert!(other.to_string().contains("217-218/216-217"));
    }
}
