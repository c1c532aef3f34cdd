//! Children of an object that an event told of: that there is something to do about each.

use super::due;
use super::work::{self, Subject};
use crate::store::error::StoreError;
use crate::store::fault::{Fault, Tries};
use crate::store::{Scope, Store};

impl Store {
    /// Says that there is something to do about objects, without an event that is about them.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn notice_objects(
        &self,
        scope: &Scope,
        subjects: &[Subject],
    ) -> Result<(), StoreError> {
        let mut tries = Tries::new(work::TABLE, self.kind());
        loop {
            match self.try_notice(scope, subjects).await {
                Ok(()) => return Ok(()),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    /// The subjects must be in order, so that two who notice the same ones do not wait for each other.
    async fn try_notice(&self, scope: &Scope, subjects: &[Subject]) -> Result<(), Fault> {
        let mut transaction = self.begin().await?;
        let mut conn = transaction.conn();
        for subject in subjects {
            due::notice(&mut conn, scope, subject).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}
