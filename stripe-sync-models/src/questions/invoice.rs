//! Whether an invoice is overdue.

use stripe_sync::reexport::chrono::{DateTime, Utc};

use crate::Invoice;

/// The statuses of an invoice that was finalized.
const FINALIZED: [&str; 4] = ["open", "paid", "uncollectible", "void"];

impl Invoice {
    /// Whether the invoice is overdue at a moment: it is open, and was due before.
    ///
    /// Only invoices that are sent to the customer have a date at which they are due. Those that are charged automatically have
    /// none, and are never overdue: their subscription is past due. An invoice that was paid, voided or given up since counts
    /// until then.
    ///
    /// Source: <https://docs.stripe.com/invoicing/overview#invoice-statuses>
    ///
    /// ```
    /// use stripe_sync::reexport::chrono::{TimeDelta, Utc};
    /// use stripe_sync_models::Invoice;
    ///
    /// let now = Utc::now();
    /// let mut invoice = Invoice::default();
    /// invoice.status = Some("open".to_owned());
    /// invoice.due_date = Some(now - TimeDelta::days(1));
    /// assert!(invoice.is_overdue(now));
    /// ```
    pub fn is_overdue(&self, at: DateTime<Utc>) -> bool {
        let status = self.status.as_deref().unwrap_or_default();
        let closed = [
            self.status_transitions_paid_at,
            self.status_transitions_marked_uncollectible_at,
            self.status_transitions_voided_at,
            self.deleted_at,
        ];
        let mut closed = closed.into_iter().flatten();
        let is_open = match status {
            "open" => self.deleted_at.is_none_or(|deleted| deleted > at),
            // Without the time at which it was closed nobody knows how long it was open.
            _ => closed.clone().next().is_some() && closed.all(|end| end > at),
        };
        let finalized = self.status_transitions_finalized_at;
        FINALIZED.contains(&status)
            && is_open
            && finalized.is_none_or(|finalized| finalized <= at)
            && self.due_date.is_some_and(|due| due < at)
    }
}

#[cfg(test)]
mod tests {
    use stripe_sync::reexport::chrono::{DateTime, TimeDelta, Utc};

    use crate::Invoice;

    fn day(days: i64) -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(days)
    }

    fn invoice(status: &str) -> Invoice {
        Invoice {
            status: Some(status.to_owned()),
            due_date: Some(day(30)),
            status_transitions_finalized_at: Some(day(1)),
            ..Invoice::default()
        }
    }

    #[test]
    fn an_open_invoice_is_overdue_behind_its_date() {
        let open = invoice("open");
        assert!(!open.is_overdue(day(30)) && open.is_overdue(day(31)));
        let mut charged = invoice("open");
        charged.due_date = None;
        assert!(!charged.is_overdue(day(31)));
        for status in ["draft", "paid", "void", "uncollectible", ""] {
            assert!(!invoice(status).is_overdue(day(31)), "{status}");
        }
        let mut deleted = invoice("open");
        deleted.deleted_at = Some(day(31));
        assert!(!deleted.is_overdue(day(31)));
    }

    #[test]
    fn it_counts_until_it_is_closed() {
        let mut paid = invoice("paid");
        paid.status_transitions_paid_at = Some(day(40));
        assert!(paid.is_overdue(day(39)) && !paid.is_overdue(day(40)));
        // Given up at first, and paid later.
        paid.status_transitions_marked_uncollectible_at = Some(day(35));
        assert!(paid.is_overdue(day(34)) && !paid.is_overdue(day(36)));
        let mut late = invoice("open");
        late.status_transitions_finalized_at = Some(day(50));
        assert!(!late.is_overdue(day(40)));
    }
}
