// What the derive makes of:
//
//     /// What was billed.
//     ///
//     /// More than one paragraph.
//     #[stripe(object = "invoice", table = "invoices", index(customer, total), unique(number))]
//     struct Invoice {
//         id: String,
//         #[stripe(references = Customer)]
//         customer: Option<String>,
//         /// The number that the customer sees.
//         number: Option<String>,
//         #[stripe(index)]
//         total: i64,
//         #[stripe(with(currency, total) = money)]
//         money: String,
//         discounts: Vec<String>,
//     }

const _: () = {
    use ::stripe_sync::__private_0_1_0 as __p;
    const __F0: __p::Field<String> = __p::field::text::<String>();
    const _: () = ::core::assert!(
        ! __F0.nullable(), "a column of the key cannot be null: take the `Option` away"
    );
    const __F1: __p::Field<Option<String>> = __p::field::reference_or_null::<
        Option<String>,
    >();
    const __F2: __p::Field<Option<String>> = __p::field::text_or_null::<
        Option<String>,
    >();
    const __F3: __p::Field<i64> = __p::field::integer::<i64>();
    const __F4: __p::Field<String> = __p::field::with::<
        String,
    >(|__slot| {
        #[allow(unused_imports)]
        use __p::field::UnreadableMembers as _;
        let [__m0, __m1] = __p::field::members(__slot);
        __p::field::with_members::<String, _, _>(money, (__m0, __m1)).read()
    });
    const __F5: __p::Field<Vec<String>> = __p::field::json::<Vec<String>>();
    const _: () = __p::mirrors(
        <Customer as ::stripe_sync::StripeSync>::MODEL,
        &["customer"],
        "the column `customer` holds `customer` of `invoice`, the id of a `customer`, and `Customer` mirrors ",
    );
    const _: () = ::core::assert!(
        ::core::matches!(__F1.cell(), ::stripe_sync::CellType::Text),
        "a reference is the id of one object, kept as text: use `String`, or an `Option` of it"
    );
    static __MODEL: ::stripe_sync::Model = ::stripe_sync::Model {
        parts: __p::Parts {
            name: "Invoice",
            object: "invoice",
            schema: ::core::option::Option::None,
            namespace: ::core::option::Option::None,
            table: "invoices",
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
                    name: "number",
                    field: "number",
                    path: "number",
                    role: ::stripe_sync::Role::Mapped,
                    cell: ::core::option::Option::Some(__F2.cell()),
                    nullable: __F2.nullable(),
                    zulu: __F2.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: 6u16,
                    map: &__F2,
                },
                __p::Column {
                    name: "total",
                    field: "total",
                    path: "total",
                    role: ::stripe_sync::Role::Mapped,
                    cell: ::core::option::Option::Some(__F3.cell()),
                    nullable: __F3.nullable(),
                    zulu: __F3.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: 7u16,
                    map: &__F3,
                },
                __p::Column {
                    name: "money",
                    field: "money",
                    path: "currency, total",
                    role: ::stripe_sync::Role::Mapped,
                    cell: ::core::option::Option::Some(__F4.cell()),
                    nullable: __F4.nullable(),
                    zulu: __F4.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: 10u16,
                    map: &__F4,
                },
                __p::Column {
                    name: "discounts",
                    field: "discounts",
                    path: "discounts",
                    role: ::stripe_sync::Role::Mapped,
                    cell: ::core::option::Option::Some(__F5.cell()),
                    nullable: __F5.nullable(),
                    zulu: __F5.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: 11u16,
                    map: &__F5,
                },
            ],
            declared: __p::Declared {
                references: &[
                    __p::Reference {
                        column: 1usize,
                        model: || <Customer as ::stripe_sync::StripeSync>::MODEL,
                    },
                ],
                indexes: &[
                    __p::Index {
                        columns: &[1usize],
                        unique: false,
                    },
                    __p::Index {
                        columns: &[3usize],
                        unique: false,
                    },
                    __p::Index {
                        columns: &[1usize, 3usize],
                        unique: false,
                    },
                    __p::Index {
                        columns: &[2usize],
                        unique: true,
                    },
                ],
                comment: ::core::option::Option::Some("What was billed."),
                comments: &[(2usize, "The number that the customer sees.")],
                members: &[(10u16, &[8u16, 9u16])],
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
                    step: __p::Step::key("currency"),
                    slots: &[(8u16, __p::Mode::Raw)],
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
                    step: __p::Step::key("discounts"),
                    slots: &[(11u16, __p::Mode::Raw)],
                    map: false,
                    children: &[],
                },
                __p::Node {
                    step: __p::Step::key("number"),
                    slots: &[(6u16, __p::Mode::Scalar)],
                    map: false,
                    children: &[],
                },
                __p::Node {
                    step: __p::Step::key("total"),
                    slots: &[(7u16, __p::Mode::Scalar), (9u16, __p::Mode::Raw)],
                    map: false,
                    children: &[],
                },
            ],
            slots: 12usize,
            filters: &[],
            expand: &[],
            unversioned: false,
            fingerprint: 10303106031517714295u64,
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
                        head: "INSERT INTO {table} (\"id\", \"customer\", \"number\", \"total\", \"money\", \"discounts\", \"stripe_hash\", \"stripe_observed_at\") VALUES ",
                        row: "(?, ?, ?, ?, ?, ?, ?, ?)",
                        tail: " ON CONFLICT (\"id\") DO UPDATE SET \"customer\" = excluded.\"customer\", \"number\" = excluded.\"number\", \"total\" = excluded.\"total\", \"money\" = excluded.\"money\", \"discounts\" = excluded.\"discounts\", \"stripe_hash\" = excluded.\"stripe_hash\", \"stripe_observed_at\" = excluded.\"stripe_observed_at\", \"stripe_deleted_at\" = NULL WHERE {name}.\"stripe_observed_at\" <= ?",
                    },
                    insert: __p::Text {
                        head: "INSERT INTO {table} (\"id\", \"customer\", \"number\", \"total\", \"money\", \"discounts\", \"stripe_hash\", \"stripe_observed_at\") VALUES ",
                        row: "(?, ?, ?, ?, ?, ?, ?, ?)",
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
    impl ::stripe_sync::StripeSync for Invoice {
        const MODEL: &'static ::stripe_sync::Model = &__MODEL;
        fn from_stripe(
            __object: &::stripe_sync::StripeObject,
            __context: &::stripe_sync::Context,
        ) -> ::core::result::Result<Self, ::stripe_sync::MapError> {
            let __slots = __p::Slots::read(&__MODEL, __object, __context)?;
            ::core::result::Result::Ok(Self {
                id: __slots.field(0usize, __F0)?,
                customer: __slots.field(1usize, __F1)?,
                number: __slots.field(2usize, __F2)?,
                total: __slots.field(3usize, __F3)?,
                money: __slots.field(4usize, __F4)?,
                discounts: __slots.field(5usize, __F5)?,
            })
        }
        fn into_cells(self) -> ::std::vec::Vec<::stripe_sync::Cell<'static>> {
            ::std::vec![
                __F0.write(self.id), __F1.write(self.customer), __F2.write(self.number),
                __F3.write(self.total), __F4.write(self.money), __F5.write(self
                .discounts)
            ]
        }
    }
};
