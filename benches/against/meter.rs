//! The figures of a piece of work.

use std::future::Future;

use crate::Failed;
use crate::clock::CpuTimes;
use crate::database::Database;
use crate::statements;
use crate::task::Figure;

/// Reads CPU times and the count of statements before and after each part.
pub(crate) struct Meter<'d> {
    database: &'d Database,
    counts_statements: bool,
    figures: Vec<Figure>,
}

impl<'d> Meter<'d> {
    pub(crate) fn new(database: &'d Database, counts_statements: bool) -> Self {
        Self {
            database,
            counts_statements,
            figures: Vec::new(),
        }
    }

    /// Does one part of the work, and notes what it cost.
    pub(crate) async fn part<T>(
        &mut self,
        part: &str,
        work: impl Future<Output = Result<T, Failed>>,
    ) -> Result<T, Failed> {
        let server = self.database.server_times().await?;
        let statements = statements::so_far();
        let client = CpuTimes::own()?;
        let result = work.await?;
        let client = CpuTimes::own()?.since(&client)?;
        let statements = statements::so_far() - statements;
        let after = self.database.server_times().await?;
        // A thread of a server that was not there before may have worked for somebody else.
        if !after.threads().eq(server.threads()) {
            return Err(
                "the pool did not keep its connections, so their times are not known".into(),
            );
        }
        self.figures.push(Figure {
            part: part.to_owned(),
            client,
            server: after.since(&server)?,
            statements: self.counts_statements.then_some(statements),
        });
        Ok(result)
    }

    pub(crate) fn figures(self) -> Vec<Figure> {
        self.figures
    }
}
