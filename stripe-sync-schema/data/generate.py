#!/usr/bin/env python3
"""Writes catalogue.txt, load_order.txt and fields.txt, the data of the crate `stripe-sync-schema`.

    python3 stripe-sync-schema/data/generate.py <catalogue.json> <fields.txt>

Both inputs are derived from the types of Stripe's official SDKs, for one API version.

<catalogue.json>: an object with
    meta.api_version   "2026-10-28.endive"
    resources          {object: resource} of every object with an account-wide list. Of a resource are read: list (path,
                       created_filter, paginated, items, filters {name: {enum?}}, required_filters), retrieve_path,
                       delete_path, retrieve_may_return_deleted, id_prefix, has_created, created_type, has_livemode,
                       has_metadata, events, events_delete, default_hides (null or {param, note, ...}) and
                       embedded_lists [{field, items, nested_list, included_by_default}]
    nested             {object: {lists: [list], id_prefix, has_created, has_deleted_variant, events}} of every object
                       with a list under a parent, the parent's id being "{id}" in the path
    no_list            {object: {retrieve: [path], events}}
    topological_order  [{object}], each behind those that its objects refer to, as far as references have no circle

<fields.txt>: "# ... API version VERSION. ...", comments, pool lines "%N A|B|*", then a block per object: "[NAME]" and
    lines "PATH TYPE FLAGS [ATTR]", sorted bytewise, a blank line at its end. PATH: member names joined by "."; "[]" is
    the element of an array, ".*" any key of a map. The other columns go to the output as they are; GRAMMAR explains them.

curated.py holds the decisions that the types do not carry. A shape that is not known, or a list whose defaults nobody
has decided about, ends the program with a message and writes nothing.
"""

import json
import re
import sys
from pathlib import Path

import curated

HERE = Path(__file__).resolve().parent
TYPES = {
    "s", "cur", "dec", "i64", "date", "time", "b", "i", "ts", "amt", "n", "o", "a", "m", "l", "r", "x", "j", "u",
}  # fmt: skip
# The types whose values a filter is compared with; of a reference it is the id.
SCALARS = {"s", "cur", "b", "i", "ts", "amt", "x", "r"}
# The tables of curated.py about filters, each with (object, filter) as its keys.
FILTER_TABLES = ("LIST_FILTERS", "RANGES", "ARRAYS", "ALL_VALUES", "LIST_VALUES")
# A subtree shorter than this is cheaper repeated than shared.
SHORTEST_SHAPE = 24

GRAMMAR = """\
# Head: these comments, then the index: "NAME START", START in bytes from the end of the blank line that ends the index.
# Body: blocks, each a line "[NAME]" and its own lines. The block "%" holds the pool, a value set a line, %1 first."""
FIELDS_GRAMMAR = """\
# A block "&N" is a subtree that several objects share; a line that ends with &N has that block's lines as its members.
# Line: depth as leading spaces, then "SEGMENT TYPE [FLAGS] [ATTR]". SEGMENT: a member's name, "[]" the element of an
# array, "*" any key of a map, "@" (a block's only line) the block is a union of its targets.
# TYPE: s string; cur currency code; dec decimal in a string; i64 integer in a string; date YYYY-MM-DD; time RFC 3339;
# b boolean; i integer; ts Unix seconds; amt amount in the minor unit; n number; o object; a array; m map; l list object;
# r embedded resource, its members are those of the target's block; x id of the target, or it expanded; j any JSON.
# FLAGS: N may be null, O may be absent, D may be a deleted stub (block "deleted:TARGET"), U further members possible.
# ATTR: ">A|B" targets; "=A|B" allowed values; "=A|B|*" known values, others possible; "=%N" the pool's set N."""
CATALOGUE_GRAMMAR = """\
# Lines of a block, "-" for none: "prefix P"; "list PATH FLAGS" or "nested PATH PARENT FLAGS" followed by its " items A|B"
# and " filter NAME SORT [FORM] [required] [=A|B] [all=A|B] [list=A|B]"; "retrieve PATH"; "under LIST PARENT MEMBER", the object
# is read at LIST/ID below the parent that its MEMBER names; "summary OBJECT PARENT MEMBER EVENT ..."; "created NAME"; "is FLAG ..." of stub deletable livemode
# metadata; "event TYPE"; "deleted TYPE"; "mention TYPE"; "embedded FIELD PATH inline|expand A|B"; recipes "query K=V ...",
# "clock PARAM K=V ...", "clock_customer PARAM K=V ...", "parent OBJECT PATH PARAM K=V ...". List FLAGS: c created filter, p paginated.
# A filter's NAME with a dot is a member of a hash. SORT: "member", a list shows the objects whose member of that name equals
# the value; "list", only the list says which objects it shows. FORM: "range", it also takes gt, gte, lt and lte, and then
# only the list decides; "array", it takes several values. Values: "=" all that it takes; "all=" those that filter nothing;
# "list=" those about which only the list decides, whatever SORT says."""


