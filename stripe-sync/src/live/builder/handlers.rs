//! The application's handlers.

use std::future::Future;

use futures_util::future::BoxFuture;

use crate::live::handlers::{HandlerDatabase, HandlerError, TransactionHandler};
use crate::live::service::LiveBuilder;
use crate::webhook::event::Event;
use crate::webhook::event_type::EventType;
use crate::webhook::form::HandlerForm;

impl LiveBuilder {
    /// Calls a function for each event whose type fits a pattern (`invoice.paid`, `invoice.*`, `*`), after the transaction
    /// that wrote what the event told of. `customer.*` is all that begins so, `customer.subscription.created` too. It is
    /// called at least once: again if it fails, or if the process dies.
    ///
    /// A pattern that no type of Stripe's fits is an error when the service is built, unless it is
    /// [`EventType::unchecked`].
    ///
    /// ```no_run
    /// # fn run(builder: stripe_sync::live::LiveBuilder) -> stripe_sync::live::LiveBuilder {
    /// builder.on("invoice.paid", |event| async move {
    ///     println!("{} is paid", event.object_id().unwrap_or("an invoice"));
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn on<F, R>(mut self, event_type: impl Into<EventType>, handler: F) -> Self
    where
        F: Fn(Event) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let handler = move |event| Box::pin(handler(event)) as BoxFuture<'static, _>;
        let after = (event_type.into(), Box::new(handler) as _);
        self.handlers.after.push(after);
        self
    }

    /// Calls an `async fn` for each event whose type fits a pattern, inside the transaction that writes what the event told
    /// of and completes it: what it writes with the connection happens exactly once. If it fails, nothing is written, and
    /// the event is tried again. A closure that captures something is given to
    /// [`in_transaction_boxed`](Self::in_transaction_boxed).
    ///
    /// Behind a [transaction pooler](crate::guide::poolers), a statement on the connection needs `.persistent(false)`.
    ///
    /// ```no_run
    /// # #[cfg(feature = "sqlite")]
    /// # mod example {
    /// # use stripe_sync::live::LiveBuilder;
    /// use stripe_sync::live::HandlerError;
    /// use stripe_sync::reexport::sqlx;
    /// use stripe_sync::webhook::Event;
    ///
    /// async fn audit(event: &Event, connection: &mut sqlx::SqliteConnection) -> Result<(), HandlerError> {
    ///     let insert = sqlx::query("INSERT INTO audit (event) VALUES (?)").bind(event.id());
    ///     insert.execute(connection).await?;
    ///     Ok(())
    /// }
    ///
    /// # fn run(builder: LiveBuilder) -> LiveBuilder {
    /// builder.in_transaction::<sqlx::Sqlite, _>("invoice.*", audit)
    /// # }
    /// # }
    /// ```
    pub fn in_transaction<D, F>(self, event_type: impl Into<EventType>, handler: F) -> Self
    where
        D: HandlerDatabase,
        // The one says which closures fit, so that their parameters need no types; the other that their futures are `Send`.
        F: AsyncFn(&Event, &mut D::Connection) -> Result<(), HandlerError>
            + for<'c> TransactionHandler<'c, D::Connection>
            + 'static,
    {
        self.in_transaction_boxed::<D, _>(event_type, move |event, connection| {
            Box::pin(handler(event, connection))
        })
    }

    /// [`in_transaction`](Self::in_transaction) of a closure that returns a boxed future, and so may use what it captured.
    ///
    /// ```no_run
    /// # #[cfg(feature = "sqlite")]
    /// # fn run(builder: stripe_sync::live::LiveBuilder, service: String) -> stripe_sync::live::LiveBuilder {
    /// use stripe_sync::reexport::sqlx;
    ///
    /// builder.in_transaction_boxed::<sqlx::Sqlite, _>("invoice.*", move |event, connection| {
    ///     let insert = sqlx::query("INSERT INTO audit (event, service) VALUES (?, ?)")
    ///         .bind(event.id())
    ///         .bind(service.clone());
    ///     Box::pin(async move {
    ///         insert.execute(connection).await?;
    ///         Ok(())
    ///     })
    /// })
    /// # }
    /// ```
    pub fn in_transaction_boxed<D, F>(
        mut self,
        event_type: impl Into<EventType>,
        handler: F,
    ) -> Self
    where
        D: HandlerDatabase,
        F: for<'c> Fn(&'c Event, &'c mut D::Connection) -> BoxFuture<'c, Result<(), HandlerError>>
            + Send
            + Sync
            + 'static,
    {
        let inside = D::register(event_type.into(), Box::new(handler));
        self.handlers.inside.push(inside);
        self
    }

    /// The form of events that handlers are called for, where Stripe tells of a change in both. The other form only leads to
    /// reads, and a type that there is in one form alone is told in that one. Default [`HandlerForm::Snapshot`].
    pub fn handler_form(mut self, form: HandlerForm) -> Self {
        self.handlers.form = form;
        self
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::client::Stripe;
    use crate::live::Live;
    use crate::live::error::LiveError;
    use crate::sync::syncer::Syncer;

    async fn handle(_: &Event, _: &mut sqlx::SqliteConnection) -> Result<(), HandlerError> {
        Ok(())
    }

    fn builder() -> LiveBuilder {
        let pool = sqlx::SqlitePool::connect_lazy("sqlite::memory:").unwrap();
        Live::builder(Syncer::new(Stripe::new("sk_test_1234").unwrap(), &pool))
    }

    #[tokio::test]
    async fn a_handler_of_no_type_of_stripes_is_refused() {
        let build = |event_type: EventType| {
            let inside = builder().in_transaction::<sqlx::Sqlite, _>(event_type.clone(), handle);
            let boxed = builder()
                .in_transaction_boxed::<sqlx::Sqlite, _>(event_type.clone(), |_, _| {
                    Box::pin(async { Ok(()) })
                });
            let after = builder().on(event_type, |_| async { Ok(()) });
            [inside.build(), boxed.build(), after.build()]
        };
        for known in ["invoice.paid".into(), EventType::unchecked("invoice.payed")] {
            for live in build(known) {
                live.unwrap();
            }
        }
        for live in build("invoice.payed".into()) {
            let text = live.unwrap_err().to_string();
            let expected =
                "no event type of Stripe fits `invoice.payed`, did you mean `invoice.paid`?";
            assert!(text.starts_with(expected), "{text}");
        }
        // Each would never be called.
        for (never, nearest) in [
            ("cutsomer.*", "customer.*"),
            ("customer.**", "customer.*"),
            ("v1.customer.created", "customer.created"),
            ("customer", "customer.created"),
            ("Invoice.Paid", "invoice.paid"),
            (" invoice.paid", "invoice.paid"),
            ("invoice_paid", "invoice.paid"),
            ("customers.created", "customer.created"),
        ] {
            for live in build(never.into()) {
                let LiveError::UnknownEventType { nearest: found, .. } = live.unwrap_err() else {
                    panic!("expected {never} to be unknown");
                };
                assert_eq!(found.as_deref(), Some(nearest), "{never}");
            }
        }
        for live in
            ["", ".", "invoice.paid,invoice.voided", "*.created"].map(|never| build(never.into()))
        {
            assert!(live.iter().all(Result::is_err));
        }
        for live in build("elephant.*".into()) {
            let text = live.unwrap_err().to_string();
            assert!(
                text.starts_with("no event type of Stripe fits `elephant.*`: a type"),
                "{text}"
            );
        }
    }

    #[cfg(feature = "postgres")]
    #[tokio::test]
    async fn a_handler_of_another_database_is_refused() {
        let handler = builder().in_transaction_boxed::<sqlx::Postgres, _>("invoice.*", |_, _| {
            Box::pin(async { Ok(()) })
        });
        assert_eq!(
            handler.build().unwrap_err().to_string(),
            "the handler of `invoice.*` takes a connection of PostgreSQL, and the syncer's database is SQLite"
        );
    }

    #[tokio::test]
    async fn a_handler_is_an_async_fn_or_a_closure() {
        fn boxed<'c>(
            event: &'c Event,
            connection: &'c mut sqlx::SqliteConnection,
        ) -> BoxFuture<'c, Result<(), HandlerError>> {
            Box::pin(handle(event, connection))
        }
        let count = 7;
        let live = builder()
            .in_transaction::<sqlx::Sqlite, _>("*", handle)
            .in_transaction::<sqlx::Sqlite, _>("*", async |event, connection| {
                let insert = sqlx::query("INSERT INTO audit (event) VALUES (?)").bind(event.id());
                insert.execute(&mut *connection).await?;
                handle(event, connection).await
            })
            .in_transaction_boxed::<sqlx::Sqlite, _>("*", boxed)
            .in_transaction_boxed::<sqlx::Sqlite, _>("*", move |event, connection| {
                Box::pin(async move {
                    let insert = sqlx::query("INSERT INTO audit (event, count) VALUES (?, ?)");
                    insert
                        .bind(event.id())
                        .bind(count)
                        .execute(connection)
                        .await?;
                    Ok(())
                })
            });
        live.build().unwrap();
    }

    #[tokio::test]
    async fn the_event_types_are_those_of_handlers_too() {
        let types = |builder: LiveBuilder| -> Vec<String> {
            let live = builder.build().unwrap();
            live.event_types().into_iter().map(str::to_owned).collect()
        };
        let each = builder()
            .on("invoice.paid", |_| async { Ok(()) })
            .on("invoice.paid", |_| async { Ok(()) })
            .in_transaction::<sqlx::Sqlite, _>("charge.failed", handle)
            .on("customer.tax_id.*", |_| async { Ok(()) })
            .on(EventType::unchecked("pigeon.sent"), |_| async { Ok(()) })
            // No endpoint takes these.
            .on(EventType::unchecked("pigeon.*"), |_| async { Ok(()) })
            .on(EventType::unchecked("v2.core.account.closed"), |_| async {
                Ok(())
            })
            .on("price.activated", |_| async { Ok(()) });
        let tax_id =
            ["created", "deleted", "updated"].map(|what| format!("customer.tax_id.{what}"));
        let [created, deleted, updated] = tax_id;
        let paid = "invoice.paid".to_owned();
        let failed = "charge.failed".to_owned();
        let expected = [
            failed,
            created,
            deleted,
            updated,
            paid,
            "pigeon.sent".to_owned(),
        ];
        assert_eq!(types(each), expected);
        let all = types(builder().on("*", |_| async { Ok(()) }));
        assert_eq!(all, stripe_sync_schema::catalogue::event_types());
        let thin = builder().handler_form(HandlerForm::Thin);
        assert_eq!(
            types(thin.on("invoice.paid", |_| async { Ok(()) })),
            [""; 0]
        );
    }
}
