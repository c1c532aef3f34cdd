// What the derive makes of:
//
//     #[stripe(
//         object = "product",
//         table = "products",
//         database = mysql,
//         crate = mirror,
//         pre_set_default = clean,
//         set_default = make,
//         post_set_default = complete,
//         sync = write,
//         after_commit = changed
//     )]
//     struct Product {
//         id: String,
//     }

const _: () = {
    use mirror::__private_0_1_0 as __p;
    const __F0: __p::Field<String> = __p::field::text::<String>();
    const _: () = ::core::assert!(
        ! __F0.nullable(), "a column of the key cannot be null: take the `Option` away"
    );
    static __MODEL: mirror::Model = mirror::Model {
        parts: __p::Parts {
            name: "Product",
            object: "product",
            schema: ::core::option::Option::None,
            namespace: ::core::option::Option::None,
            table: "products",
            columns: &[
                __p::Column {
                    name: "id",
                    field: "id",
                    path: "id",
                    role: mirror::Role::Id,
                    cell: ::core::option::Option::Some(__F0.cell()),
                    nullable: __F0.nullable(),
                    zulu: __F0.zulu(),
                    sql_type: ::core::option::Option::None,
                    slot: __p::ID,
                    map: &__F0,
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
                    step: __p::Step::key("deleted"),
                    slots: &[(__p::DELETED, __p::Mode::Scalar)],
                    map: false,
                    children: &[],
                },
            ],
            slots: 5usize,
            filters: &[],
            expand: &[],
            unversioned: false,
            fingerprint: 3028455200605418389u64,
            sql: __p::Sql {
                sqlite: ::core::option::Option::None,
                postgres: ::core::option::Option::None,
                mysql: ::core::option::Option::Some(__p::Statements {
                    ask: __p::Text {
                        head: "SELECT `id`, `stripe_hash`, `stripe_observed_at`, `stripe_deleted_at` IS NOT NULL FROM {table} WHERE `id` IN (",
                        row: "?",
                        tail: ")",
                    },
                    lock: __p::Text {
                        head: "SELECT `id`, `stripe_hash`, `stripe_observed_at`, `stripe_deleted_at` IS NOT NULL FROM {table} WHERE `id` IN (",
                        row: "?",
                        tail: ") ORDER BY `id` FOR UPDATE",
                    },
                    compare: __p::Text {
                        head: "SELECT COUNT(*) FROM {table} WHERE `id` IN (",
                        row: "?",
                        tail: ") AND `stripe_observed_at` <= ? AND `stripe_deleted_at` IS NULL AND `stripe_hash` IN (",
                    },
                    upsert: __p::Text {
                        head: "INSERT INTO {table} (`id`, `stripe_hash`, `stripe_observed_at`) VALUES ",
                        row: "(?, ?, ?)",
                        tail: " ON DUPLICATE KEY UPDATE `stripe_hash` = VALUES(`stripe_hash`), `stripe_observed_at` = VALUES(`stripe_observed_at`), `stripe_deleted_at` = NULL",
                    },
                    insert: __p::Text {
                        head: "INSERT INTO {table} (`id`, `stripe_hash`, `stripe_observed_at`) VALUES ",
                        row: "(?, ?, ?)",
                        tail: "",
                    },
                    update: __p::Text {
                        head: "UPDATE {table} SET `stripe_hash` = ?, `stripe_observed_at` = ?, `stripe_deleted_at` = NULL WHERE `id` = ?",
                        row: "",
                        tail: "",
                    },
                    raise: __p::Text {
                        head: "UPDATE {table} SET `stripe_observed_at` = ? WHERE `id` IN (",
                        row: "?",
                        tail: ") AND `stripe_observed_at` < ?",
                    },
                    mark: __p::Text {
                        head: "UPDATE {table} SET `stripe_deleted_at` = ?, `stripe_observed_at` = ? WHERE `id` IN (",
                        row: "?",
                        tail: ")",
                    },
                    remove: __p::Text {
                        head: "DELETE FROM {table} WHERE `id` IN (",
                        row: "?",
                        tail: ")",
                    },
                }),
            },
            on_delete: mirror::OnDelete::Soft,
            map_hooks: ::core::option::Option::Some(|__object, __context| ::std::boxed::Box::pin(async move {
                #[allow(unused_imports)]
                use __p::{Pending as _, Sharing as _, Uncallable as _, Unfit as _};
                __p::hook(clean, &mut *__object, __context)
                    .call()
                    .finish("pre_set_default")
                    .await?;
                let mut __row: Product = __p::hook(make, &*__object, __context)
                    .call()
                    .finish("set_default")
                    .await?;
                __p::hook(complete, &mut __row, __context)
                    .call()
                    .finish("post_set_default")
                    .await?;
                ::core::result::Result::Ok(__p::hooked_row(__row, __object, __context)?)
            })),
            sync: ::core::option::Option::Some(
                __p::SyncHook::MySql(|__object, __cx| ::std::boxed::Box::pin(async move {
                    #[allow(unused_imports)]
                    use __p::{Pending as _, Sharing as _, Uncallable as _, Unfit as _};
                    __p::hook(write, __object, __cx).sync().finish("sync").await
                })),
            ),
            after_commit: ::core::option::Option::Some(|__cells, __context| ::std::boxed::Box::pin(async move {
                #[allow(unused_imports)]
                use __p::{Pending as _, Sharing as _, Uncallable as _, Unfit as _};
                let __change = mirror::Change::<
                    Product,
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
    impl mirror::StripeSync for Product {
        const MODEL: &'static mirror::Model = &__MODEL;
        fn from_stripe(
            __object: &mirror::StripeObject,
            __context: &mirror::Context,
        ) -> ::core::result::Result<Self, mirror::MapError> {
            let __slots = __p::Slots::read(&__MODEL, __object, __context)?;
            ::core::result::Result::Ok(Self {
                id: __slots.field(0usize, __F0)?,
            })
        }
        fn into_cells(self) -> ::std::vec::Vec<mirror::Cell<'static>> {
            ::std::vec![__F0.write(self.id)]
        }
    }
    #[automatically_derived]
    impl mirror::ReadBack for Product {
        fn from_cells(
            __cells: ::std::vec::Vec<mirror::Cell<'static>>,
        ) -> ::core::result::Result<Self, mirror::MapError> {
            let mut __cells = ::core::iter::IntoIterator::into_iter(__cells);
            ::core::result::Result::Ok(Self {
                id: __p::read_back(&__MODEL, 0usize, __F0, &mut __cells)?,
            })
        }
    }
};