def fail(message):
    sys.exit(f"generate.py: {message}")


def need(holder, key, kinds, where):
    """holder[key], which must be there and of one of the kinds."""
    if key not in holder:
        fail(f"{where}: no {key!r}")
    if not isinstance(holder[key], kinds):
        fail(f"{where}: {key!r} is {holder[key]!r}")
    return holder[key]


def word(value, where):
    """value, which must be one word of the output."""
    if not isinstance(value, str) or not re.fullmatch(r"[^\s]+", value):
        fail(f"{where}: {value!r} is not one word")
    return value


def with_head(version, grammar, blocks):
    """The file's text. blocks: {name: [line]}; the index is sorted bytewise by name."""
    body, index = [], []
    start = 0
    for name in sorted(blocks):
        block = "".join(f"{line}\n" for line in [f"[{name}]", *blocks[name]])
        index.append(f"{name} {start}\n")
        body.append(block)
        start += len(block.encode())
    head = f"# API version {version}\n# Generated by generate.py; do not edit.\n{GRAMMAR}\n{grammar}\n"
    return head + "".join(index) + "\n" + "".join(body)


# ---- fields ----


def read_fields(text):
    """(version, pool lines, {block: [(path, type, flags, attr)]})"""
    lines = text.split("\n")
    found = re.match(r"# .*API version (\S+)\. ", lines[0])
    if not found:
        fail(f"fields: the first line names no API version: {lines[0][:80]!r}")
    pool, blocks, current = [], {}, None
    for number, line in enumerate(lines[1:], 2):
        where = f"fields line {number}"
        if not line:
            current = None
        elif line.startswith("#"):
            continue
        elif line.startswith("%"):
            name, _, values = line.partition(" ")
            if name != f"%{len(pool) + 1}" or not values:
                fail(f"{where}: expected the pool's set %{len(pool) + 1}, came {line[:40]!r}")
            pool.append(word(values, where))
        elif line.startswith("["):
            if not re.fullmatch(r"\[[a-z0-9_.:]+\]", line) or line[1:-1] in blocks:
                fail(f"{where}: not a new block: {line!r}")
            current = blocks.setdefault(line[1:-1], [])
        elif current is None:
            fail(f"{where}: outside a block: {line[:80]!r}")
        else:
            parts = line.split(" ")
            if len(parts) not in (3, 4) or parts[1] not in TYPES or not re.fullmatch(r"-|[NODU]+", parts[2]):
                fail(f"{where}: unknown form: {line[:80]!r}")
            attr = parts[3] if len(parts) == 4 else ""
            if attr and attr[0] not in ">=":
                fail(f"{where}: unknown attribute: {attr[:80]!r}")
            current.append((parts[0], parts[1], parts[2], attr))
    if not blocks:
        fail("fields: no block")
    return found.group(1), pool, blocks


def tree(name, lines):
    """{segment: (type, flags, attr, members)} of a block."""
    root = {}
    members = {(): root}
    for path, kind, flags, attr in lines:
        kind, _ = curated.KINDS.get((name, path), (kind, ""))
        if path == "@":
            segments = ("@",)
        else:
            segments = tuple(re.findall(r"\[\]|[^.\[\]]+", path))
            if "".join(s if s == "[]" else f".{s}" for s in segments) != f".{path}":
                fail(f"fields [{name}]: unknown path form {path!r}")
        if segments[:-1] not in members:
            fail(f"fields [{name}]: {path!r} comes before its parent")
        own = members[segments] = {}
        members[segments[:-1]][segments[-1]] = (kind, flags, attr, own)
    return root


def lines_of(members, shapes, depth=0):
    """The output lines of the members; a subtree that is in shapes is named instead of written."""
    for segment, (kind, flags, attr, own) in members.items():
        parts = [segment, kind, "" if flags == "-" else flags, attr]
        shape = shapes.get(full_text(own)) if own and kind == "o" else None
        parts.append(shape or "")
        yield " " * depth + " ".join(part for part in parts if part)
        if own and not shape:
            yield from lines_of(own, shapes, depth + 1)


