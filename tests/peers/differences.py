"""Differences that are the peers' own: each with the place in the peer's source that makes it. A run fails on any other."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import holds


@dataclass(frozen=True)
class Difference:
    # A name for the tables of the report.
    name: str
    peer: str
    reason: str
    # Objects that the peer leaves out: {resource: what says which}.
    left_out: dict[str, Callable] | None = None
    # Ids that the peer has and the account has not: {resource: the ids}.
    added: dict[str, Callable] | None = None
    # What the peer says about it on standard error.
    says: str | None = None
    # Requests of it that the fake refuses, and Stripe too.
    refused: tuple[str, ...] = ()


def everything(object, account):
    return True


DJ_STRIPE = "dj-stripe"
SUPABASE = "@supabase/stripe-sync-engine"
STRIPE = "@stripe/sync-engine"

DIFFERENCES = [
    Difference(
        name="D1",
        peer=DJ_STRIPE,
        left_out=holds.OF_DISCOUNTED_CUSTOMERS,
        says=r"encountered an empty field Coupon\.coupon = None",
        reason=(
            "A customer with a discount is not stored, and nothing whose row refers to that customer: "
            "`models/core.py:1142` reads `discount.coupon`, which Stripe moved to `discount.source.coupon` in "
            "2025-09-30.clover."
        ),
    ),
    Difference(
        name="D2",
        peer=DJ_STRIPE,
        left_out={"tax_id": everything},
        refused=("400 GET /v1/tax_ids",),
        says=r"Error listing TaxId: .*Received unknown parameter: id",
        reason=(
            "No tax id is stored: `management/commands/djstripe_sync_models.py:527` passes the id of each "
            "customer as `id` to `GET /v1/tax_ids`, which has no such parameter."
        ),
    ),
    Difference(
        name="D3",
        peer=DJ_STRIPE,
        left_out={"price": lambda price, account: not price["active"] and price["id"] not in holds.prices_in_use(account)},
        reason=(
            "Stripe's list has active prices only, unless it is asked for the others, and `models/core.py:1744` "
            "does not ask. An inactive price is stored if a subscription item or an invoice item refers to it."
        ),
    ),
    Difference(
        name="D4",
        peer=DJ_STRIPE,
        left_out={"entitlements.active_entitlement": everything},
        refused=("400 GET /v1/entitlements/active_entitlements",),
        says=r"Error listing ActiveEntitlement: .*Missing required param: customer",
        reason=(
            "No active entitlement is stored: `models/entitlements.py:55` is listed as other models are, and "
            "Stripe lists active entitlements of one customer only."
        ),
    ),
    Difference(
        name="D5",
        peer=DJ_STRIPE,
        left_out={"country_spec": everything},
        says=r"TypeError\('Object of type StripeObject is not JSON serializable'\)",
        reason=(
            "No country is stored: `models/connect.py:167` puts members of the library's object into columns of "
            "JSON as they are, which are no plain dicts and lists."
        ),
    ),
    Difference(
        name="D6",
        peer=DJ_STRIPE,
        says=r"__str__ returned non-string",
        reason=(
            "A file without a name and a link without an address are stored, and then counted as failed: "
            "`models/core.py:1462` and `1505` return them as the text that is printed."
        ),
    ),
    Difference(
        name="D7",
        peer=DJ_STRIPE,
        says=r"Error listing AccountV2: |HTTPSConnectionPool|let us know at support@stripe\.com|Network error",
        reason=(
            "Accounts of version 2 are not asked of the fake: `models/account.py:436` makes a client of its own, "
            "which has no setting for the address."
        ),
    ),
    Difference(
        name="D8",
        peer=DJ_STRIPE,
        says=r"object\(s\) failed to sync|model/key sync\(s\) failed|djstripe\.W002|HINT: Remove STRIPE_API_HOST|^WARNINGS:$"
        r"|System check identified some issues",
        reason=(
            "The command counts what the lines of the other differences say, and warns of the address that is not "
            "Stripe's."
        ),
    ),
    Difference(
        name="D9",
        peer=DJ_STRIPE,
        left_out={"fee_refund": everything},
        says=r"'ApplicationFeeRefund' has no attribute 'list'",
        reason=(
            "No refund of an application fee is stored: `management/commands/djstripe_sync_models.py:173` has "
            "them listed as other models are, and Stripe's library has no `ApplicationFeeRefund.list`."
        ),
    ),
    Difference(
        name="D10",
        peer=DJ_STRIPE,
        added={"customer": lambda account: account.deleted},
        says=r"^This customer \(cus_\w+\) has been deleted upstream",
        reason=(
            "A deleted customer whom another object refers to gets a row with the stub that Stripe answers "
            "(`models/base.py:770`)."
        ),
    ),
    Difference(
        name="D11",
        peer=DJ_STRIPE,
        left_out={"payment_method": holds.is_idle_method_of_nobody},
        reason=(
            "Payment methods are listed by customer (`management/commands/djstripe_sync_models.py:448`): one of a "
            "deleted customer is stored only if a payment, a charge, a setup intent or an invoice refers to it."
        ),
    ),
    Difference(
        name="D12",
        peer=DJ_STRIPE,
        says=r"list_external_accounts\(\) missing 1 required positional argument: 'account'",
        reason=(
            "No bank account or card of a connected account is asked for: "
            "`management/commands/djstripe_sync_models.py:603` calls a method of Stripe's library with `id`, and its "
            "parameter is `account`."
        ),
    ),
    Difference(
        name="S1",
        peer=SUPABASE,
        left_out=dict.fromkeys(["coupon", "event", "invoice_payment", "payout", "review"], everything),
        reason=(
            "Tables that no backfill fills: the cases of `syncBackfill` (`dist/index.js:1305`) have none of "
            "these."
        ),
    ),
    Difference(
        name="S2",
        peer=SUPABASE,
        left_out={"price": lambda price, account: not price["active"] and price["id"] not in holds.prices_of_checkouts(account)},
        reason=(
            "Stripe's list has active prices only, unless it is asked for the others, and `dist/index.js:1416` "
            "does not ask. An inactive price is stored if the row of a checkout session has it "
            "(`dist/index.js:1946`)."
        ),
    ),
    Difference(
        name="S3",
        peer=SUPABASE,
        left_out={"tax_id": lambda tax_id, account: tax_id["owner"]["type"] == "customer"},
        reason=(
            "`GET /v1/tax_ids` has the account's own tax ids, unless it is asked for those of a customer, and "
            "`dist/index.js:1497` does not ask."
        ),
    ),
    Difference(
        name="S4",
        peer=SUPABASE,
        left_out={"payment_method": lambda method, account: method["customer"] not in account.truth("customer")},
        reason=(
            "Payment methods are listed by customer (`dist/index.js:1513`): what is attached to nobody, or to a "
            "deleted customer, is not stored."
        ),
    ),
    Difference(
        name="S5",
        peer=SUPABASE,
        added={"customer": lambda account: account.deleted},
        reason=(
            "A deleted customer whom another object refers to gets a row with `deleted` (`dist/index.js:1744`)."
        ),
    ),
    Difference(
        name="E1",
        peer=STRIPE,
        left_out={
            "subscription": lambda subscription, account: subscription["status"] == "canceled",
            "subscription_item": lambda item, account: holds.subscription(item, account)["status"] == "canceled",
        },
        reason=(
            "Stripe's list has no canceled subscriptions, unless it is asked with `status=all`, and "
            "`dist/chunk-UGTBDMRI.js:45660` does not ask; nor are their items stored."
        ),
    ),
    Difference(
        name="E2",
        peer=STRIPE,
        left_out={"price": lambda price, account: not price["active"]},
        reason=(
            "Stripe's list has active prices only, unless it is asked for the others, and "
            "`dist/chunk-UGTBDMRI.js:45633` does not ask."
        ),
    ),
    Difference(
        name="E3",
        peer=STRIPE,
        left_out={"tax_id": lambda tax_id, account: tax_id["owner"]["type"] == "customer"},
        reason=(
            "`GET /v1/tax_ids` has the account's own tax ids, unless it is asked for those of a customer, and "
            "`dist/chunk-UGTBDMRI.js:45735` does not ask."
        ),
    ),
    Difference(
        name="E4",
        peer=STRIPE,
        left_out={"item": everything},
        reason=(
            "Rows of checkout sessions have a table, which no backfill fills: `upsertAny` "
            "(`dist/chunk-UGTBDMRI.js:46786`) puts them into their session only."
        ),
    ),
    Difference(
        name="E5",
        peer=STRIPE,
        left_out={"entitlements.active_entitlement": everything, "entitlements.feature": everything, "review": everything},
        reason=(
            "Tables that no backfill fills: active entitlements and reviews have `sync: false` "
            "(`dist/chunk-UGTBDMRI.js:45797`), and features are no resource of a backfill."
        ),
    ),
    Difference(
        name="E6",
        peer=STRIPE,
        left_out={"account": lambda one, account: one.get("first") is not True},
        reason=(
            "The table of accounts has the one of the key (`dist/chunk-UGTBDMRI.js:241`): connected accounts are no "
            "resource of a backfill."
        ),
    ),
]


def leaves_out(peer, resource, object, account):
    """The names of the differences because of which the peer does not store an object."""
    known = [one for one in DIFFERENCES if one.peer == peer and one.left_out and resource in one.left_out]
    return [one.name for one in known if one.left_out[resource](object, account)]


def adds(peer, resource, account):
    """The ids that the peer has beside those of the account, each with the name of the difference."""
    known = [one for one in DIFFERENCES if one.peer == peer and one.added and resource in one.added]
    return {id: one.name for one in known for id in one.added[resource](account)}


def explains(peer, line):
    """The name of the difference that a line on the peer's standard error belongs to."""
    said = (one.name for one in DIFFERENCES if one.peer == peer and one.says and re.search(one.says, line))
    return next(said, None)


def refuses(peer, request):
    """Whether a refused request belongs to a difference."""
    return any(request in one.refused for one in DIFFERENCES if one.peer == peer)
