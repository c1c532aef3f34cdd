"""What Stripe's schema says of the members of a resource, read from the file that the crates are made of."""

import re
from functools import cache
from pathlib import Path

FIELDS = Path(__file__).parents[2] / "stripe-sync-schema" / "data" / "fields.txt"
OBJECT = re.compile(r"\[([a-z][a-z0-9_.]*)\]")
# OpenAPI's words for the kinds of the file; of what is not here the engines need no column.
KINDS = {
    "s": "string",
    "cur": "string",
    "dec": "string",
    "x": "string",
    "b": "boolean",
    "i": "integer",
    "ts": "integer",
    "amt": "integer",
    "n": "number",
    "o": "object",
    "m": "object",
    "a": "array",
    "l": "object",
    "r": "object",
}


@cache
def resources():
    """{resource: {member: kind}}, of members at the top only."""
    found = {}
    members = None
    for line in FIELDS.read_text().splitlines():
        if line.startswith("["):
            name = OBJECT.fullmatch(line)
            members = found.setdefault(name[1], {}) if name else None
        elif members is not None and line and not line.startswith((" ", "#")):
            member, kind = line.split()[:2]
            members[member] = kind
    return found


def amounts(resource):
    """The members of a resource that are amounts of money."""
    return [name for name, kind in resources().get(resource, {}).items() if kind == "amt"]


def openapi():
    """The schema as OpenAPI: @stripe/sync-engine makes its columns of it, and would load Stripe's file from GitHub."""
    schemas = {}
    for resource, members in resources().items():
        properties = {name: {"type": KINDS[kind], "nullable": True} for name, kind in members.items() if kind in KINDS}
        for name, kind in members.items():
            if kind == "x":
                properties[name]["x-expansionResources"] = {"oneOf": []}
        schemas[resource] = {"x-resourceId": resource, "type": "object", "properties": properties}
    return {"openapi": "3.0.0", "components": {"schemas": schemas}}
