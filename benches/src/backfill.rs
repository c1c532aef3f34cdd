//! A backfill from the fake Stripe into PostgreSQL. Client, fake and database are processes of their own, so that memory
//! and CPU time are known of each.

pub mod children;
pub mod client;
pub mod fake;
pub mod numbered;

use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::customers::Failed;

/// Objects of the largest page that Stripe gives.
pub const PAGE: u64 = 100;
/// What the argument with a client's task begins with.
const CLIENT: &str = "--client=";

/// What is mirrored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Resource {
    /// 0.6 kB each.
    Customer,
    /// 0.4 kB each.
    Product,
    /// 0.7 kB each.
    Refund,
    /// 0.3 kB each.
    Coupon,
}

impl Resource {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Customer, Self::Product, Self::Refund, Self::Coupon];

    /// Stripe's name of the object.
    pub fn object(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Product => "product",
            Self::Refund => "refund",
            Self::Coupon => "coupon",
        }
    }

    /// The model's table.
    pub fn table(self) -> &'static str {
        match self {
            Self::Customer => "customers",
            Self::Product => "products",
            Self::Refund => "refunds",
            Self::Coupon => "coupons",
        }
    }
}

/// Where the pages come from, and how fast they may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// From the fake, at the limits of a live account that is the client's alone.
    AtTheLimit,
    /// From the fake, without a limit.
    Unlimited,
    /// From memory: the customers are read from the fake before the clock runs.
    Memory,
}

/// What a client is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Task {
    /// The fake's address.
    pub url: String,
    /// A key of it.
    pub key: String,
    /// The name of a PostgreSQL database without tables.
    pub database: String,
    /// What is mirrored, all at once.
    pub resources: Vec<Resource>,
    /// How it is read.
    pub source: Source,
}

/// What a client did.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Outcome {
    /// From the start of the first `sync_all` to the end of the last.
    pub seconds: f64,
    /// Rows that are in the tables then.
    pub rows: u64,
    /// CPU time of the client in these seconds.
    pub cpu: f64,
    /// CPU time of the server's processes for the client's connections, where the server is on this machine.
    pub database_cpu: Option<f64>,
    /// The most memory that the client had of the system, in KiB.
    pub peak_kib: u64,
    /// The most memory that the client held at one time, in KiB: without what its allocator keeps for later.
    pub held_kib: u64,
}

/// Runs a task in a process of its own, which is this program once more: its peak memory is that of the task alone.
///
/// # Errors
/// When the process cannot be started, or fails.
pub fn run(task: &Task) -> Result<Outcome, Failed> {
    let output = Command::new(std::env::current_exe()?)
        .arg(format!("{CLIENT}{}", serde_json::to_string(task)?))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("the client ended with {}", output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The task that this process was started for, if it is a client.
///
/// # Errors
/// When the task is not understood.
pub fn task() -> Result<Option<Task>, Failed> {
    let given = std::env::args().find_map(|argument| {
        let task = argument.strip_prefix(CLIENT)?;
        Some(serde_json::from_str(task))
    });
    Ok(given.transpose()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_survives_the_command_line() {
        let task = Task {
            url: "http://127.0.0.1:1".to_owned(),
            key: "sk_live_1".to_owned(),
            database: "d".to_owned(),
            resources: Resource::ALL.to_vec(),
            source: Source::Memory,
        };
        let text = serde_json::to_string(&task).unwrap();
        let back: Task = serde_json::from_str(&text).unwrap();
        assert_eq!(back.resources, task.resources);
        assert_eq!(back.source, task.source);
        assert!(super::task().unwrap().is_none());
    }
}
