//! The newest event, where a clock is not to be believed.

use serde::Deserialize;

use crate::client::Request;
use crate::model::Model;
use crate::stripe_time::is_ahead;
use crate::sync::error::SyncError;
use crate::sync::list::{EVENTS, OVERLAP, REMEMBERED, Reader};

/// What the top of the list of events says of the time.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Newest {
    /// The `Date` of the answer.
    pub(crate) date: Option<i64>,
    /// The second of the newest event.
    pub(crate) created: Option<i64>,
}

impl Newest {
    /// The moment of an answer whose `date` is out of what Stripe remembers by this machine's clock: one before the newest
    /// event, or before the next answer, if these are far later. Else this machine's clock is wrong, and the `date` right.
    fn unless_forgotten(self, date: i64, here: i64) -> i64 {
        let moments = [self.created, self.date].into_iter().flatten();
        // The lists were read before this was asked. An earlier moment is safe, one that no clock here has reached is none.
        let mut later = moments
            .map(|moment| moment.min(here).saturating_sub(OVERLAP))
            .filter(|moment| moment.saturating_sub(date) > REMEMBERED);
        later.next().unwrap_or(date)
    }
}

#[derive(Deserialize)]
struct Top {
    data: Vec<Created>,
}

#[derive(Deserialize)]
struct Created {
    created: i64,
}

/// Asks for the newest event. A key that may not read events gets nothing.
///
/// # Errors
/// When Stripe does not answer.
pub(crate) async fn newest(reader: &Reader) -> Result<Newest, SyncError> {
    let request = Request::get(EVENTS).query("limit", "1");
    let response = match reader.get(request).await {
        Ok(response) => response,
        Err(error) if error.is_permission() => return Ok(Newest::default()),
        Err(error) => return Err(error.into()),
    };
    let top: Top = serde_json::from_slice(&response.body)
        .map_err(|error| SyncError::page(EVENTS, &error, &response))?;
    Ok(Newest {
        date: response.date,
        created: top.data.iter().map(|event| event.created).max(),
    })
}

/// Checks that Stripe still remembers the events since a moment, by the `Date` of an answer. One that this machine's clock does
/// not bear out is asked for once more.
///
/// # Errors
/// When it does not, or Stripe does not answer.
pub(crate) async fn check_remembered(
    reader: &Reader,
    model: &Model,
    since: i64,
    date: Option<i64>,
) -> Result<(), SyncError> {
    let Some(mut now) = date.filter(|date| date - since > REMEMBERED) else {
        return Ok(());
    };
    if is_ahead(now, None, chrono::Utc::now().timestamp()) {
        now = newest(reader).await?.date.unwrap_or(now).min(now);
    }
    if now - since <= REMEMBERED {
        return Ok(());
    }
    Err(SyncError::EventsExpired {
        model: model.name(),
        days: (now - since) / 86_400,
    })
}

/// The moment before which nothing was read, of lists whose first page was answered at `date`. A `Date` that this machine's
/// clock does not bear out is not believed: nothing happened after the newest event that could be seen. One that is so
/// long ago that Stripe would have forgotten what happened since is asked for once more.
///
/// # Errors
/// When Stripe does not answer.
pub(crate) async fn watermark(reader: &Reader, date: Option<i64>) -> Result<i64, SyncError> {
    let here = chrono::Utc::now().timestamp();
    let Some(date) = date else {
        return Ok(here);
    };
    let is_forgotten = here.saturating_sub(date) > REMEMBERED;
    if !is_ahead(date, None, here) && !is_forgotten {
        return Ok(date);
    }
    let newest = newest(reader).await?;
    if is_forgotten {
        return Ok(newest.unless_forgotten(date, here));
    }
    let date = newest.date.unwrap_or(date).min(date);
    tracing::warn!(
        name: "stripe_sync.date_ahead",
        date,
        here,
        "Stripe's answers are dated in the future of this machine's clock; one of the two is wrong"
    );
    // The lists were read before this was asked, and what happened between the two is in no page.
    let before = newest.created.unwrap_or(here).saturating_sub(OVERLAP);
    Ok(before.min(date))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    #[test]
    fn a_date_that_is_long_ago_is_believed_if_nothing_is_later() {
        let newest = |date, created| Newest { date, created };
        let event = NOW - 5_000;
        for (newest, date, here, expected) in [
            (newest(Some(0), Some(event)), 0, NOW, event - OVERLAP),
            (newest(Some(NOW), None), 0, NOW, NOW - OVERLAP),
            (newest(Some(NOW), Some(event)), 0, NOW, event - OVERLAP),
            // Nothing contradicts it.
            (newest(Some(0), None), 0, NOW, 0),
            (newest(None, None), 0, NOW, 0),
            // This machine's clock is wrong.
            (newest(Some(NOW), Some(event)), NOW, 2 * NOW, NOW),
            // Stripe's is far ahead of it.
            (newest(Some(0), Some(2 * NOW)), 0, NOW, NOW - OVERLAP),
        ] {
            let moment = newest.unless_forgotten(date, here);
            assert_eq!(moment, expected, "{newest:?}, {date}, {here}");
        }
    }
}
