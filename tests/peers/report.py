"""What a run found: for a terminal, and for docs/peers.md."""

import json
import re
import textwrap
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import differences
import fake
from compare import Found
from peers import Peer

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "peers.md"
HERE = Path(__file__).parent


@dataclass
class Outcome:
    peer: Peer
    found: list[Found]
    # How many lines of its standard error belong to which difference, and those that belong to none.
    said: dict[str, int]
    strange: list[str]
    # The versions of Stripe's API that it asked for.
    versions: list[str]
    seconds: float

    @property
    def is_explained(self):
        return not self.strange and all(one.is_equal for one in self.found)


def money(one):
    if one.wrong:
        return "differs"
    return f"equal: {', '.join(f'`{name}`' for name in one.members)}" if one.members else ""


def plain(outcome):
    """The lines for a terminal."""
    lines = [f"{outcome.peer.name}: {outcome.seconds:.0f} s"]
    for one in outcome.found:
        equal = "differs" if one.wrong else f"{len(one.members)} sums equal" if one.members else ""
        names = " ".join(one.reasons)
        lines.append(f"  {one.resource:32}{one.account:6}{one.stored:6}  {equal:14} {names}".rstrip())
        if one.missing:
            lines.append(f"    expected {len(one.missing)} more: {', '.join(one.missing[:5])}")
        if one.more:
            lines.append(f"    expected {len(one.more)} fewer: {', '.join(one.more[:5])}")
        lines += [f"    {line}" for line in one.wrong]
    lines += [f"  it said: {line[:300]}" for line in outcome.strange[:40]]
    return "\n".join(lines)


def versions():
    """{package: version} of the lock files."""
    pinned = dict(re.findall(r"^([a-z-]+)==(\S+)", (HERE / "dj-stripe/requirements.txt").read_text(), re.M))
    # Both registries have a package of that name.
    pinned["PyPI stripe"] = pinned.pop("stripe")
    packages = json.loads((HERE / "sync-engine/package-lock.json").read_text())["packages"]
    for path, package in packages.items():
        pinned[path.removeprefix("node_modules/")] = package.get("version")
    return pinned


def library(peer, pinned):
    """The Stripe library that a peer calls."""
    if peer.name == "dj-stripe":
        return f"`stripe` {pinned['PyPI stripe']}"
    own = pinned.get(f"{peer.name}/node_modules/stripe")
    return f"`stripe` {own or pinned['stripe']}"


def about(outcome, pinned):
    peer = outcome.peer
    currencies = sorted(set().union(*(one.currencies for one in outcome.found)))
    rows = sum(one.stored for one in outcome.found)
    asked = f", which asks for API version {', '.join(outcome.versions)}" if outcome.versions else ", of the fake's API version"
    lines = [
        f"## {peer.name} {pinned[peer.package]}",
        "",
        f"`{peer.command}` with {library(peer, pinned)}{asked}:",
        f"{rows:,} rows in {outcome.seconds:.0f} s. Sums in {', '.join(currencies)}.",
        "",
        "| resource | in the account | in its table | left out, added | money |",
        "|---|---:|---:|---|---|",
    ]
    for one in outcome.found:
        names = ", ".join(f"[{name}](#{name.lower()})" for name in one.reasons)
        state = names if one.is_equal else f"{names} **not explained**"
        lines.append(f"| {one.resource} | {one.account} | {one.stored} | {state.strip()} | {money(one)} |")
    lines.append("")
    for one in differences.DIFFERENCES:
        if one.peer == peer.name:
            count = outcome.said.get(one.name)
            said = f" Lines that it says about it: {count}." if count else ""
            text = f'<a id="{one.name.lower()}"></a>**{one.name}.** {one.reason}{said}'
            lines += [*textwrap.wrap(text, 128, break_long_words=False, break_on_hyphens=False), ""]
    return lines


def write(outcomes):
    """Writes docs/peers.md."""
    pinned = versions()
    total = sum(fake.AMOUNTS.values())
    head = (HERE / "page.md").read_text()
    head = head.format(
        day=date.today(), asked=total, seed=fake.SEED, stories=8 * fake.STORIES, deleted=fake.DELETED
    )
    lines = [head]
    for outcome in outcomes:
        lines += about(outcome, pinned)
    PAGE.write_text("\n".join(lines).rstrip() + "\n")
