//! A process that mirrors, from its start to its end or its death.

use std::future::Future;
use std::io::{self, Read as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tokio::task::{JoinHandle, spawn_blocking};

use super::child::{ORDER, Order};

/// A process that has not ended by then hangs.
const LONGEST: Duration = Duration::from_secs(90);

/// How a process ended.
#[derive(Debug)]
pub(crate) enum End {
    /// With every run a success; with all that it printed.
    Success(String),
    /// It was killed before it could end by itself.
    Killed,
    /// A run failed, or the process hung; with all that it printed.
    Failed(String),
}

/// A running process. It is killed when this is dropped.
pub(crate) struct Process {
    child: Child,
    /// All that it prints. The task ends when the process does, because then nobody holds the pipe any more.
    output: JoinHandle<String>,
}

impl Process {
    pub(crate) fn start(order: &Order) -> Self {
        Self::try_start(order).expect("the test binary starts once more")
    }

    fn try_start(order: &Order) -> io::Result<Self> {
        let (mut reader, writer) = io::pipe()?;
        let child = Command::new(std::env::current_exe()?)
            .args(["child::run", "--exact", "--ignored", "--nocapture"])
            .env(ORDER, serde_json::to_string(order)?)
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer)
            .spawn()?;
        let output = spawn_blocking(move || {
            let mut bytes = Vec::new();
            let _ = reader.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        });
        Ok(Self { child, output })
    }

    /// Waits until the process ends, or kills it with `SIGKILL` as soon as `death` is ready.
    pub(crate) async fn end(self, death: impl Future<Output = ()>) -> End {
        self.end_within(LONGEST, death).await
    }

    /// The same for a process that may run for so long.
    pub(crate) async fn end_within(
        mut self,
        longest: Duration,
        death: impl Future<Output = ()>,
    ) -> End {
        let output = tokio::select! {
            output = &mut self.output => output,
            () = death => {
                self.child.kill().expect("a process of our own");
                (&mut self.output).await
            }
            () = tokio::time::sleep(longest) => {
                self.child.kill().expect("a process of our own");
                let output = (&mut self.output).await.unwrap_or_default();
                return End::Failed(format!("{output}\nit did not end in {longest:?}"));
            }
        };
        let output = output.unwrap_or_default();
        let status = self.child.wait().expect("a process of our own");
        match status {
            status if was_killed(status) => End::Killed,
            // Without the order's test the harness is content too.
            status if status.success() && output.contains("1 passed") => End::Success(output),
            status => End::Failed(format!("{output}\n{status}")),
        }
    }
}

/// A signal leaves no exit code.
fn was_killed(status: ExitStatus) -> bool {
    status.code().is_none()
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
