// What the derive makes of:
//
//     #[stripe(object = "price.tiers", table = "price_tiers")]
//     struct PriceTier {
//         #[stripe(livemode)]
//         livemode: bool,
//         #[stripe(parent)]
//         price: String,
//         #[stripe(position)]
//         position: i64,
//         up_to: Option<i64>,
//     }

const _: () = {
    use ::stripe_sync::__private_0_1_0 as __p;
    const __F0: __p::Field<bool> = __p::field::boolean::<bool>();
    const _: () = ::core::assert!(
        ! __F0.nullable(), "a column of the key cannot be null: take the `Option` away"
    );
    const __F1: __p::Field<String> = __p::field::text::<String>();
    const _: () = ::core::assert!(
        ! __F1.nullable(), "a column of the key cannot be null: take the `Option` away"
    );
    const __F2: __p::Field<i64> = __p::field::integer::<i64>();
    const _: () = ::core::assert!(
        ! __F2.nullable(), "a column of the key cannot be null: take the `Option` away"
    );
    const __F3: __p::Field<Option<i64>> = __p::field::integer_or_null::<Option<i64>>();
    static __MODEL: ::stripe_sync::Model = ::stripe_sync::Model {
        parts: __p::Parts {
            name: "PriceTier",
            object: "price.tiers",
            schema: ::core::option::Option::None,
            namespace: ::core::option::Option::None,
            table: "price_tiers",
            columns: &[
                __p::Column {
                    name: "livemode",
                    field: "livemode",
                    path: "",
                    role: ::stripe_sync::Role::Livemode,
                    cell: ::core::option::Option::Some(__F0.cell()),
                    nullable: __F0.nullable(),
                    zulu: __F0.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: __p::LIVEMODE,
                    map: &__F0,
                },
                __p::Column {
                    name: "price",
                    field: "price",
                    path: "",
                    role: ::stripe_sync::Role::Parent,
                    cell: ::core::option::Option::Some(__F1.cell()),
                    nullable: __F1.nullable(),
                    zulu: __F1.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: 5u16,
                    map: &__F1,
                },
                __p::Column {
                    name: "position",
                    field: "position",
                    path: "",
                    role: ::stripe_sync::Role::Position,
                    cell: ::core::option::Option::Some(__F2.cell()),
                    nullable: __F2.nullable(),
                    zulu: __F2.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: 6u16,
                    map: &__F2,
                },
                __p::Column {
                    name: "up_to",
                    field: "up_to",
                    path: "up_to",
                    role: ::stripe_sync::Role::Mapped,
                    cell: ::core::option::Option::Some(__F3.cell()),
                    nullable: __F3.nullable(),
                    zulu: __F3.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: 7u16,
                    map: &__F3,
                },
            ],
            declared: __p::Declared {
                parent: ::core::option::Option::Some(__p::ParentColumn {
                    column: 1usize,
                    object: "price",
                }),
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
                    step: __p::Step::key("up_to"),
                    slots: &[(7u16, __p::Mode::Scalar)],
                    map: false,
                    children: &[],
                },
            ],
            slots: 8usize,
            filters: &[],
            expand: &[],
            unversioned: true,
            fingerprint: 9662979133124608590u64,
            sql: __p::Sql {
                sqlite: ::core::option::Option::Some(__p::Statements {
                    ask: __p::Text {
                        head: "SELECT \"position\", NULL, 0, 0 FROM {table} WHERE \"livemode\" = ? AND \"price\" = ? AND \"position\" IN (",
                        row: "?",
                        tail: ")",
                    },
                    lock: __p::Text {
                        head: "SELECT \"position\", NULL, 0, 0 FROM {table} WHERE \"livemode\" = ? AND \"price\" = ? AND \"position\" IN (",
                        row: "?",
                        tail: ")",
                    },
                    compare: __p::Text {
                        head: "",
                        row: "",
                        tail: "",
                    },
                    upsert: __p::Text {
                        head: "INSERT INTO {table} (\"livemode\", \"price\", \"position\", \"up_to\") VALUES ",
                        row: "(?, ?, ?, ?)",
                        tail: " ON CONFLICT (\"livemode\", \"price\", \"position\") DO UPDATE SET \"up_to\" = excluded.\"up_to\"",
                    },
                    insert: __p::Text {
                        head: "INSERT INTO {table} (\"livemode\", \"price\", \"position\", \"up_to\") VALUES ",
                        row: "(?, ?, ?, ?)",
                        tail: " ON CONFLICT (\"livemode\", \"price\", \"position\") DO NOTHING",
                    },
                    update: __p::Text {
                        head: "",
                        row: "",
                        tail: "",
                    },
                    raise: __p::Text {
                        head: "",
                        row: "",
                        tail: "",
                    },
                    mark: __p::Text {
                        head: "",
                        row: "",
                        tail: "",
                    },
                    remove: __p::Text {
                        head: "DELETE FROM {table} WHERE \"livemode\" = ? AND \"price\" = ? AND \"position\" IN (",
                        row: "?",
                        tail: ")",
                    },
                }),
                postgres: ::core::option::Option::Some(__p::Statements {
                    ask: __p::Text {
                        head: "SELECT \"position\"::text, NULL::bigint, 0::bigint, false FROM {table} WHERE \"livemode\" = $1 AND \"price\" = $2 AND \"position\" = ANY($3)",
                        row: "",
                        tail: "",
                    },
                    lock: __p::Text {
                        head: "SELECT \"position\"::text, NULL::bigint, 0::bigint, false FROM {table} WHERE \"livemode\" = $1 AND \"price\" = $2 AND \"position\" = ANY($3) ORDER BY \"position\" FOR NO KEY UPDATE",
                        row: "",
                        tail: "",
                    },
                    compare: __p::Text {
                        head: "",
                        row: "",
                        tail: "",
                    },
                    upsert: __p::Text {
                        head: "INSERT INTO {table} AS t (\"livemode\", \"price\", \"position\", \"up_to\") SELECT UNNEST($1), UNNEST($2), UNNEST($3), UNNEST($4) ON CONFLICT (\"livemode\", \"price\", \"position\") DO UPDATE SET \"up_to\" = excluded.\"up_to\" RETURNING \"position\"::text, xmax = 0",
                        row: "",
                        tail: "",
                    },
                    insert: __p::Text {
                        head: "INSERT INTO {table} AS t (\"livemode\", \"price\", \"position\", \"up_to\") SELECT UNNEST($1), UNNEST($2), UNNEST($3), UNNEST($4) ON CONFLICT (\"livemode\", \"price\", \"position\") DO NOTHING",
                        row: "",
                        tail: "",
                    },
                    update: __p::Text {
                        head: "",
                        row: "",
                        tail: "",
                    },
                    raise: __p::Text {
                        head: "",
                        row: "",
                        tail: "",
                    },
                    mark: __p::Text {
                        head: "",
                        row: "",
                        tail: "",
                    },
                    remove: __p::Text {
                        head: "DELETE FROM {table} WHERE \"livemode\" = $1 AND \"price\" = $2 AND \"position\" = ANY($3)",
                        row: "",
                        tail: "",
                    },
                }),
                mysql: ::core::option::Option::Some(__p::Statements {
                    ask: __p::Text {
                        head: "SELECT `position`, NULL, 0, FALSE FROM {table} WHERE `livemode` = ? AND `price` = ? AND `position` IN (",
                        row: "?",
                        tail: ")",
                    },
                    lock: __p::Text {
                        head: "SELECT `position`, NULL, 0, FALSE FROM {table} WHERE `livemode` = ? AND `price` = ? AND `position` IN (",
                        row: "?",
                        tail: ") ORDER BY `position` FOR UPDATE",
                    },
                    compare: __p::Text {
                        head: "",
                        row: "",
                        tail: "",
                    },
                    upsert: __p::Text {
                        head: "INSERT INTO {table} (`livemode`, `price`, `position`, `up_to`) VALUES ",
                        row: "(?, ?, ?, ?)",
                        tail: " ON DUPLICATE KEY UPDATE `up_to` = VALUES(`up_to`)",
                    },
                    insert: __p::Text {
                        head: "INSERT INTO {table} (`livemode`, `price`, `position`, `up_to`) VALUES ",
                        row: "(?, ?, ?, ?)",
                        tail: "",
                    },
                    update: __p::Text {
                        head: "UPDATE {table} SET `up_to` = ? WHERE `livemode` = ? AND `price` = ? AND `position` = ?",
                        row: "",
                        tail: "",
                    },
                    raise: __p::Text {
                        head: "",
                        row: "",
                        tail: "",
                    },
                    mark: __p::Text {
                        head: "",
                        row: "",
                        tail: "",
                    },
                    remove: __p::Text {
                        head: "DELETE FROM {table} WHERE `livemode` = ? AND `price` = ? AND `position` IN (",
                        row: "?",
                        tail: ")",
                    },
                }),
            },
            on_delete: ::stripe_sync::OnDelete::Hard,
            map_hooks: ::core::option::Option::None,
            sync: ::core::option::Option::None,
            after_commit: ::core::option::Option::None,
        },
    };
    #[automatically_derived]
    impl ::stripe_sync::StripeSync for PriceTier {
        const MODEL: &'static ::stripe_sync::Model = &__MODEL;
        fn from_stripe(
            __object: &::stripe_sync::StripeObject,
            __context: &::stripe_sync::Context,
        ) -> ::core::result::Result<Self, ::stripe_sync::MapError> {
            let __slots = __p::Slots::read(&__MODEL, __object, __context)?;
            ::core::result::Result::Ok(Self {
                livemode: __slots.field(0usize, __F0)?,
                price: __slots.field(1usize, __F1)?,
                position: __slots.field(2usize, __F2)?,
                up_to: __slots.field(3usize, __F3)?,
            })
        }
        fn into_cells(self) -> ::std::vec::Vec<::stripe_sync::Cell<'static>> {
            ::std::vec![
                __F0.write(self.livemode), __F1.write(self.price), __F2.write(self
                .position), __F3.write(self.up_to)
            ]
        }
    }
};
