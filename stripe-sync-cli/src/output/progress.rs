//! Bars on a terminal: one for each resource that takes more than two seconds, and one line for the budget.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use stripe_sync::ProgressUpdate;

/// What is shorter needs no bar.
const QUIET_START: Duration = Duration::from_secs(2);
/// The steps of a bar.
const STEPS: u64 = 1_000;

/// The bars of one process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Bars {
    shown: MultiProgress,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// By the model's name.
    bars: HashMap<String, ProgressBar>,
    budget: Option<ProgressBar>,
    /// Requests of each run, by the model's name.
    requests: HashMap<String, u64>,
    /// The most requests a second.
    rate: Option<f64>,
}

impl fmt::Debug for Bars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bars").finish_non_exhaustive()
    }
}

impl Bars {
    /// Bars on standard error; hidden where that is no terminal, and if they are not wanted.
    pub(crate) fn new(wanted: bool) -> Self {
        let target = match wanted {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        Self {
            shown: MultiProgress::with_draw_target(target),
            state: Arc::default(),
        }
    }

    /// Says how many requests a second are sent at the most.
    pub(crate) fn set_rate(&self, rate: f64) {
        self.lock().rate = Some(rate).filter(|rate| rate.is_finite());
    }

    /// Writes something while the bars are out of the way.
    pub(crate) fn above(&self, write: impl FnOnce()) {
        self.shown.suspend(write);
    }

    /// Takes all bars away.
    pub(crate) fn clear(&self) {
        let mut state = self.lock();
        for (_, bar) in state.bars.drain() {
            bar.finish_and_clear();
        }
        if let Some(budget) = state.budget.take() {
            budget.finish_and_clear();
        }
        // Nothing is left to be said where the terminal went away.
        let _ = self.shown.clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one update.
    pub(crate) fn update(&self, update: ProgressUpdate<'_>) {
        if self.shown.is_hidden() {
            return;
        }
        let mut state = self.lock();
        state
            .requests
            .insert(update.model.to_owned(), update.requests);
        if update.finished {
            if let Some(bar) = state.bars.remove(update.model) {
                bar.finish_and_clear();
            }
            return;
        }
        if update.elapsed < QUIET_START {
            return;
        }
        let looks = match update.covered {
            Some(_) => style("{prefix:<24} {bar:24.green/dim} {percent:>3}% {msg}"),
            // How much there is, nobody knows.
            None => style("{prefix:<24} {spinner:.green} {msg}"),
        };
        let bar = state.bars.entry(update.model.to_owned());
        let bar = bar.or_insert_with(|| {
            let bar = ProgressBar::new(STEPS).with_style(looks.clone());
            bar.set_prefix(update.model.to_owned());
            self.shown.insert(0, bar)
        });
        bar.set_style(looks);
        if let Some(share) = update.covered {
            bar.set_position((share * STEPS as f64) as u64);
        }
        let rate = update.seen as f64 / update.elapsed.as_secs_f64();
        let waiting = match update.waiting {
            true => ", waiting for another process",
            false => "",
        };
        let failed = match update.failed {
            0 => String::new(),
            failed => format!(", {failed} failed"),
        };
        bar.set_message(format!(
            "{} objects, {rate:.0}/s{failed}{waiting}",
            update.seen
        ));
        bar.tick();
        state.budget(&self.shown, update.elapsed);
    }
}

impl State {
    fn budget(&mut self, shown: &MultiProgress, elapsed: Duration) {
        let requests: u64 = self.requests.values().sum();
        let budget = self
            .budget
            .get_or_insert_with(|| shown.add(ProgressBar::no_length().with_style(style("{msg}"))));
        let now = requests as f64 / elapsed.as_secs_f64().max(1.0);
        budget.set_message(match self.rate {
            Some(most) => format!("requests  {requests}, {now:.0}/s of {most:.0}/s"),
            None => format!("requests  {requests}, {now:.0}/s"),
        });
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template);
    style.unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_understood() {
        for template in [
            "{msg}",
            "{prefix:<24} {bar:24.green/dim} {percent:>3}% {msg}",
            "{prefix:<24} {spinner:.green} {msg}",
        ] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
