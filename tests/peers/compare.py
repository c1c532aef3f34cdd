"""Compares the tables of a peer with what the fake holds: the ids, and every amount of money in each currency."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

import psycopg
from psycopg import sql

import differences
import schema

# dj-stripe divides these amounts by 100 whatever the currency, and keeps them as decimals.
MAJOR = {("djstripe_charge", "amount")}


@dataclass
class Found:
    """What became of one resource."""

    resource: str
    table: str
    account: int
    stored: int
    # Ids that the peer should have and has not, and those that it has and should not.
    missing: list[str]
    more: list[str]
    # The members that were added up, and the currencies.
    members: list[str]
    currencies: set[str]
    # Sums that differ: "amount in usd: expected 5, got 4".
    wrong: list[str]
    reasons: list[str] = field(default_factory=list)

    @property
    def is_equal(self):
        return not (self.missing or self.more or self.wrong)


def sums(objects, members):
    """{(member, currency): sum} over {id: {member: amount}}."""
    found = defaultdict(int)
    for one in objects.values():
        for member in members:
            amount = one.get(member)
            if amount is not None:
                found[member, one.get("currency") or "-"] += amount
    return {key: total for key, total in found.items() if total}


def rows(connection, peer, table, members):
    """The rows of a table: {id: {member: amount, "currency": currency}}, and the members that the table has."""
    query = "SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s"
    columns = {name for (name,) in connection.execute(query, (peer.schema, table))}
    held = [name for name in members if name in columns or peer.raw]
    picked = [sql.Identifier("id")]
    for name in [*held, "currency"]:
        if name in columns:
            picked.append(sql.Identifier(name))
        elif peer.raw:
            picked.append(sql.SQL("{} -> {}").format(sql.Identifier(peer.raw), sql.Literal(name)))
        else:
            picked.append(sql.SQL("NULL"))
    query = sql.SQL("SELECT {} FROM {}.{}").format(
        sql.SQL(", ").join(picked), sql.Identifier(peer.schema), sql.Identifier(table)
    )
    found = {}
    for key, *values in connection.execute(query):
        one = dict(zip([*held, "currency"], values, strict=True))
        for name in held:
            if (table, name) in MAJOR and isinstance(one[name], Decimal):
                one[name] = int(one[name] * 100)
        found[key] = one
    return found, held


def compare(peer, database, account):
    """A `Found` for each table of the peer."""
    found = []
    with psycopg.connect(database) as connection:
        for resource, table in sorted(peer.tables.items()):
            truth = account.truth(resource)
            left = {id: differences.leaves_out(peer.name, resource, object, account) for id, object in truth.items()}
            expected = {id: object for id, object in truth.items() if not left[id]}
            added = differences.adds(peer.name, resource, account)
            stored, members = rows(connection, peer, table, schema.amounts(resource))
            want, got = sums(expected, members), sums(stored, members)
            wrong = [
                f"{member} in {currency}: expected {want.get((member, currency), 0)}, got {got.get((member, currency), 0)}"
                for member, currency in sorted(want.keys() | got.keys())
                if want.get((member, currency)) != got.get((member, currency))
            ]
            found.append(
                Found(
                    resource=resource,
                    table=table,
                    account=len(truth),
                    stored=len(stored),
                    missing=sorted((expected.keys() | added.keys()) - stored.keys()),
                    more=sorted(stored.keys() - expected.keys() - added.keys()),
                    members=sorted({member for member, _ in want}),
                    currencies={currency for _, currency in want} - {"-"},
                    wrong=wrong,
                    reasons=sorted({*added.values(), *(name for names in left.values() for name in names)}),
                )
            )
    return found
