//! What the system says of a process: CPU time and peak memory.

use std::time::Duration;

/// Clock ticks of `/proc/<pid>/stat` in a second; Linux has the same on every machine.
pub(crate) const TICKS: f64 = 100.0;
/// The fields of `/proc/<pid>/stat` with the user and the system time, counted from the state, which follows the name
/// of the program.
const OWN_TIMES: [usize; 2] = [11, 12];

/// The CPU time of a process so far, user and system; `None` where this machine has no such process.
pub fn cpu_time(pid: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name is in parentheses and may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = OWN_TIMES
        .iter()
        .map(|at| fields.get(*at)?.parse::<f64>().ok())
        .sum::<Option<f64>>()?;
    Some(Duration::from_secs_f64(ticks / TICKS))
}

/// The most memory that this process has had at any time, in KiB.
///
/// # Errors
/// When the system does not say.
pub fn peak_memory() -> Result<u64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .ok_or("the system does not say how much memory was used")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_used_something() {
        assert!(cpu_time(std::process::id()).is_some());
        assert!(peak_memory().unwrap() > 0);
    }
}
