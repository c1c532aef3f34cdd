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

# What a member is that the types call something else.
KINDS = {
    ("terminal.reader", "last_seen_at"): ("i", "in milliseconds, as its documentation says, and the only time that is"),
}

# Objects whose "delete" leaves the object in place: no deleted events, not deletable.
DELETE_KEEPS_OBJECT = {
    "subscription": "customer.subscription.deleted and DELETE cancel it; it stays, with status canceled",
}

# The object that holds a nested list, where its collection is neither a list nor a retrieve path of the catalogue.
PARENTS = {"/v1/sources": "source"}

# Objects that no account-wide list shows and that can be read by their id alone.
RETRIEVES = {
    "source": "/v1/sources/{id}",
}

# Objects that are read below their parent: (the list that the id follows, the member that names the parent). The SDKs' methods have
# these paths; those of an object that does not name its parent are left out, since nothing would say where it is read.
READ_UNDER_PARENTS = {
    "bank_account": [("/v1/accounts/{id}/external_accounts", "account"), ("/v1/customers/{id}/sources", "customer")],
    "capability": [("/v1/accounts/{id}/capabilities", "account")],
    "card": [("/v1/accounts/{id}/external_accounts", "account"), ("/v1/customers/{id}/sources", "customer")],
    "customer_balance_transaction": [("/v1/customers/{id}/balance_transactions", "customer")],
    "customer_cash_balance_transaction": [("/v1/customers/{id}/cash_balance_transactions", "customer")],
    "fee_refund": [("/v1/application_fees/{id}/refunds", "fee")],
    "person": [("/v1/accounts/{id}/persons", "account")],
    "transfer_reversal": [("/v1/transfers/{id}/reversals", "transfer")],
}

# Events of an object that is no resource, and that tell of objects which do not name their parent and have no events:
# (the object of the event, its events, the parent whose list it sums up, the member that names the parent).
SUMMARIES = {
    "entitlements.active_entitlement": (
        "entitlements.active_entitlement_summary",
        ["entitlements.active_entitlement_summary.updated"],
        "customer",
        "customer",
    ),
}

# object: an object that is no resource, whose events tell of a change of the first one and name it in the member of its name.
MENTIONED_BY = {
    "customer": "discount",
}

# ---- filters ----
# A filter is *member* where the list shows exactly the objects whose member of that name equals the value; an object then
# says itself whether it is in the filtered list. Everything else is *list*. generate.py takes a filter for *member* where a
# scalar member of its name is there, unless it stands here, and refuses one that it cannot decide about.

# (object, filter): (members: {name: the values that it takes, or None}, the member without which a required one is refused).
# A hash is written `recurring[interval]=month`; without a member Stripe refuses it.
HASHES = {
    ("apps.secret", "scope"): ({"type": ["account", "user"], "user": None}, "type"),
    ("checkout.session", "customer_details"): ({"email": None}, None),
    ("financial_connections.account", "account_holder"): ({"account": None, "customer": None, "customer_account": None}, None),
    ("financial_connections.transaction", "transaction_refresh"): ({"after": None}, None),
    ("invoice_payment", "payment"): (
        {"payment_intent": None, "payment_record": None, "type": ["payment_intent", "payment_record"]},
        None,
    ),
    ("issuing.personalization_design", "preferences"): ({"is_default": None, "is_platform_default": None}, None),
    ("person", "relationship"): (
        dict.fromkeys(["authorizer", "director", "executive", "legal_guardian", "owner", "representative"]),
        None,
    ),
    ("price", "recurring"): (
        {"interval": ["day", "month", "week", "year"], "meter": None, "usage_type": ["licensed", "metered"]},
        None,
    ),
    ("subscription", "automatic_tax"): ({"enabled": None}, None),
    ("tax_id", "owner"): (
        {"account": None, "customer": None, "customer_account": None, "type": ["account", "application", "customer", "self"]},
        None,
    ),
    ("treasury.received_credit", "linked_flows"): (
        {"source_flow_type": ["credit_reversal", "other", "outbound_payment", "outbound_transfer", "payout"]},
        None,
    ),
    ("treasury.transaction", "status_transitions"): ({"posted_at": None}, None),
}

# Filters that also take gt, gte, lt and lte, as `created` does.
RANGES = {
    ("financial_connections.transaction", "transacted_at"),
    ("invoice", "due_date"),
    ("payout", "arrival_date"),
    ("subscription", "current_period_end"),
    ("subscription", "current_period_start"),
    ("subscription_schedule", "canceled_at"),
    ("subscription_schedule", "completed_at"),
    ("subscription_schedule", "released_at"),
    ("topup", "amount"),
    ("treasury.transaction", "status_transitions.posted_at"),
    ("treasury.transaction_entry", "effective_at"),
}

