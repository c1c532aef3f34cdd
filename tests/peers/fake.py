"""The fake Stripe of a run: the account that it makes up, and what it holds of it."""

import json
import re
import subprocess
import urllib.request

# dj-stripe takes keys of the length of Stripe's only.
KEY = "sk_test_" + "4eC39HqLyjWDarjtT1zdp7dc"
SEED = 20261130
# Monday, 30 November 2026, 12:00 UTC. The engines ask for what was made until this machine's time: it must be later.
NOW = 1796040000

# How often each story is told, and how many customers who have paid are deleted.
STORIES = 3
DELETED = 5

# In the order in which an account comes to have them.
AMOUNTS = {
    "country_spec": 5,
    "tax_code": 10,
    "product": 60,
    "price": 120,
    "plan": 20,
    "coupon": 20,
    "promotion_code": 20,
    "tax_rate": 10,
    "shipping_rate": 5,
    "entitlements.feature": 10,
    "product_feature": 10,
    "customer": 600,
    "source": 10,
    "payment_method": 700,
    "tax_id": 80,
    "entitlements.active_entitlement": 20,
    "subscription": 300,
    "subscription_schedule": 30,
    "invoice": 700,
    "invoiceitem": 60,
    "credit_note": 40,
    "payment_intent": 500,
    "charge": 500,
    "setup_intent": 100,
    "checkout.session": 80,
    "refund": 120,
    "dispute": 30,
    "radar.early_fraud_warning": 10,
    "review": 10,
    "application_fee": 10,
    "fee_refund": 5,
    "payout": 40,
    "transfer": 20,
    "transfer_reversal": 5,
    "file": 20,
    "file_link": 20,
    "identity.verification_session": 10,
    "identity.verification_report": 10,
    "issuing.cardholder": 10,
    "issuing.card": 10,
    "issuing.authorization": 10,
    "issuing.transaction": 10,
    "issuing.dispute": 5,
    "webhook_endpoint": 3,
}


class Fake:
    """A running fake; it ends with the `with` block."""

    def __init__(self, program):
        arguments = [f"{name}={count}" for name, count in AMOUNTS.items()]
        arguments += ["--port", "0", "--seed", str(SEED), "--now", str(NOW), "--any-version"]
        self.process = subprocess.Popen(
            [program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        said = []
        for line in self.process.stdout:
            said.append(line)
            if line.startswith("Ctrl-C"):
                break
        addresses = [line.split()[1] for line in said if line.startswith("Address:")]
        if not addresses:
            raise SystemExit(f"fake-stripe: expected an address, got {''.join(said)}{self.process.stderr.read()}")
        self.address = addresses[0]
        self.known = {}
        self._live()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def _live(self):
        """Lets something happen after what was made up, so that there are events and deleted customers."""
        for _ in range(STORIES):
            for story in ["payment", "refund", "dispute", "subscription", "cancellation", "invoice", "checkout", "payout"]:
                self.control(f"stories/{story}", "POST")
        paid = {charge["customer"] for charge in self.control("truth/charge")["data"]} - {None}
        self.deleted = sorted(paid)[:DELETED]
        for customer in self.deleted:
            self.control(f"objects/{customer}", "DELETE")

    def control(self, path, method="GET"):
        request = urllib.request.Request(f"{self.address}/_fake/{path}", method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def refusals(self):
        """The requests that were refused, of the last 10,000: "400 GET /v1/tax_ids"."""
        sent = self.control("requests")["data"]
        return [f"{one['status']} {one['method']} {one['endpoint']}" for one in sent if one["status"] != 200]

    def versions(self):
        """The versions of the API that clients asked for, if not for the fake's own."""
        said = " ".join(self.control("warnings")["data"])
        return sorted(set(re.findall(r"asked for version (\S+)", said)))

    def truth(self, name):
        """Every object of a name that the account has, by id."""
        if name not in self.known:
            found = self.control(f"truth/{name}")["data"]
            # The account of the key is in no list.
            found += self.control("accounts")["data"] if name == "account" else []
            self.known[name] = {one["id"]: one for one in found}
        return self.known[name]
