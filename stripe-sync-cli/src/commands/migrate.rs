//! `migrate run`, `print` and `check`.

use serde::Serialize;
use stripe_sync::{DatabaseKind, bookkeeping_statements};

use crate::arguments::{Dialect, MigrateCommand};
use crate::connect::{self, Session};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::program::Call;

#[derive(Serialize)]
struct Statement<'s> {
    sql: &'s str,
}

#[derive(Serialize)]
struct Summary {
    statements: usize,
}

pub(super) async fn run(call: &Call, command: MigrateCommand) -> Result<Exit, Failure> {
    match command {
        MigrateCommand::Print { dialect } => print(call, dialect),
        MigrateCommand::Check => {
            let session = Session::without_stripe(call).await?;
            let checked = check(call, &session).await;
            session.close().await;
            checked
        }
        MigrateCommand::Run => {
            let session = Session::without_stripe(call).await?;
            let made = make(call, &session).await;
            session.close().await;
            made
        }
    }
}

fn print(call: &Call, dialect: Option<Dialect>) -> Result<Exit, Failure> {
    let kind = match dialect {
        None => connect::kind(&call.settings.database.value)?,
        #[cfg(feature = "sqlite")]
        Some(Dialect::Sqlite) => DatabaseKind::Sqlite,
        #[cfg(feature = "postgres")]
        Some(Dialect::Postgres) => DatabaseKind::Postgres,
        #[cfg(feature = "mysql")]
        Some(Dialect::Mysql) => DatabaseKind::MySql,
    };
    let program = &call.program;
    let mut statements = bookkeeping_statements(kind, &program.placement);
    statements.extend(program.models.create_tables(kind));
    tell(call, &statements)?;
    Ok(Exit::Done)
}

/// Writes statements as a file that a database's own shell takes, or one JSON object each.
fn tell(call: &Call, statements: &[String]) -> Result<(), Failure> {
    for sql in statements {
        call.output.record("statement", &Statement { sql })?;
        call.output
            .line(format!("{};\n", sql.trim_end().trim_end_matches(';')))?;
    }
    let statements = statements.len();
    call.output.record("summary", &Summary { statements })
}

/// Says what is missing.
async fn check(call: &Call, session: &Session) -> Result<Exit, Failure> {
    let pending = session.syncer.pending_statements().await?;
    tell(call, &pending.statements)?;
    for (model, reason) in &pending.refused {
        call.output.line(format!("-- {}: {reason}", model.name()))?;
        call.output.record(
            "refused",
            &serde_json::json!({ "model": model.name(), "reason": reason }),
        )?;
    }
    for hint in &pending.hints {
        call.output.line(format!("-- {hint}"))?;
        call.output.record("hint", hint)?;
    }
    if pending.statements.is_empty() && pending.refused.is_empty() {
        call.output.line("-- nothing is missing")?;
        return Ok(Exit::Done);
    }
    Ok(Exit::MigrationsPending)
}

/// Creates what is missing.
async fn make(call: &Call, session: &Session) -> Result<Exit, Failure> {
    let pending = session.syncer.pending_statements().await?;
    let results = session.syncer.ensure_models(session.models().clone()).await;
    let mut exit = Exit::Done;
    for (model, result) in results {
        if let Err(error) = result {
            let failure = Failure::from(error);
            exit = exit.or(failure.exit());
            tracing::error!("{}: {failure}", model.name());
        }
    }
    let left = session.syncer.pending_statements().await?;
    let statements = pending
        .statements
        .len()
        .saturating_sub(left.statements.len());
    for sql in pending
        .statements
        .iter()
        .filter(|sql| !left.statements.contains(sql))
    {
        call.output.record("statement", &Statement { sql })?;
    }
    call.output.record("summary", &Summary { statements })?;
    let tables: Vec<String> = session
        .models()
        .tables()
        .iter()
        .map(ToString::to_string)
        .collect();
    call.output.line(match statements {
        0 => format!("nothing was missing: {}", tables.join(", ")),
        1 => format!("1 statement was run: {}", tables.join(", ")),
        _ => format!("{statements} statements were run: {}", tables.join(", ")),
    })?;
    for (model, reason) in &left.refused {
        exit = exit.or(Exit::Failed);
        tracing::error!("{}: {reason}", model.name());
    }
    Ok(exit)
}
