//! The derive macro of `stripe-sync`.
