// What the derive makes of:
//
//     #[stripe(object = "customer", table = "customers", after_commit = changed)]
//     struct Customer {
//         id: String,
//         #[stripe(children, expand, path = sources)]
//         cards: Vec<Card>,
//         #[stripe(children, expand, path = sources)]
//         bank_accounts: Vec<BankAccount>,
//         email: Option<String>,
//     }

const _: () = {
    use ::stripe_sync::__private_0_1_0 as __p;
    const __F0: __p::Field<String> = __p::field::text::<String>();
    const _: () = ::core::assert!(
        ! __F0.nullable(), "a column of the key cannot be null: take the `Option` away"
    );
    const __F1: __p::Field<Option<String>> = __p::field::text_or_null::<
        Option<String>,
    >();
    const _: () = __p::holds(
        <Card as ::stripe_sync::StripeSync>::MODEL,
        &__p::Held {
            objects: &["account", "bank_account", "card", "source"],
            parent: "customer",
            room: 1usize,
            other: "the rows of `cards` of `Customer` have `object = \"account\"` or `object = \"bank_account\"` or `object = \"card\"` or `object = \"source\"`, and `Card` has ",
            orphan: "the rows of `cards` of `Customer` are found by the id of their `customer`, and `Card` has no column for it: add `#[stripe(parent = \"customer\")] customer: String`",
            foreign: "the rows of `cards` of `Customer` have a parent `customer`: write `parent = \"customer\"` in `Card`, whose parent is ",
            deep: "Stripe expands 4 names deep, and below `cards` of `Customer` 1 is left for `Card`, which expands ",
        },
    );
    const _: () = __p::holds(
        <BankAccount as ::stripe_sync::StripeSync>::MODEL,
        &__p::Held {
            objects: &["account", "bank_account", "card", "source"],
            parent: "customer",
            room: 1usize,
            other: "the rows of `bank_accounts` of `Customer` have `object = \"account\"` or `object = \"bank_account\"` or `object = \"card\"` or `object = \"source\"`, and `BankAccount` has ",
            orphan: "the rows of `bank_accounts` of `Customer` are found by the id of their `customer`, and `BankAccount` has no column for it: add `#[stripe(parent = \"customer\")] customer: String`",
            foreign: "the rows of `bank_accounts` of `Customer` have a parent `customer`: write `parent = \"customer\"` in `BankAccount`, whose parent is ",
            deep: "Stripe expands 4 names deep, and below `bank_accounts` of `Customer` 1 is left for `BankAccount`, which expands ",
        },
    );
    static __MODEL: ::stripe_sync::Model = ::stripe_sync::Model {
        parts: __p::Parts {
            name: "Customer",
            object: "customer",
            schema: ::core::option::Option::None,
            namespace: ::core::option::Option::None,
            table: "customers",
            columns: &[
                __p::Column {
                    name: "id",
                    field: "id",
                    path: "id",
                    role: ::stripe_sync::Role::Id,
                    cell: ::core::option::Option::Some(__F0.cell()),
                    nullable: __F0.nullable(),
                    zulu: __F0.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: __p::ID,
                    map: &__F0,
                },
                __p::Column {
                    name: "email",
                    field: "email",
                    path: "email",
                    role: ::stripe_sync::Role::Mapped,
                    cell: ::core::option::Option::Some(__F1.cell()),
                    nullable: __F1.nullable(),
                    zulu: __F1.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: 5u16,
                    map: &__F1,
                },
            ],
            declared: __p::Declared {
                children: &[
                    __p::Children {
                        field: "cards",
                        path: "sources",
                        slot: 6u16,
                        model: || <Card as ::stripe_sync::StripeSync>::MODEL,
                    },
                    __p::Children {
                        field: "bank_accounts",
                        path: "sources",
                        slot: 6u16,
                        model: || <BankAccount as ::stripe_sync::StripeSync>::MODEL,
                    },
                ],
                ..__p::Declared::NONE
            },
            paths: &[
                __p::Node {
                    step: __p::Step::key("id"),
                    slots: &[(__p::ID, __p::Mode::Scalar)],
                    map: false,
                    children: &[],
                },
                __p::Node {
                    step: __p::Step::key("object"),
                    slots: &[(__p::OBJECT, __p::Mode::Scalar)],
                    map: false,
                    children: &[],
                },
                __p::Node {
                    step: __p::Step::key("deleted"),
                    slots: &[(__p::DELETED, __p::Mode::Scalar)],
                    map: false,
                    children: &[],
                },
                __p::Node {
                    step: __p::Step::key("email"),
                    slots: &[(5u16, __p::Mode::Scalar)],
                    map: false,
                    children: &[],
                },
                __p::Node {
                    step: __p::Step::key("sources"),
                    slots: &[(6u16, __p::Mode::Raw)],
                    map: false,
                    children: &[],
                },
            ],
            slots: 7usize,
            filters: &[],
            expand: &["sources"],
            unversioned: false,
            fingerprint: 5719384349581843589u64,
            sql: __p::Sql {
                sqlite: ::core::option::Option::Some(__p::Statements {
                    ask: __p::Text {
                        head: "SELECT \"id\", \"stripe_hash\", \"stripe_observed_at\", \"stripe_deleted_at\" IS NOT NULL FROM {table} WHERE \"id\" IN (",
                        row: "?",
                        tail: ")",
                    },
                    lock: __p::Text {
                        head: "SELECT \"id\", \"stripe_hash\", \"stripe_observed_at\", \"stripe_deleted_at\" IS NOT NULL FROM {table} WHERE \"id\" IN (",
                        row: "?",
                        tail: ")",
                    },
                    compare: __p::Text {
                        head: "WITH w(n, id, hash) AS (VALUES ",
                        row: "(?, ?, ?)",
                        tail: ") SELECT w.n, t.\"stripe_hash\", t.\"stripe_observed_at\", t.\"stripe_deleted_at\" IS NOT NULL FROM w LEFT JOIN {table} AS t ON t.\"id\" = w.id WHERE t.\"stripe_observed_at\" IS NULL OR t.\"stripe_observed_at\" > ? OR t.\"stripe_deleted_at\" IS NOT NULL OR t.\"stripe_hash\" IS NOT w.hash",
                    },
                    upsert: __p::Text {
                        head: "INSERT INTO {table} (\"id\", \"email\", \"stripe_hash\", \"stripe_observed_at\") VALUES ",
                        row: "(?, ?, ?, ?)",
                        tail: " ON CONFLICT (\"id\") DO UPDATE SET \"email\" = excluded.\"email\", \"stripe_hash\" = excluded.\"stripe_hash\", \"stripe_observed_at\" = excluded.\"stripe_observed_at\", \"stripe_deleted_at\" = NULL WHERE {name}.\"stripe_observed_at\" <= ?",
                    },
                    insert: __p::Text {
                        head: "INSERT INTO {table} (\"id\", \"email\", \"stripe_hash\", \"stripe_observed_at\") VALUES ",
                        row: "(?, ?, ?, ?)",
                        tail: " ON CONFLICT (\"id\") DO NOTHING",
                    },
                    update: __p::Text {
                        head: "",
                        row: "",
                        tail: "",
                    },
                    raise: __p::Text {
                        head: "UPDATE {table} SET \"stripe_observed_at\" = ? WHERE \"id\" IN (",
                        row: "?",
                        tail: ") AND \"stripe_observed_at\" < ?",
                    },
                    mark: __p::Text {
                        head: "UPDATE {table} SET \"stripe_deleted_at\" = ?, \"stripe_observed_at\" = ? WHERE \"id\" IN (",
                        row: "?",
                        tail: ")",
                    },
                    remove: __p::Text {
                        head: "DELETE FROM {table} WHERE \"id\" IN (",
                        row: "?",
                        tail: ")",
                    },
                }),
                postgres: ::core::option::Option::None,
                mysql: ::core::option::Option::None,
            },
            on_delete: ::stripe_sync::OnDelete::Soft,
            map_hooks: ::core::option::Option::None,
            sync: ::core::option::Option::None,
            after_commit: ::core::option::Option::Some(|__cells, __context| ::std::boxed::Box::pin(async move {
                #[allow(unused_imports)]
                use __p::{Pending as _, Sharing as _, Uncallable as _, Unfit as _};
                let __change = ::stripe_sync::Change::<
                    Customer,
                >::from_cells(__cells, __context.origin())?;
                __p::hook(changed, __change, __context)
                    .call()
                    .finish("after_commit")
                    .await?;
                ::core::result::Result::Ok(())
            })),
        },
    };
    #[automatically_derived]
    impl ::stripe_sync::StripeSync for Customer {
        const MODEL: &'static ::stripe_sync::Model = &__MODEL;
        fn from_stripe(
            __object: &::stripe_sync::StripeObject,
            __context: &::stripe_sync::Context,
        ) -> ::core::result::Result<Self, ::stripe_sync::MapError> {
            let __slots = __p::Slots::read(&__MODEL, __object, __context)?;
            ::core::result::Result::Ok(Self {
                id: __slots.field(0usize, __F0)?,
                email: __slots.field(1usize, __F1)?,
                cards: ::std::vec::Vec::new(),
                bank_accounts: ::std::vec::Vec::new(),
            })
        }
        fn into_cells(self) -> ::std::vec::Vec<::stripe_sync::Cell<'static>> {
            let _ = &self.cards;
            let _ = &self.bank_accounts;
            ::std::vec![__F0.write(self.id), __F1.write(self.email)]
        }
    }
    #[automatically_derived]
    impl ::stripe_sync::ReadBack for Customer {
        fn from_cells(
            __cells: ::std::vec::Vec<::stripe_sync::Cell<'static>>,
        ) -> ::core::result::Result<Self, ::stripe_sync::MapError> {
            let mut __cells = ::core::iter::IntoIterator::into_iter(__cells);
            ::core::result::Result::Ok(Self {
                id: __p::read_back(&__MODEL, 0usize, __F0, &mut __cells)?,
                email: __p::read_back(&__MODEL, 1usize, __F1, &mut __cells)?,
                cards: ::std::vec::Vec::new(),
                bank_accounts: ::std::vec::Vec::new(),
            })
        }
    }
};
