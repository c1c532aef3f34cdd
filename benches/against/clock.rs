//! CPU time by thread, in nanoseconds: the ticks of `/proc/<pid>/stat` are a thirtieth of a sample.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use crate::Failed;

/// Long enough for the scheduler to put this thread aside, which is when it accounts for its time.
const ASIDE: Duration = Duration::from_millis(1);
const NANOS: f64 = 1e9;

/// The CPU time of threads so far, by their ids.
#[derive(Debug, Default)]
pub(crate) struct CpuTimes(BTreeMap<u32, u64>);

impl CpuTimes {
    /// Of this process.
    pub(crate) fn own() -> Result<Self, Failed> {
        std::thread::sleep(ASIDE);
        let mut threads = Vec::new();
        for entry in std::fs::read_dir("/proc/self/task")? {
            threads.push(entry?.file_name().to_string_lossy().parse()?);
        }
        Self::of(threads)
    }

    /// Of these threads, which may be of other processes.
    pub(crate) fn of(threads: impl IntoIterator<Item = u32>) -> Result<Self, Failed> {
        let times = threads.into_iter().map(|thread| {
            let file = format!("/proc/{thread}/schedstat");
            let text = std::fs::read_to_string(&file)
                .map_err(|error| io::Error::new(error.kind(), format!("{file}: {error}")))?;
            let nanos = text.split_whitespace().next().unwrap_or_default().parse()?;
            Ok((thread, nanos))
        });
        Ok(Self(times.collect::<Result<_, Failed>>()?))
    }

    /// The threads.
    pub(crate) fn threads(&self) -> impl Iterator<Item = u32> {
        self.0.keys().copied()
    }

    /// The seconds since an earlier reading. A thread that was not there then began at nothing.
    ///
    /// # Errors
    /// When a thread of then has ended: nobody knows any more what it used in between.
    pub(crate) fn since(&self, before: &Self) -> Result<f64, Failed> {
        if let Some(ended) = before.0.keys().find(|thread| !self.0.contains_key(thread)) {
            return Err(format!("thread {ended} ended before its time was read").into());
        }
        let spent = self
            .0
            .iter()
            .map(|(thread, nanos)| nanos - before.0.get(thread).unwrap_or(&0));
        Ok(spent.sum::<u64>() as f64 / NANOS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(of: &[(u32, u64)]) -> CpuTimes {
        CpuTimes(of.iter().copied().collect())
    }

    #[test]
    fn new_threads_count_from_nothing_and_lost_ones_are_an_error() {
        let before = times(&[(1, 1_000_000_000), (2, 5)]);
        let after = times(&[(1, 2_000_000_000), (2, 5), (3, 500_000_000)]);
        assert_eq!(after.since(&before).unwrap(), 1.5);
        assert!(before.since(&after).is_err());
    }

    #[test]
    fn what_this_process_does_is_in_its_time() {
        let before = CpuTimes::own().unwrap();
        let mut sum = 0_u64;
        for number in 0..2_000_000_u64 {
            sum = std::hint::black_box(sum.wrapping_add(number));
        }
        assert!(CpuTimes::own().unwrap().since(&before).unwrap() > 0.0);
    }
}
