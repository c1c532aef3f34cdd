//! The expansion of a derive, written by hand: what the macro has to emit.
#![allow(missing_docs)]
use stripe_sync::hooks::SyncContext;
use stripe_sync::{Change, Context, Outcome, StripeObject, StripeSync, sqlx};

#[derive(Debug, Clone, PartialEq)]
pub struct Customer {
    id: String,
    email: Option<String>,
    country: Option<String>,
    created: chrono::DateTime<chrono::Utc>,
    notes: Option<String>,
}

fn pre(object: &mut StripeObject, _: &Context) -> Result<(), stripe_sync::ObjectError> {
    object.edit(|o| o["email"] = "x@y.z".into())
}
async fn post(row: &mut Customer, _: &Context) {
    row.country = Some("DE".into());
}
async fn sync(
    _: &StripeObject,
    cx: &mut SyncContext<'_, sqlx::Sqlite>,
) -> Result<Outcome, stripe_sync::HookError> {
    cx.sync_default().await
}
async fn changed(_change: Change<Customer>, _: &Context) -> Result<(), std::fmt::Error> {
    Ok(())
}

const _: () = {
    use ::stripe_sync::private as p;
    const F0: p::Field<String> = p::field::text();
    const F1: p::Field<Option<String>> = p::field::text_or_null();
    const F2: p::Field<Option<String>> = p::field::text_or_null();
    const F3: p::Field<chrono::DateTime<chrono::Utc>> = p::field::unix_time();
    const F4: p::Field<Option<String>> = p::field::stored();

    static MODEL: ::stripe_sync::Model = ::stripe_sync::Model {
        parts: p::Parts {
            name: "Customer",
            object: "customer",
            schema: ::core::option::Option::None,
            table: "customers",
            columns: &[
                p::Column {
                    name: "id",
                    field: "id",
                    path: "id",
                    role: ::stripe_sync::Role::Id,
                    cell: ::core::option::Option::Some(F0.cell()),
                    nullable: F0.nullable(),
                    sql_type: ::core::option::Option::None,
                    slot: p::ID,
                    map: |slot| F0.map(slot),
                },
                p::Column {
                    name: "email",
                    field: "email",
                    path: "email",
                    role: ::stripe_sync::Role::Mapped,
                    cell: ::core::option::Option::Some(F1.cell()),
                    nullable: F1.nullable(),
                    sql_type: ::core::option::Option::None,
                    slot: 5,
                    map: |slot| F1.map(slot),
                },
                p::Column {
                    name: "country",
                    field: "country",
                    path: "address.country",
                    role: ::stripe_sync::Role::Mapped,
                    cell: ::core::option::Option::Some(F2.cell()),
                    nullable: F2.nullable(),
                    sql_type: ::core::option::Option::None,
                    slot: 6,
                    map: |slot| F2.map(slot),
                },
                p::Column {
                    name: "created",
                    field: "created",
                    path: "created",
                    role: ::stripe_sync::Role::Mapped,
                    cell: ::core::option::Option::Some(F3.cell()),
                    nullable: F3.nullable(),
                    sql_type: ::core::option::Option::None,
                    slot: 7,
                    map: |slot| F3.map(slot),
                },
                p::Column {
                    name: "notes",
                    field: "notes",
                    path: "",
                    role: ::stripe_sync::Role::Local,
                    cell: ::core::option::Option::Some(F4.cell()),
                    nullable: F4.nullable(),
                    sql_type: ::core::option::Option::None,
                    slot: 0,
                    map: |slot| F4.map(slot),
                },
            ],
            paths: &[
                p::Node {
                    step: p::Step::Key("id"),
                    slots: &[(p::ID, p::Mode::Scalar)],
                    map: false,
                    children: &[],
                },
                p::Node {
                    step: p::Step::Key("object"),
                    slots: &[(p::OBJECT, p::Mode::Scalar)],
                    map: false,
                    children: &[],
                },
                p::Node {
                    step: p::Step::Key("deleted"),
                    slots: &[(p::DELETED, p::Mode::Scalar)],
                    map: false,
                    children: &[],
                },
                p::Node {
                    step: p::Step::Key("email"),
                    slots: &[(5, p::Mode::Scalar)],
                    map: false,
                    children: &[],
                },
                p::Node {
                    step: p::Step::Key("address"),
                    slots: &[],
                    map: false,
                    children: &[p::Node {
                        step: p::Step::Key("country"),
                        slots: &[(6, p::Mode::Scalar)],
                        map: false,
                        children: &[],
                    }],
                },
                p::Node {
                    step: p::Step::Key("created"),
                    slots: &[(7, p::Mode::Scalar)],
                    map: false,
                    children: &[],
                },
            ],
            slots: 8,
            filters: &[],
            on_delete: ::stripe_sync::OnDelete::Soft,
            unguarded: false,
            fingerprint: 1,
            sql: p::Sql {
                sqlite: ::core::option::Option::Some(p::Statements {
                    upsert: p::Text {
                        head: "",
                        row: "",
                        tail: "",
                    },
                }),
                postgres: ::core::option::Option::None,
                mysql: ::core::option::Option::None,
            },
            map_hooks: ::core::option::Option::Some(|object, context| {
                ::std::boxed::Box::pin(async move {
                    use p::Pending as _;
                    p::Called(pre(object, context))
                        .finish("pre_set_default")
                        .await?;
                    let mut row =
                        <Customer as ::stripe_sync::StripeSync>::from_stripe(object, context)?;
                    p::Called(post(&mut row, context))
                        .finish("post_set_default")
                        .await?;
                    ::core::result::Result::Ok(p::hooked_row(row, object, context)?)
                })
            }),
            sync: ::core::option::Option::Some(p::SyncHook::Sqlite(|object, cx| {
                ::std::boxed::Box::pin(async move {
                    use p::Pending as _;
                    p::Called(sync(object, cx)).finish("sync").await
                })
            })),
            after_commit: ::core::option::Option::Some(|cells, context| {
                ::std::boxed::Box::pin(async move {
                    use p::Pending as _;
                    let change = ::stripe_sync::Change::from_cells(cells, context.origin())?;
                    p::Called(changed(change, context))
                        .finish("after_commit")
                        .await?;
                    ::core::result::Result::Ok(())
                })
            }),
        },
    };
    #[automatically_derived]
    impl ::stripe_sync::StripeSync for Customer {
        const MODEL: &'static ::stripe_sync::Model = &MODEL;
        fn from_stripe(
            object: &::stripe_sync::StripeObject,
            context: &::stripe_sync::Context,
        ) -> ::core::result::Result<Self, ::stripe_sync::MapError> {
            let slots = p::Slots::read(&MODEL, object, context)?;
            ::core::result::Result::Ok(Self {
                id: slots.field(0, F0)?,
                email: slots.field(1, F1)?,
                country: slots.field(2, F2)?,
                created: slots.field(3, F3)?,
                notes: ::core::default::Default::default(),
            })
        }
        fn into_cells(self) -> ::std::vec::Vec<::stripe_sync::Cell<'static>> {
            ::std::vec![
                F0.write(self.id),
                F1.write(self.email),
                F2.write(self.country),
                F3.write(self.created)
            ]
        }
    }
    #[automatically_derived]
    impl ::stripe_sync::ReadBack for Customer {
        fn from_cells(
            cells: ::std::vec::Vec<::stripe_sync::Cell<'static>>,
        ) -> ::core::result::Result<Self, ::stripe_sync::MapError> {
            let mut cells = ::core::iter::IntoIterator::into_iter(cells);
            ::core::result::Result::Ok(Self {
                id: p::read_back(&MODEL, 0, F0, &mut cells)?,
                email: p::read_back(&MODEL, 1, F1, &mut cells)?,
                country: p::read_back(&MODEL, 2, F2, &mut cells)?,
                created: p::read_back(&MODEL, 3, F3, &mut cells)?,
                notes: p::read_back(&MODEL, 4, F4, &mut cells)?,
            })
        }
    }
};

#[test]
fn maps_and_comes_back() {
    let object = StripeObject::from_json(r#"{"id":"cus_1","object":"customer","address":{"country":"FR"},"created":5,"email":null,"x":[1,{"y":2}]}"#).unwrap();
    let context = Context::new(stripe_sync::Origin::Object);
    let row = Customer::from_stripe(&object, &context).unwrap();
    assert_eq!(row.country.as_deref(), Some("FR"));
    assert_eq!(row.created.timestamp(), 5);
    let mut cells = row.clone().into_cells();
    cells.push(stripe_sync::Cell::Null);
    assert_eq!(
        <Customer as stripe_sync::ReadBack>::from_cells(cells).unwrap(),
        row
    );
    let bad = StripeObject::from_json(r#"{"id":"cus_1","created":"x"}"#).unwrap();
    assert_eq!(
        Customer::from_stripe(&bad, &context)
            .unwrap_err()
            .to_string(),
        "column `created` (`created`): expected Unix seconds, Stripe sent text"
    );
}