def full_text(members):
    return "\n".join(lines_of(members, {}))


def count_shapes(members, counts):
    for kind, _, _, own in members.values():
        if own:
            if kind == "o":
                text = full_text(own)
                count, _ = counts.get(text, (0, own))
                counts[text] = (count + 1, own)
            count_shapes(own, counts)


def fields_blocks(blocks, pool):
    trees = {name: tree(name, lines) for name, lines in blocks.items()}
    counts = {}
    for name in sorted(trees):
        count_shapes(trees[name], counts)
    shared = {text: own for text, (count, own) in counts.items() if count > 1 and len(text) >= SHORTEST_SHAPE}
    shapes = {text: f"&{number}" for number, text in enumerate(shared, 1)}
    out = {"%": pool}
    for text, own in shared.items():
        out[shapes[text]] = list(lines_of(own, shapes))
    for name, members in trees.items():
        out[name] = list(lines_of(members, shapes))
    return out


# ---- catalogue ----


def pairs(query):
    return [f"{word(key, 'recipe')}={word(value, 'recipe')}" for key, value in query.items()]


def recipe_line(recipe, where):
    match recipe:
        case ("query", query):
            return " ".join(["query", *pairs(query)])
        case ("clock" | "clock_customer", param, query):
            return " ".join([recipe[0], param, *pairs(query)])
        case ("parent", parent, path, param, query):
            return " ".join(["parent", parent, path, param or "-", *pairs(query)])
    fail(f"{where}: unknown recipe {recipe!r}")


