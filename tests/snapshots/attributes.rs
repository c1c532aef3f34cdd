// What the derive makes of:
//
//     #[stripe(object = "subscription", table = "billing.subscriptions", rename_all = "camelCase", filter(status = "active", price = "price_1"), on_delete = hard)]
//     struct Subscription {
//         #[stripe(id, parse)]
//         stripe_id: SubscriptionId,
//         customer: String,
//         #[stripe(path = items.data[0].price.id)]
//         price: Option<String>,
//         #[stripe(path = items.data[0].quantity, default = 1)]
//         quantity: i64,
//         #[stripe(path = metadata."tenant-id")]
//         tenant: Option<String>,
//         #[stripe(path = items, with = count)]
//         item_count: i64,
//         #[stripe(raw, sql_type = "jsonb")]
//         whole: Json<Value>,
//         #[stripe(account)]
//         account: String,
//         #[stripe(livemode)]
//         livemode: bool,
//         #[stripe(synced_at)]
//         synced_at: Option<DateTime<Utc>>,
//         #[stripe(local)]
//         notes: Option<String>,
//     }

const _: () = {
    use ::stripe_sync::__private_0_1_0 as __p;
    const __F0: __p::Field<SubscriptionId> = {
        #[allow(unused_imports)]
        use __p::field::parsed_lacks::*;
        __p::field::Parsed::<SubscriptionId>::new().field::<SubscriptionId>()
    };
    const _: () = ::core::assert!(
        ! __F0.nullable(), "a column of the key cannot be null: take the `Option` away"
    );
    const __F1: __p::Field<String> = __p::field::reference::<String>();
    const __F2: __p::Field<Option<String>> = __p::field::text_or_null::<
        Option<String>,
    >();
    const __F3: __p::Field<i64> = __p::field::integer::<i64>().or(|| 1);
    const __F4: __p::Field<Option<String>> = __p::field::text_or_null::<
        Option<String>,
    >();
    const __F5: __p::Field<i64> = __p::field::with::<
        i64,
    >(|__slot| {
        #[allow(unused_imports)]
        use __p::field::Unreadable as _;
        __p::field::with_function::<i64, _, _>(count, __slot).read()
    });
    const __F6: __p::Field<Json<Value>> = __p::field::whole::<Json<Value>>();
    const __F7: __p::Field<String> = __p::field::text::<String>();
    const _: () = ::core::assert!(
        ! __F7.nullable(), "a column of the key cannot be null: take the `Option` away"
    );
    const __F8: __p::Field<bool> = __p::field::boolean::<bool>();
    const _: () = ::core::assert!(
        ! __F8.nullable(), "a column of the key cannot be null: take the `Option` away"
    );
    const __F9: __p::Field<Option<DateTime<Utc>>> = {
        #[allow(unused_imports)]
        use __p::field::stored_lacks::*;
        __p::field::Stored::<Option<DateTime<Utc>>>::new()
            .field::<Option<DateTime<Utc>>>()
    };
    const _: () = ::core::assert!(
        ::core::matches!(__F9.cell(), ::stripe_sync::CellType::Instant),
        "`synced_at` is the time of the last write: make it `DateTime<Utc>`, or an `Option` of it"
    );
    const __F10: __p::Field<Option<String>> = {
        #[allow(unused_imports)]
        use __p::field::stored_lacks::*;
        __p::field::Stored::<Option<String>>::new().field::<Option<String>>()
    };
    static __MODEL: ::stripe_sync::Model = ::stripe_sync::Model {
        parts: __p::Parts {
            name: "Subscription",
            object: "subscription",
            schema: ::core::option::Option::Some("billing"),
            namespace: ::core::option::Option::None,
            table: "subscriptions",
            columns: &[
                __p::Column {
                    name: "stripeId",
                    field: "stripe_id",
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
                    name: "customer",
                    field: "customer",
                    path: "customer",
                    role: ::stripe_sync::Role::Mapped,
                    cell: ::core::option::Option::Some(__F1.cell()),
                    nullable: __F1.nullable(),
                    zulu: __F1.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: 5u16,
                    map: &__F1,
                },
                __p::Column {
                    name: "price",
                    field: "price",
                    path: "items.data[0].price.id",
                    role: ::stripe_sync::Role::Mapped,
                    cell: ::core::option::Option::Some(__F2.cell()),
                    nullable: __F2.nullable(),
                    zulu: __F2.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: 6u16,
                    map: &__F2,
                },
                __p::Column {
                    name: "quantity",
                    field: "quantity",
                    path: "items.data[0].quantity",
                    role: ::stripe_sync::Role::Mapped,
                    cell: ::core::option::Option::Some(__F3.cell()),
                    nullable: __F3.nullable(),
                    zulu: __F3.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: 7u16,
                    map: &__F3,
                },
                __p::Column {
                    name: "tenant",
                    field: "tenant",
                    path: "metadata.\"tenant-id\"",
                    role: ::stripe_sync::Role::Mapped,
                    cell: ::core::option::Option::Some(__F4.cell()),
                    nullable: __F4.nullable(),
                    zulu: __F4.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: 8u16,
                    map: &__F4,
                },
                __p::Column {
                    name: "itemCount",
                    field: "item_count",
                    path: "items",
                    role: ::stripe_sync::Role::Mapped,
                    cell: ::core::option::Option::Some(__F5.cell()),
                    nullable: __F5.nullable(),
                    zulu: __F5.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: 9u16,
                    map: &__F5,
                },
                __p::Column {
                    name: "whole",
                    field: "whole",
                    path: "",
                    role: ::stripe_sync::Role::Raw,
                    cell: ::core::option::Option::Some(__F6.cell()),
                    nullable: __F6.nullable(),
                    zulu: __F6.zulu(),
                    sql_type: ::core::option::Option::Some("jsonb"),
                    slot: 10u16,
                    map: &__F6,
                },
                __p::Column {
                    name: "account",
                    field: "account",
                    path: "",
                    role: ::stripe_sync::Role::Account,
                    cell: ::core::option::Option::Some(__F7.cell()),
                    nullable: __F7.nullable(),
                    zulu: __F7.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: __p::ACCOUNT,
                    map: &__F7,
                },
                __p::Column {
                    name: "livemode",
                    field: "livemode",
                    path: "",
                    role: ::stripe_sync::Role::Livemode,
                    cell: ::core::option::Option::Some(__F8.cell()),
                    nullable: __F8.nullable(),
                    zulu: __F8.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: __p::LIVEMODE,
                    map: &__F8,
                },
                __p::Column {
                    name: "syncedAt",
                    field: "synced_at",
                    path: "",
                    role: ::stripe_sync::Role::SyncedAt,
                    cell: ::core::option::Option::Some(__F9.cell()),
                    nullable: __F9.nullable(),
                    zulu: __F9.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: 0,
                    map: &__F9,
                },
                __p::Column {
                    name: "notes",
                    field: "notes",
                    path: "",
                    role: ::stripe_sync::Role::Local,
                    cell: ::core::option::Option::Some(__F10.cell()),
                    nullable: __F10.nullable(),
                    zulu: __F10.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: 0,
                    map: &__F10,
                },
            ],
            declared: __p::Declared::NONE,
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
                    step: __p::Step::key("customer"),
                    slots: &[(5u16, __p::Mode::Reference)],
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
                    step: __p::Step::key("items"),
                    slots: &[(9u16, __p::Mode::Raw)],
                    map: false,
                    children: &[
                        __p::Node {
                            step: __p::Step::key("data"),
                            slots: &[],
                            map: false,
                            children: &[
                                __p::Node {
                                    step: __p::Step::Index(0usize),
                                    slots: &[],
                                    map: false,
                                    children: &[
                                        __p::Node {
                                            step: __p::Step::key("price"),
                                            slots: &[],
                                            map: false,
                                            children: &[
                                                __p::Node {
                                                    step: __p::Step::key("id"),
                                                    slots: &[(6u16, __p::Mode::Scalar)],
                                                    map: false,
                                                    children: &[],
                                                },
                                            ],
                                        },
                                        __p::Node {
                                            step: __p::Step::key("quantity"),
                                            slots: &[(7u16, __p::Mode::Scalar)],
                                            map: false,
                                            children: &[],
                                        },
                                    ],
                                },
                            ],
                        },
                    ],
                },
                __p::Node {
                    step: __p::Step::key("metadata"),
                    slots: &[],
                    map: true,
                    children: &[
                        __p::Node {
                            step: __p::Step::key("tenant-id"),
                            slots: &[(8u16, __p::Mode::Scalar)],
                            map: false,
                            children: &[],
                        },
                    ],
                },
                __p::Node {
                    step: __p::Step::key("status"),
                    slots: &[(11u16, __p::Mode::Scalar)],
                    map: false,
                    children: &[],
                },
            ],
            slots: 12usize,
            filters: &[
                __p::Filter {
                    param: "price",
                    value: "price_1",
                    sort: __p::FilterSort::List,
                },
                __p::Filter {
                    param: "status",
                    value: "active",
                    sort: __p::FilterSort::Member(11u16),
                },
            ],
            expand: &[],
            unversioned: false,
            fingerprint: 3928616705156563759u64,
            sql: __p::Sql {
                sqlite: ::core::option::Option::None,
                postgres: ::core::option::Option::Some(__p::Statements {
                    ask: __p::Text {
                        head: "SELECT \"stripeId\"::text, \"stripe_hash\", \"stripe_observed_at\", \"stripe_deleted_at\" IS NOT NULL FROM {table} WHERE \"account\" = $1 AND \"livemode\" = $2 AND \"stripeId\" = ANY($3)",
                        row: "",
                        tail: "",
                    },
                    lock: __p::Text {
                        head: "SELECT \"stripeId\"::text, \"stripe_hash\", \"stripe_observed_at\", \"stripe_deleted_at\" IS NOT NULL FROM {table} WHERE \"account\" = $1 AND \"livemode\" = $2 AND \"stripeId\" = ANY($3) ORDER BY \"stripeId\" FOR NO KEY UPDATE",
                        row: "",
                        tail: "",
                    },
                    compare: __p::Text {
                        head: "SELECT w.n, t.\"stripe_hash\", t.\"stripe_observed_at\", t.\"stripe_deleted_at\" IS NOT NULL FROM UNNEST($1, $2) WITH ORDINALITY AS w(id, hash, n) LEFT JOIN {table} AS t ON t.\"account\" = $3 AND t.\"livemode\" = $4 AND t.\"stripeId\" = w.id WHERE t.\"stripe_observed_at\" IS NULL OR t.\"stripe_observed_at\" > $5 OR t.\"stripe_deleted_at\" IS NOT NULL OR t.\"stripe_hash\" IS DISTINCT FROM w.hash",
                        row: "",
                        tail: "",
                    },
                    upsert: __p::Text {
                        head: "INSERT INTO {table} AS t (\"stripeId\", \"customer\", \"price\", \"quantity\", \"tenant\", \"itemCount\", \"whole\", \"account\", \"livemode\", \"stripe_hash\", \"stripe_observed_at\", \"syncedAt\") SELECT UNNEST($1), UNNEST($2), UNNEST($3), UNNEST($4), UNNEST($5), UNNEST($6), UNNEST($7)::jsonb, UNNEST($8), UNNEST($9), UNNEST($10), $11, $12 ON CONFLICT (\"account\", \"livemode\", \"stripeId\") DO UPDATE SET \"customer\" = excluded.\"customer\", \"price\" = excluded.\"price\", \"quantity\" = excluded.\"quantity\", \"tenant\" = excluded.\"tenant\", \"itemCount\" = excluded.\"itemCount\", \"whole\" = excluded.\"whole\", \"stripe_hash\" = excluded.\"stripe_hash\", \"stripe_observed_at\" = excluded.\"stripe_observed_at\", \"syncedAt\" = excluded.\"syncedAt\", \"stripe_deleted_at\" = NULL WHERE t.\"stripe_observed_at\" <= $13 RETURNING \"stripeId\"::text, xmax = 0",
                        row: "",
                        tail: "",
                    },
                    insert: __p::Text {
                        head: "INSERT INTO {table} AS t (\"stripeId\", \"customer\", \"price\", \"quantity\", \"tenant\", \"itemCount\", \"whole\", \"account\", \"livemode\", \"stripe_hash\", \"stripe_observed_at\", \"syncedAt\") SELECT UNNEST($1), UNNEST($2), UNNEST($3), UNNEST($4), UNNEST($5), UNNEST($6), UNNEST($7)::jsonb, UNNEST($8), UNNEST($9), UNNEST($10), $11, $12 ON CONFLICT (\"account\", \"livemode\", \"stripeId\") DO NOTHING",
                        row: "",
                        tail: "",
                    },
                    update: __p::Text {
                        head: "",
                        row: "",
                        tail: "",
                    },
                    raise: __p::Text {
                        head: "UPDATE {table} SET \"stripe_observed_at\" = $1 WHERE \"account\" = $2 AND \"livemode\" = $3 AND \"stripeId\" = ANY($4) AND \"stripe_observed_at\" < $5",
                        row: "",
                        tail: "",
                    },
                    mark: __p::Text {
                        head: "UPDATE {table} SET \"stripe_deleted_at\" = $1, \"stripe_observed_at\" = $2, \"syncedAt\" = $3 WHERE \"account\" = $4 AND \"livemode\" = $5 AND \"stripeId\" = ANY($6)",
                        row: "",
                        tail: "",
                    },
                    remove: __p::Text {
                        head: "DELETE FROM {table} WHERE \"account\" = $1 AND \"livemode\" = $2 AND \"stripeId\" = ANY($3)",
                        row: "",
                        tail: "",
                    },
                }),
                mysql: ::core::option::Option::None,
            },
            on_delete: ::stripe_sync::OnDelete::Hard,
            map_hooks: ::core::option::Option::None,
            sync: ::core::option::Option::None,
            after_commit: ::core::option::Option::None,
        },
    };
    #[automatically_derived]
    impl ::stripe_sync::StripeSync for Subscription {
        const MODEL: &'static ::stripe_sync::Model = &__MODEL;
        fn from_stripe(
            __object: &::stripe_sync::StripeObject,
            __context: &::stripe_sync::Context,
        ) -> ::core::result::Result<Self, ::stripe_sync::MapError> {
            let __slots = __p::Slots::read(&__MODEL, __object, __context)?;
            ::core::result::Result::Ok(Self {
                stripe_id: __slots.field(0usize, __F0)?,
                customer: __slots.field(1usize, __F1)?,
                price: __slots.field(2usize, __F2)?,
                quantity: __slots.field(3usize, __F3)?,
                tenant: __slots.field(4usize, __F4)?,
                item_count: __slots.field(5usize, __F5)?,
                whole: __slots.field(6usize, __F6)?,
                account: __slots.field(7usize, __F7)?,
                livemode: __slots.field(8usize, __F8)?,
                synced_at: __F9.initial(),
                notes: __F10.initial(),
            })
        }
        fn into_cells(self) -> ::std::vec::Vec<::stripe_sync::Cell<'static>> {
            let _ = &self.synced_at;
            let _ = &self.notes;
            ::std::vec![
                __F0.write(self.stripe_id), __F1.write(self.customer), __F2.write(self
                .price), __F3.write(self.quantity), __F4.write(self.tenant), __F5
                .write(self.item_count), __F6.write(self.whole), __F7.write(self
                .account), __F8.write(self.livemode)
            ]
        }
    }
};
