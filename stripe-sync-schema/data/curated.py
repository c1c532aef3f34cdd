"""Decisions that Stripe's types do not carry, each with its reason. Kept by hand; read by generate.py.

A recipe is one of
    ("query", {param: value, ...})                 the account's list with these parameters
    ("clock", param, {...})                        once for each test clock, its id in `param`
    ("clock_customer", param, {...})               once for each customer of each test clock, its id in `param`
    ("parent", object, path, param or None, {...}) once for each object of `object`: its id in `path` ("{id}") or in `param`
"""

PLAIN = ("query", {})

# object: (recipes, reason). Every list whose documentation speaks of a default filter stands here, and every list
# that demands a filter which is not simply the id of an object that can itself be listed.
RECIPES = {
    "account": (
        [PLAIN],
        "connected accounts; the platform's own is GET /v1/account, which is no list. Accounts that are the "
        "payment source of a customer are connected accounts too, so /v1/customers/{id}/sources adds nothing",
    ),
    "apps.secret": ([], "`scope` is required and a user's scope needs the user's id, which nothing lists"),
    "balance_transaction": ([PLAIN], "`type` unset is no filter"),
    "bank_account": (
        [
            ("parent", "account", "/v1/accounts/{id}/external_accounts", None, {"object": "bank_account"}),
            ("parent", "customer", "/v1/customers/{id}/sources", None, {"object": "bank_account"}),
        ],
        "both lists mix types; `object` leaves the rest out",
    ),
    "billing.meter_event_summary": ([], "customer, start_time and end_time are required: a question, not a set of rows"),
    "card": (
        [
            ("parent", "account", "/v1/accounts/{id}/external_accounts", None, {"object": "card"}),
            ("parent", "customer", "/v1/customers/{id}/sources", None, {"object": "card"}),
        ],
        "both lists mix types; `object` leaves the rest out",
    ),
    "checkout.session": ([PLAIN], "`status` unset shows open, complete and expired ones"),
    "credit_note_line_item": (
        [("parent", "credit_note", "/v1/credit_notes/{id}/lines", None, {})],
        "the top list computes a preview; the stored rows are in the nested list",
    ),
    "customer": (
        [PLAIN, ("clock", "test_clock", {})],
        "customers with a test clock are shown only when test_clock=<id> is given",
    ),
    "event": ([PLAIN], "the last 30 days; nothing shows older ones"),
    "file": ([PLAIN], "`purpose` unset is no filter"),
    "financial_connections.account_owner": ([], "`ownership` is required and nothing lists ownerships"),
    "invoice": ([PLAIN], "every status, drafts too; no parameter hides those of test clocks; previews have no id"),
    "invoiceitem": ([PLAIN], "`pending` unset shows all; no parameter hides those of test clocks"),
    "issuing.transaction": ([PLAIN], "test and live mode are apart by the key, not by a filter"),
    "payment_method": (
        [PLAIN, ("query", {"type": "custom"})],
        "unfiltered: every type except `custom`. Detached ones are in no list",
    ),
    "price": (
        [("query", {"active": "true"}), ("query", {"active": "false"})],
        "the list shows active prices unless active=false. Inline prices are in no list",
    ),
    "product": ([PLAIN], "`active` unset is no filter"),
    "promotion_code": ([PLAIN], "`active` unset is no filter"),
    "quote": (
        [PLAIN, ("clock", "test_clock", {})],
        "quotes of customers with a test clock are shown only when test_clock=<id> is given",
    ),
    "reporting.report_run": ([PLAIN], "the note speaks of events, not of the list"),
    "setup_intent": ([PLAIN], "`attach_to_self` unset is no filter"),
    "shipping_rate": ([PLAIN], "`active` unset is no filter"),
    "source": (
        [("parent", "customer", "/v1/customers/{id}/sources", None, {})],
        "mixed list; the documented values of its `object` filter leave `source` out, so it is read whole",
    ),
    "subscription": (
        [("query", {"status": "all"}), ("clock", "test_clock", {"status": "all"})],
        "canceled ones are hidden unless status=all, those on a test clock unless test_clock=<id> is given",
    ),
    "subscription_schedule": (
        [PLAIN, ("clock_customer", "customer", {})],
        "schedules of customers with a test clock are shown only when customer=<id> is given",
    ),
    "tax.location": ([("query", {"type": "performance"})], "`type` is required and has one value"),
    "tax.registration": ([("query", {"status": "all"})], "`status` has a value for all; the default is not documented"),
    "tax_id": (
        [PLAIN, ("parent", "customer", "/v1/customers/{id}/tax_ids", None, {})],
        "owner[type]=self is the default; the customers' are in their nested lists",
    ),
    "tax_rate": ([PLAIN], "`active` unset is no filter"),
    "tax.calculation_line_item": ([], "nothing lists tax calculations"),
    "tax.transaction_line_item": ([], "nothing lists tax transactions"),
}

# Ids in the documentation's examples that are longer than the prefix.
ID_PREFIXES = {
    "climate.product": ("climsku", "the example is climsku_frontier_offtake_portfolio"),
    "climate.supplier": ("climsup", "the example is climsup_charm"),
}

# Objects whose "delete" leaves the object in place: no deleted events, not deletable.
DELETE_KEEPS_OBJECT = {
    "subscription": "customer.subscription.deleted and DELETE cancel it; it stays, with status canceled",
}

# The object that holds a nested list, where its collection is neither a list nor a retrieve path of the catalogue.
PARENTS = {"/v1/sources": "source"}