class Catalogue:
    def __init__(self, text, fields):
        data = json.loads(text)
        self.version = need(need(data, "meta", dict, "catalogue"), "api_version", str, "catalogue meta")
        self.top = need(data, "resources", dict, "catalogue")
        self.nested = need(data, "nested", dict, "catalogue")
        self.fields = {name: {line[0]: line for line in lines} for name, lines in fields.items()}
        # The entries of curated.py about filters that were asked for.
        self.used = set()
        self.parents = dict(curated.PARENTS)
        self.no_list = need(data, "no_list", dict, "catalogue")
        for name, entry in self.no_list.items():
            for path in need(entry, "retrieve", list, name):
                self.parents[path.removesuffix("/{id}")] = name
        for name, entry in self.top.items():
            self.parents[need(need(entry, "list", dict, name), "path", str, name)] = name

    def list_lines(self, entry, name, parent=None):
        path = word(need(entry, "path", str, name), name)
        if (parent is not None) != ("{id}" in path):
            fail(f"{name}: {path} is not the kind of list expected here")
        flags = ("c" if need(entry, "created_filter", bool, name) else "") + (
            "p" if need(entry, "paginated", bool, name) else ""
        )
        head = ["list", path] if parent is None else ["nested", path, parent]
        yield " ".join([*head, flags or "-"])
        yield " items " + "|".join(need(entry, "items", list, name))
        filters = need(entry, "filters", dict, name)
        required = need(entry, "required_filters", list, name)
        for unknown in set(required) - set(filters):
            fail(f"{name}: the required filter {unknown!r} is not among the filters")
        for filter_name, form in filters.items():
            if set(form) - {"enum"}:
                fail(f"{name}: unknown filter form {form!r}")
            yield from self.filter_lines(name.removeprefix("catalogue "), path, filter_name, form, filter_name in required)

    def filter_lines(self, name, path, filter_name, form, required):
        """The lines of a filter; of a hash one for each of its members."""
        key = (name, filter_name)
        if key not in curated.HASHES:
            yield self.filter_line(name, path, filter_name, form.get("enum"), required)
            return
        self.used.add(("HASHES", key))
        members, needed = curated.HASHES[key]
        for member, values in members.items():
            yield self.filter_line(name, path, f"{filter_name}.{member}", values, required and member == needed)

    def filter_line(self, name, path, filter_name, values, required):
        key = (name, filter_name)
        own = {table: key in getattr(curated, table) for table in FILTER_TABLES}
        self.used.update((table, key) for table, there in own.items() if there)
        parts = [" filter", filter_name, self.sort(name, path, filter_name, own["LIST_FILTERS"])]
        parts += ["range"] if own["RANGES"] else ["array"] if own["ARRAYS"] else []
        parts += ["required"] if required else []
        parts += ["=" + "|".join(values)] if values else []
        parts += ["all=" + "|".join(curated.ALL_VALUES[key][0])] if own["ALL_VALUES"] else []
        parts += ["list=" + "|".join(curated.LIST_VALUES[key][0])] if own["LIST_VALUES"] else []
        return " ".join(parts)

    def sort(self, name, path, filter_name, is_list):
        """Whether the filter is equality with a scalar member of the object."""
        if is_list or path in curated.QUESTIONS:
            return "list"
        if (name, filter_name) in curated.ARRAYS:
            fail(f"{name}: the filter {filter_name!r} takes several values; decide about it in curated.LIST_FILTERS")
        _, kind, flags, attr = self.fields.get(name, {}).get(filter_name, ("", "", "", ""))
        # What a list says to `false` about null, or to a value about an object that does not send the member, is not known.
        unsure = kind == "b" and set(flags) & {"N", "O"} or attr.startswith("=") and "O" in flags
        if kind not in SCALARS or unsure:
            fail(f"{name}: the filter {filter_name!r} is not decided about in curated.py: its member is {kind or 'not there'} {flags}")
        return "member"

    def parent_of(self, path, name):
        collection = path.split("/{id}/")[0]
        if collection not in self.parents:
            fail(f"{name}: nothing known holds the nested list {path}; add it to curated.PARENTS")
        return self.parents[collection]

    def recipes(self, name):
        """The decided recipes, or those that follow from the form of the lists."""
        top, nested = self.top.get(name), self.nested.get(name, {"lists": []})
        if name in curated.RECIPES:
            return curated.RECIPES[name][0]
        hides = (top or {}).get("default_hides")
        if hides and hides.get("param") and hides["param"] not in top["list"]["required_filters"]:
            fail(f"{name}: the list's default is not decided about in curated.RECIPES: {hides['note']}")
        out = []
        if top:
            required = top["list"]["required_filters"]
            if not required:
                out.append(curated.PLAIN)
            elif len(required) == 1 and (target := self.target(name, required[0])):
                out.append(("parent", target, top["list"]["path"], required[0], {}))
            else:
                fail(f"{name}: required filters {required} are not decided about in curated.RECIPES")
        for entry in nested["lists"]:
            if entry["required_filters"] or (top and name in entry["items"]):
                fail(f"{name}: {entry['path']} is not decided about in curated.RECIPES")
            parent = self.parent_of(entry["path"], name)
            if parent not in self.top and parent not in self.nested:
                fail(f"{name}: {parent} cannot be listed; decide in curated.RECIPES")
            out.append(("parent", parent, entry["path"], None, {}))
        return out

    def target(self, name, required):
        """The listable object whose id a required filter takes: the field of that name refers to it, or it is its name."""
        found = self.fields.get(name, {}).get(required)
        if found and found[3].startswith(">") and found[3][1:] in self.top:
            return found[3][1:]
        area = name.rpartition(".")[0]
        for candidate in (f"{area}.{required}", required):
            if candidate in self.top:
                return candidate
        return None

    def embedded(self, entry, name):
        field, items = need(entry, "field", str, name), need(entry, "items", list, name)
        paths = need(entry, "nested_list", list, name)
        if len(paths) > 1:
            paths = [path for path in paths if path.rpartition("/")[2] == field]
        if not paths:
            paths = [other["list"]["path"] for other in self.top.values() if other["list"]["items"] == items]
        if len(paths) > 1:
            fail(f"{name}: several lists have the rest of {field!r}: {paths}")
        how = "inline" if need(entry, "included_by_default", bool, name) else "expand"
        return f"embedded {field} {paths[0] if paths else '-'} {how} {'|'.join(items)}"

    def prefix(self, name, entry):
        if name in curated.ID_PREFIXES:
            return curated.ID_PREFIXES[name][0]
        prefix = need(entry, "id_prefix", (str, type(None)), name)
        return prefix if prefix and re.fullmatch(r"[a-z_]+", prefix) else None

    def block(self, name):
        top, nested = self.top.get(name), self.nested.get(name)
        entry = top or nested
        where = f"catalogue {name}"
        if prefix := self.prefix(name, entry):
            yield f"prefix {prefix}"
        if top:
            yield from self.list_lines(top["list"], where)
        for nested_list in (nested or {"lists": []})["lists"]:
            path = need(nested_list, "path", str, where)
            yield from self.list_lines(nested_list, where, self.parent_of(path, where))
        if top and need(top, "retrieve_path", (str, type(None)), where):
            yield f"retrieve {word(top['retrieve_path'], where)}"
        elif name in curated.RETRIEVES:
            yield f"retrieve {curated.RETRIEVES[name]}"
        fields = self.fields.get(name) or fail(f"{where}: no field block")
        for time in ("created", "date"):
            if fields.get(time, ("", ""))[1] == "ts":
                yield f"created {time}"
                break
        else:
            if need(entry, "has_created", bool, where):
                fail(f"{where}: has a created time, but no field for it")
        keeps = name in curated.DELETE_KEEPS_OBJECT
        deletable = (top["delete_path"] is not None) if top else need(nested, "has_deleted_variant", bool, where)
        flags = {
            "stub": bool(top and need(top, "retrieve_may_return_deleted", bool, where)),
            "deletable": deletable and not keeps,
            "livemode": "livemode" in fields,
            "metadata": "metadata" in fields,
        }
        for flag in ("livemode", "metadata"):
            if top and need(top, f"has_{flag}", bool, where) != flags[flag]:
                fail(f"{where}: the two inputs disagree about {flag}")
        if any(flags.values()):
            yield " ".join(["is", *(flag for flag, there in flags.items() if there)])
        events = need(entry, "events", list, where)
        deleted = need(top, "events_delete", list, where) if top else [e for e in events if e.endswith(".deleted")]
        for event in events:
            yield f"event {word(event, where)}"
        for event in [] if keeps else deleted:
            yield f"deleted {word(event, where)}"
        if mention := curated.MENTIONED_BY.get(name):
            for event in need(self.no_list.get(mention, {}), "events", list, mention):
                yield f"mention {word(event, where)}"
        for path, member in curated.READ_UNDER_PARENTS.get(name, []):
            if path not in {nested_list["path"] for nested_list in nested["lists"]} or member not in fields:
                fail(f"curated.READ_UNDER_PARENTS: {name} has no list {path}, or no member {member!r}")
            yield f"under {path} {self.parent_of(path, where)} {member}"
        if name in curated.SUMMARIES:
            told, types, parent, member = curated.SUMMARIES[name]
            if self.no_list.get(told, {}).get("events") != types:
                fail(f"curated.SUMMARIES: the events of {told} are others")
            yield " ".join(["summary", told, parent, member, *types])
        for recipe in self.recipes(name):
            yield recipe_line(recipe, where)
        for embedded in need(top, "embedded_lists", list, where) if top else []:
            yield self.embedded(embedded, where)

    def blocks(self):
        names = sorted({*self.top, *self.nested})
        tables = ("RECIPES", "ID_PREFIXES", "DELETE_KEEPS_OBJECT", "RETRIEVES", "READ_UNDER_PARENTS", "SUMMARIES", "MENTIONED_BY")
        for table in (getattr(curated, table) for table in tables):
            for stale in set(table) - set(names):
                fail(f"curated.py speaks of {stale!r}, which the catalogue does not have")
        blocks = {name: list(self.block(name)) for name in names}
        for table in ("HASHES", *FILTER_TABLES):
            for key in getattr(curated, table):
                if (table, key) not in self.used:
                    fail(f"curated.{table} speaks of the filter {key}, which the catalogue does not have")
        return blocks


def load_order(catalogue):
    head = (
        "# Generated by generate.py; do not edit.\n"
        "# Resources, each behind those that its objects refer to, as far as references have no circle.\n"
    )
    known = {**catalogue["resources"], **catalogue["nested"]}
    return head + "".join(f"{entry['object']}\n" for entry in catalogue["topological_order"] if entry["object"] in known)


def main():
    if len(sys.argv) != 3:
        fail("usage: generate.py <catalogue.json> <fields.txt>")
    catalogue_text, fields_text = (Path(name).read_text(encoding="utf-8") for name in sys.argv[1:])
    version, pool, fields = read_fields(fields_text)
    catalogue = Catalogue(catalogue_text, fields)
    if catalogue.version != version:
        fail(f"the catalogue is of {catalogue.version}, the field table of {version}")
    texts = {
        "catalogue.txt": with_head(version, CATALOGUE_GRAMMAR, catalogue.blocks()),
        "load_order.txt": load_order(json.loads(catalogue_text)),
        "fields.txt": with_head(version, FIELDS_GRAMMAR, fields_blocks(fields, pool)),
    }
    for name, text in texts.items():
        (HERE / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{name}: {len(text)} bytes")


if __name__ == "__main__":
    main()
