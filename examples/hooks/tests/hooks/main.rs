//! Each hook does what it is documented to do, and an error in each fails its object and nothing else.

mod children;
mod customers;
mod errors;
mod order;
mod related;
mod stage;
mod traced;
