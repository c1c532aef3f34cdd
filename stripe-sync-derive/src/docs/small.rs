// What the derive makes of:
//
//     #[stripe(object = "customer", table = "customers")]
//     struct Customer {
//         id: String,
//         email: Option<String>,
//         created: DateTime<Utc>,
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
    const __F2: __p::Field<DateTime<Utc>> = __p::field::unix_time::<DateTime<Utc>>();
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
                __p::Column {
                    name: "created",
                    field: "created",
                    path: "created",
                    role: ::stripe_sync::Role::Mapped,
                    cell: ::core::option::Option::Some(__F2.cell()),
                    nullable: __F2.nullable(),
                    zulu: __F2.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: 6u16,
                    map: &__F2,
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
                    step: __p::Step::key("created"),
                    slots: &[(6u16, __p::Mode::Scalar)],
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
            ],
            slots: 7usize,
            filters: &[],
            expand: &[],
            unversioned: false,
            fingerprint: 568033723396153588u64,
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
                        head: "INSERT INTO {table} (\"id\", \"email\", \"created\", \"stripe_hash\", \"stripe_observed_at\") VALUES ",
                        row: "(?, ?, ?, ?, ?)",
                        tail: " ON CONFLICT (\"id\") DO UPDATE SET \"email\" = excluded.\"email\", \"created\" = excluded.\"created\", \"stripe_hash\" = excluded.\"stripe_hash\", \"stripe_observed_at\" = excluded.\"stripe_observed_at\", \"stripe_deleted_at\" = NULL WHERE {name}.\"stripe_observed_at\" <= ?",
                    },
                    insert: __p::Text {
                        head: "INSERT INTO {table} (\"id\", \"email\", \"created\", \"stripe_hash\", \"stripe_observed_at\") VALUES ",
                        row: "(?, ?, ?, ?, ?)",
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
            after_commit: ::core::option::Option::None,
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
                created: __slots.field(2usize, __F2)?,
            })
        }
        fn into_cells(self) -> ::std::vec::Vec<::stripe_sync::Cell<'static>> {
            ::std::vec![
                __F0.write(self.id), __F1.write(self.email), __F2.write(self.created)
            ]
        }
    }
};
