//! Calls that are about more than a method.

mod found;
mod lists;
mod objects;
mod refusals;
mod webhooks;
mod writes;

use stripe_sync::testing::FakeStripe;

use crate::call::{Call, Form};
use crate::plan::methods;

/// What only reads, and what changes objects and so comes last.
pub(crate) fn calls(fake: &FakeStripe) -> (Vec<Call>, Vec<Call>) {
    let mut writes = writes::calls(fake);
    writes.extend(webhooks::calls(fake));
    let mut reads = objects::calls(fake);
    reads.extend(lists::calls(fake));
    reads.extend(found::calls(fake));
    reads.extend(refusals::calls(fake));
    (reads, writes)
}

/// A call of a method: `call("GET /v1/customers", "by e-mail", Form::List)`.
fn call(endpoint: &str, what: &str, form: Form) -> Call {
    let method = methods()
        .into_iter()
        .find(|method| endpoint == format!("{} {}", method.http, method.path))
        .unwrap_or_else(|| panic!("no method for {endpoint}"));
    Call::new(
        format!("{endpoint}: {what}"),
        method.python,
        method.node,
        form,
    )
}
