mod policy;
pub(super) mod server;
mod trace;
mod wire;