# Filters that take several values, written `ids[]=a&ids[]=b`.
ARRAYS = {
    ("event", "types"),
    ("issuing.personalization_design", "lookup_keys"),
    ("price", "lookup_keys"),
    ("product", "ids"),
    ("product_catalog.trial_offer", "prices"),
}

# Lists that compute an answer from their parameters instead of showing what is stored: none of them filters.
QUESTIONS = {"/v1/credit_notes/preview/lines", "/v1/billing/meters/{id}/event_summaries"}

# Filters about which only the list decides.
LIST_FILTERS = {
    ("balance_transaction", "payout"): "the object does not name its payout",
    ("balance_transaction", "source"): "it also shows what is associated with the object that it names",
    ("billing.alert", "meter"): "the meter is a member of the alert's threshold",
    ("billing.credit_balance_transaction", "customer"): "the object names its grant alone",
    ("billing.credit_balance_transaction", "customer_account"): "the object names its grant alone",
    ("entitlements.active_entitlement", "customer"): "the object does not name its customer",
    ("entitlements.feature", "archived"): "it is no member; `active` says the opposite",
    ("event", "delivery_success"): "it is no member",
    ("event", "type"): "`charge.*` names several types",
    ("event", "types"): "several values",
    ("financial_connections.account", "session"): "it is no member",
    ("financial_connections.transaction", "transaction_refresh.after"): "it means all refreshes after one",
    ("identity.verification_report", "verification_session"): "it also takes the id of what led to the session",
    ("invoice", "subscription"): "the object names the subscription only in what its parent is",
    ("invoiceitem", "pending"): "it is no member: an item that is on no invoice is pending",
    ("issuing.cardholder", "email"): "whether letters' case matters is not documented",
    ("issuing.cardholder", "phone_number"): "a number can be written in several ways",
    ("issuing.personalization_design", "lookup_keys"): "several values",
    ("issuing.personalization_design", "preferences.is_platform_default"): "null may count as false",
    ("payment_method", "allow_redisplay"): "an object that does not send it may count as unspecified",
    ("payment_record", "created_after"): "a bound, and no value",
    ("payment_record", "created_before"): "a bound, and no value",
    ("person", "relationship.authorizer"): "null may count as false",
    ("person", "relationship.director"): "null may count as false",
    ("person", "relationship.executive"): "null may count as false",
    ("person", "relationship.legal_guardian"): "null may count as false",
    ("person", "relationship.owner"): "null may count as false",
    ("person", "relationship.representative"): "null may count as false",
    ("price", "lookup_keys"): "several values",
    ("product", "ids"): "several values",
    ("product", "shippable"): "null may count as false",
    ("product_catalog.trial_offer", "prices"): "several values",
    ("promotion_code", "code"): "letters' case does not matter to it",
    ("promotion_code", "coupon"): "the object names the coupon only in what it promotes",
    ("radar.value_list", "contains"): "it asks about the items of the value list",
    ("radar.value_list_item", "value"): "it is compared with `is like`",
    ("setup_intent", "attach_to_self"): "an object that does not send it may count as false",
    ("shipping_rate", "currency"): "a rate has several currencies",
    ("subscription", "current_period_end"): "a subscription's items have it, each its own",
    ("subscription", "current_period_start"): "a subscription's items have it, each its own",
    ("subscription", "plan"): "a subscription's items have it, each its own",
    ("subscription", "price"): "a subscription's items have it, each its own",
    ("subscription_schedule", "scheduled"): "it is no member: a schedule that has not begun is scheduled",
    ("terminal.configuration", "is_account_default"): "null may count as false",
    ("treasury.debit_reversal", "resolution"): "it is no member",
    ("treasury.debit_reversal", "status"): "its values are not those of the member",
    ("treasury.transaction", "order_by"): "an order, and no filter",
    ("treasury.transaction", "status_transitions.posted_at"): "a hash within which only a range is documented",
    ("treasury.transaction_entry", "order_by"): "an order, and no filter",
}

# (object, filter): (values that filter nothing, reason)
ALL_VALUES = {
    ("subscription", "status"): (["all"], "every status"),
    ("tax.registration", "status"): (["all"], "every status"),
}

# (object, filter): (values that mean something else than equality, reason)
LIST_VALUES = {
    ("payout", "status"): (["in_transit", "pending"], "the list documents four of the five; which shows the fifth is not said"),
    ("subscription", "status"): (["ended"], "canceled and incomplete_expired"),
}
