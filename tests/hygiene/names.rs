//! The expansion works where every common name means something else, and where the runtime has another name.
#![allow(
    dead_code,
    missing_docs,
    unused_macros,
    unused_imports,
    non_camel_case_types,
    unreachable_pub,
    non_snake_case
)]

/// Every name that generated code could be tempted to use without its path.
#[no_implicit_prelude]
mod shadowed {
    pub mod std {}
    pub mod core {}
    pub mod stripe_sync {}
    pub mod __p {}
    pub struct Option;
    pub struct Result;
    pub struct Vec;
    pub struct String;
    pub struct Box;
    pub struct Default;
    pub struct Model;
    pub struct Children;
    pub struct Held;
    pub struct Field;
    pub struct Column;
    pub struct Cell;
    pub struct Context;
    pub struct StripeObject;
    pub trait StripeSync {}
    pub trait Into {}
    pub trait From {}
    pub trait IntoIterator {}
    pub type u64 = ();
    pub type u16 = ();
    pub type usize = ();
    pub type bool = ();
    pub type str = ();
    pub fn Some() {}
    pub fn None() {}
    pub fn Ok() {}
    pub fn Err() {}
    pub const F0: () = ();
    pub const MODEL: () = ();
    macro_rules! vec {
        ($($anything:tt)*) => {
            ::std::compile_error!("shadowed")
        };
    }
    macro_rules! assert {
        ($($anything:tt)*) => {
            ::std::compile_error!("shadowed")
        };
    }
    macro_rules! matches {
        ($($anything:tt)*) => {
            ::std::compile_error!("shadowed")
        };
    }

    /// A comment.
    #[derive(::stripe_sync::StripeSync)]
    #[stripe(
        object = "invoice",
        table = "invoices",
        index(customer, total),
        unique(number)
    )]
    pub struct Invoice {
        id: ::std::string::String,
        #[stripe(references = Customer)]
        customer: ::core::option::Option<::std::string::String>,
        number: ::core::option::Option<::std::string::String>,
        #[stripe(index)]
        total: i64,
        #[stripe(with(currency, total) = money)]
        money: i64,
        discounts: ::std::vec::Vec<::std::string::String>,
        #[stripe(children)]
        lines: ::std::vec::Vec<Line>,
    }

    #[derive(::stripe_sync::StripeSync)]
    #[stripe(object = "line_item", table = "lines")]
    pub struct Line {
        id: ::std::string::String,
        #[stripe(parent, references = Invoice)]
        invoice: ::std::string::String,
    }

    #[derive(::stripe_sync::StripeSync)]
    #[stripe(object = "invoice.total_taxes", table = "taxes")]
    pub struct Tax {
        #[stripe(parent)]
        invoice: ::std::string::String,
        #[stripe(position)]
        position: u32,
    }

    fn money(
        _: &::stripe_sync::Slot<'_>,
        _: &::stripe_sync::Slot<'_>,
    ) -> ::core::result::Result<i64, ::stripe_sync::ValueError> {
        ::core::result::Result::Ok(0)
    }

    #[derive(::stripe_sync::StripeSync)]
    #[stripe(
        object = "customer",
        table = "customers",
        filter(email = "a@b.c"),
        pre_set_default = object,
        set_default = slots,
        post_set_default = context,
        after_commit = change
    )]
    pub struct Customer {
        id: ::std::string::String,
        #[stripe(default = DEFAULT)]
        email: ::core::option::Option<::std::string::String>,
        #[stripe(default)]
        name: ::std::string::String,
        #[stripe(with = slot)]
        phone: ::core::option::Option<::std::string::String>,
        #[stripe(raw)]
        whole: ::stripe_sync::Json<::serde_json::Value>,
        #[stripe(synced_at)]
        seen: ::core::option::Option<::chrono::DateTime<::chrono::Utc>>,
        #[stripe(deleted_at)]
        gone: ::core::option::Option<::chrono::DateTime<::chrono::Utc>>,
        #[stripe(local)]
        notes: ::core::option::Option<::std::string::String>,
        #[stripe(children, expand)]
        tax_ids: ::std::vec::Vec<TaxId>,
    }

    #[derive(::stripe_sync::StripeSync)]
    #[stripe(object = "tax_id", table = "tax_ids")]
    pub struct TaxId {
        id: ::std::string::String,
        #[stripe(parent)]
        customer: ::core::option::Option<::std::string::String>,
    }

    const DEFAULT: ::core::option::Option<::std::string::String> = ::core::option::Option::None;

    type Failed = ::stripe_sync::HookError;

    // The names of the functions are those of the macro's own variables.
    fn object(_: &mut ::stripe_sync::StripeObject, _: &::stripe_sync::Context) {}

    async fn slots(
        object: &::stripe_sync::StripeObject,
        context: &::stripe_sync::Context,
    ) -> ::core::result::Result<Customer, ::stripe_sync::MapError> {
        <Customer as ::stripe_sync::StripeSync>::from_stripe(object, context)
    }

    async fn context(_: &mut Customer, _: &::stripe_sync::Context) {}

    fn change(
        _: ::stripe_sync::Change<Customer>,
        _: &::stripe_sync::Context,
    ) -> ::core::result::Result<(), Failed> {
        ::core::result::Result::Ok(())
    }

    fn slot(
        slot: &::stripe_sync::Slot<'_>,
    ) -> ::core::result::Result<
        ::core::option::Option<::std::string::String>,
        ::stripe_sync::ValueError,
    > {
        slot.deserialize()
    }
}

/// The runtime under another name, as a path and as text.
mod renamed {
    pub mod vendor {
        pub use stripe_sync as mirror;
    }

    #[derive(vendor::mirror::StripeSync)]
    #[stripe(object = "customer", table = "customers", crate = vendor::mirror)]
    pub struct ByPath {
        id: String,
        r#object: String,
    }

    #[derive(vendor::mirror::StripeSync)]
    #[stripe(
        object = "customer",
        table = "customers",
        crate = "self::vendor::mirror"
    )]
    pub struct ByText {
        id: String,
    }
}

/// A struct inside a function, of types that only the function knows.
#[test]
fn a_struct_in_a_function() {
    use stripe_sync::StripeSync;
    type Text = String;

    #[derive(StripeSync)]
    #[stripe(object = "customer", table = "customers")]
    struct Customer {
        id: Text,
    }

    assert_eq!(Customer::MODEL.name(), "Customer");
    assert_eq!(<shadowed::Customer as StripeSync>::MODEL.columns().len(), 8);
    assert_eq!(
        <renamed::ByPath as StripeSync>::MODEL.columns()[1].name,
        "object"
    );
    assert_eq!(<renamed::ByText as StripeSync>::MODEL.object(), "customer");
}
