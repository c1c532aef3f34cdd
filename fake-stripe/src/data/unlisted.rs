//! What the catalogue, which is about lists, has not: objects that are only retrieved, and a list that only older libraries ask.

use std::sync::LazyLock;

use stripe_sync_schema::catalogue::{self, DeletedForm, List, Resource};

/// The object name, the prefix of its ids, the path of one, and whether it has `created` and `metadata`. What has no path is only
/// sent to a request that expands it.
type Row = (&'static str, &'static str, Option<&'static str>, bool, bool);

const ROWS: [Row; 7] = [
    (
        "confirmation_token",
        "ctoken",
        Some("/v1/confirmation_tokens/{id}"),
        true,
        false,
    ),
    ("discount", "di", None, false, false),
    (
        "financial_connections.session",
        "fcsess",
        Some("/v1/financial_connections/sessions/{id}"),
        false,
        false,
    ),
    (
        "mandate",
        "mandate",
        Some("/v1/mandates/{id}"),
        false,
        false,
    ),
    (
        "tax.calculation",
        "taxcalc",
        Some("/v1/tax/calculations/{id}"),
        false,
        false,
    ),
    (
        "tax.transaction",
        "tax",
        Some("/v1/tax/transactions/{id}"),
        true,
        true,
    ),
    ("token", "tok", Some("/v1/tokens/{id}"), true, false),
];

static RESOURCES: LazyLock<Vec<Resource>> =
    LazyLock::new(|| ROWS.iter().filter_map(resource).collect());

/// Objects of Stripe's API that no list shows.
pub(crate) fn resources() -> &'static [Resource] {
    &RESOURCES
}

fn resource((object, prefix, path, created, metadata): &Row) -> Option<Resource> {
    // A resource cannot be written down here; the one with the least in it is emptied.
    let mut resource = catalogue::resource("reporting.report_type")?.clone();
    resource.object = object;
    resource.id_prefix = Some(prefix);
    resource.list = None;
    resource.retrieve = *path;
    resource.deleted = DeletedForm::Missing;
    resource.created = created.then_some("created");
    resource.livemode = path.is_some();
    resource.metadata = *metadata;
    resource.events.clear();
    resource.recipes.clear();
    Some(resource)
}

/// `/v1/charges/{id}/refunds`: the refunds of one charge, as libraries asked for them before they had `/v1/refunds?charge=`.
pub(crate) fn charge_refunds() -> Option<&'static List> {
    static LIST: LazyLock<Option<List>> = LazyLock::new(|| {
        let mut list = catalogue::resource("refund")?.list.clone()?;
        list.path = "/v1/charges/{id}/refunds";
        list.parent = Some("charge");
        list.filters.clear();
        Some(list)
    });
    LIST.as_ref()
}
