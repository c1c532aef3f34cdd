#![doc = include_str!("../README.md")]

mod groups;
#[cfg(feature = "billing")]
mod questions;
pub mod views;

pub use groups::all;
#[cfg(feature = "billing")]
pub use questions::entitled_features;

macro_rules! groups {
    ($($feature:literal $group:ident;)*) => {
        $(
            #[cfg(feature = $feature)]
            pub use groups::$group;
            #[cfg(feature = $feature)]
            #[doc(no_inline)]
            pub use groups::$group::*;
        )*
    };
}

groups! {
    "billing" billing;
    "climate" climate;
    "connect" connect;
    "developers" developers;
    "financial_connections" financial_connections;
    "identity" identity;
    "issuing" issuing;
    "payments" payments;
    "radar" radar;
    "reporting" reporting;
    "tax" tax;
    "terminal" terminal;
    "treasury" treasury;
}
