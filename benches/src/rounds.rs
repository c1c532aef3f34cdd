//! Timing: the contestants of a question take turns, so that a noisy neighbour is everybody's.

use std::time::{Duration, Instant};

/// The times of one contestant, one for each round.
#[derive(Debug, Clone, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Takes the time of one more round.
    pub fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Takes the rounds of another.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The median, in seconds.
    pub fn median(&self) -> f64 {
        median(self.0.iter().map(Duration::as_secs_f64).collect())
    }

    /// How many times as long `other` takes: the median of the rounds' own ratios.
    pub fn faster_than(&self, other: &Self) -> f64 {
        median(
            self.0
                .iter()
                .zip(&other.0)
                .map(|(mine, theirs)| theirs.as_secs_f64() / mine.as_secs_f64())
                .collect(),
        )
    }
}

/// The middle one of the numbers; not a number when there is none.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Runs each contestant once in each round and times it. The first round is not counted: it warms caches.
pub fn take_turns<const N: usize>(
    rounds: usize,
    mut contestants: [&mut dyn FnMut(); N],
) -> [Times; N] {
    let mut times = std::array::from_fn(|_| Times::default());
    for round in 0..=rounds {
        for (contestant, times) in contestants.iter_mut().zip(&mut times) {
            let start = Instant::now();
            contestant();
            let time = start.elapsed();
            if round > 0 {
                Times::push(times, time);
            }
        }
    }
    times
}

/// Says whether a goal was met, in one word for a table.
pub fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

/// A number from the environment, or the default where it is not set.
///
/// # Errors
/// When it is set to something that is not a number.
pub fn setting(name: &str, default: usize) -> Result<usize, String> {
    match std::env::var(name) {
        Ok(value) => value
            .parse()
            .map_err(|_| format!("{name} must be a whole number, and is `{value}`")),
        Err(_) => Ok(default),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_of_times_in_the_same_round() {
        let mut fast = Times::default();
        let mut slow = Times::default();
        // The second round was slow for both.
        for (mine, theirs) in [(1, 3), (10, 30), (2, 6)] {
            fast.push(Duration::from_secs(mine));
            slow.push(Duration::from_secs(theirs));
        }
        assert!((fast.faster_than(&slow) - 3.0).abs() < 1e-9);
        assert!((fast.median() - 2.0).abs() < 1e-9);
    }

    #[test]
    fn every_contestant_runs_once_in_each_round_and_once_before() {
        let (mut first, mut second) = (0, 0);
        let times = take_turns(3, [&mut || first += 1, &mut || second += 1]);
        assert_eq!((first, second), (4, 4));
        assert!(times.iter().all(|times| times.0.len() == 3));
    }
}
