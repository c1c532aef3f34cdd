"""Questions about the objects of an account."""


def _of(member, resource):
    """The object of a resource that a member names, or nothing."""

    def find(object, account):
        value = object.get(member)
        id = value["id"] if isinstance(value, dict) else value
        return account.truth(resource).get(id)

    return find


subscription = _of("subscription", "subscription")
_customer = _of("customer", "customer")
_charge = _of("charge", "charge")
_invoice = _of("invoice", "invoice")


def has_discounted_customer(object, account):
    customer = _customer(object, account)
    return bool(customer and customer["discount"])


def _through(*steps):
    """Whether one of the objects that the steps lead to has a customer with a discount."""

    def is_so(object, account):
        found = (step(object, account) for step in steps)
        return any(one is not None and has_discounted_customer(one, account) for one in found)

    return is_so


def _line_subscription(line, account):
    parent = line.get("parent") or {}
    details = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    return account.truth("subscription").get(details.get("subscription"))


# dj-stripe's rows that refer to a customer, or to a row that does.
OF_DISCOUNTED_CUSTOMERS = {
    "application_fee": _through(_charge),
    "customer": lambda customer, account: bool(customer["discount"]),
    "card": has_discounted_customer,
    "charge": has_discounted_customer,
    "checkout.session": has_discounted_customer,
    "dispute": _through(_charge),
    "invoice": has_discounted_customer,
    "invoiceitem": has_discounted_customer,
    "line_item": _through(_line_subscription),
    "payment_intent": has_discounted_customer,
    "payment_method": has_discounted_customer,
    "refund": _through(_charge),
    "setup_intent": has_discounted_customer,
    "source": has_discounted_customer,
    "subscription": has_discounted_customer,
    "subscription_item": _through(subscription),
    "subscription_schedule": has_discounted_customer,
}


def prices_in_use(account):
    """The prices that subscription items and invoice items have."""
    items = [item["price"]["id"] for item in account.truth("subscription_item").values()]
    pricing = [(item.get("pricing") or {}).get("price_details") or {} for item in account.truth("invoiceitem").values()]
    return {*items, *(one.get("price") for one in pricing)}


def prices_of_checkouts(account):
    """The prices that the rows of checkout sessions have."""
    return {item["price"]["id"] for item in account.truth("item").values() if item["price"]}


def is_idle_method_of_nobody(method, account):
    """Whether a payment method is no customer's, and nothing that dj-stripe stores was paid or set up with it."""
    if method["customer"] in account.truth("customer"):
        return False
    users = {"charge": "payment_method", "payment_intent": "payment_method", "setup_intent": "payment_method"}
    users["invoice"] = "default_payment_method"
    return not any(
        object.get(member) == method["id"] for user, member in users.items() for object in account.truth(user).values()
    )
