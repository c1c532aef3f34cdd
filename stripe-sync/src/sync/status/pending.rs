//! What a database lacks of what the models and the bookkeeping need.

use std::fmt;

use crate::model::Model;
use crate::store::tables::check::missing_index::MissingIndex;

use crate::sync::error::SyncError;
use crate::sync::syncer::Syncer;

/// What a database lacks.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct PendingStatements {
    /// The statements that create it or mend it, in their order.
    pub statements: Vec<String>,
    /// Models whose table cannot be made to fit by a statement, or must not be, and why.
    pub refused: Vec<(&'static Model, String)>,
    /// Indexes that tables which are there lack. Nothing needs them, and creating them is left to you.
    pub hints: Vec<MissingIndex>,
}

impl PendingStatements {
    /// Adds a statement; the one that creates a schema only before the first table in it.
    fn add(&mut self, fix: &str, schema: Option<String>) {
        let rest = schema.as_ref().and_then(|schema| fix.strip_prefix(schema));
        let table = rest.and_then(|rest| rest.strip_prefix(";\n"));
        if table.is_some() {
            let new = schema.filter(|schema| !self.statements.contains(schema));
            self.statements.extend(new);
        }
        self.statements.push(table.unwrap_or(fix).to_owned());
    }
}

/// A script: the statements, and a comment for each model that is refused and each index that is missing.
impl fmt::Display for PendingStatements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for statement in &self.statements {
            writeln!(f, "{statement};")?;
        }
        for (model, reason) in &self.refused {
            writeln!(f, "-- {}: {}", model.name(), reason.replace('\n', "\n-- "))?;
        }
        for hint in &self.hints {
            writeln!(f, "-- {hint}")?;
        }
        Ok(())
    }
}

pub(crate) async fn statements(syncer: &Syncer) -> Result<PendingStatements, SyncError> {
    let store = syncer.store();
    let mut pending = PendingStatements {
        statements: store.missing_bookkeeping().await?,
        refused: Vec::new(),
        hints: Vec::new(),
    };
    for model in syncer.registry().models() {
        if let Err(error) = syncer.check_alone(model).await {
            pending.refused.push((model, error.to_string()));
            continue;
        }
        for difference in store.check_table(model).await? {
            let fix = difference.fix();
            match fix.starts_with("--") {
                // A comment says what to do where there is no statement.
                true => pending.refused.push((model, difference.to_string())),
                false => pending.add(fix, store.schema_statement(model)),
            }
        }
        pending.hints.extend(store.missing_indexes(model).await?);
    }
    Ok(pending)
}
