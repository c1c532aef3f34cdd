"""Lets the peers copy an account of the fake, and compares: run.py FAKE-STRIPE HOME [PEER ...]. `scripts/peers` calls it."""

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psycopg

import compare
import differences
import report
import schema
from fake import KEY, Fake
from peers import PEERS

HERE = Path(__file__).parent
SERVER = os.environ.get("STRIPE_SYNC_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432")


def progress(text, end="\n"):
    if sys.stderr.isatty():
        print(f"\r== {text}", end=end, file=sys.stderr, flush=True)


class Database:
    """A database of its own, dropped with the `with` block."""

    def __init__(self, peer):
        plain = re.sub("[^a-z]+", "_", peer.name).strip("_")
        self.name = f"stripe_sync_peers_{plain}_{os.getpid()}"

    def _do(self, statement):
        with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as connection:
            connection.execute(statement)

    def __enter__(self):
        self._do(f'CREATE DATABASE "{self.name}"')
        return f"{SERVER}/{self.name}"

    def __exit__(self, *_):
        self._do(f'DROP DATABASE "{self.name}" WITH (FORCE)')


def execute(peer, command, directory, environment, log):
    """Runs a program to its end, with its output in a file and the seconds on the terminal."""
    began = time.monotonic()
    with log.open("a") as errors:
        child = subprocess.Popen(
            command, cwd=HERE / directory, env=environment, stdout=subprocess.DEVNULL, stderr=errors, text=True
        )
        try:
            while child.poll() is None:
                progress(f"{peer.name}: {command[-1]}, {time.monotonic() - began:.0f} s", end="")
                time.sleep(0.5)
        finally:
            child.kill()
            child.wait()
    progress(f"{peer.name}: {command[-1]}, {time.monotonic() - began:.0f} s")


def copy(peer, database, fake, home):
    """Runs the peer, and returns what it said on standard error."""
    environment = {
        **os.environ,
        "PEER_DATABASE": database,
        "PEER_STRIPE": fake.address,
        "PEER_KEY": KEY,
        "PEER_HOME": str(home / "node"),
        "PEER_SCHEMA": str(home / "openapi.json"),
        "DJANGO_SETTINGS_MODULE": "settings",
        "PYTHONPATH": ".",
    }
    log = home / "said.log"
    log.write_text("")
    for command, directory in peer.steps(home):
        execute(peer, command, directory, environment, log)
    said = log.read_text().splitlines()
    return [line.strip() for line in said if line.strip()]


def run(peer, program, home):
    with Fake(program) as fake, Database(peer) as database:
        began = time.monotonic()
        lines = copy(peer, database, fake, home)
        seconds = time.monotonic() - began
        refusals = fake.refusals()
        progress(f"{peer.name}: comparing")
        found = compare.compare(peer, database, fake)
        versions = fake.versions()
    explained = [(line, differences.explains(peer.name, line)) for line in lines]
    said = Counter(name for _, name in explained if name)
    strange = [line for line, name in explained if not name]
    refused = Counter(refusals)
    strange += [f"{line}, {count} times" for line, count in refused.items() if not differences.refuses(peer.name, line)]
    return report.Outcome(peer, found, said, strange, versions, seconds)


def main():
    program, home, *names = sys.argv[1:]
    home = Path(home)
    (home / "openapi.json").write_text(json.dumps(schema.openapi()))
    unknown = set(names) - {peer.name for peer in PEERS}
    if unknown:
        raise SystemExit(f"expected {', '.join(peer.name for peer in PEERS)}, got {', '.join(unknown)}")
    chosen = [peer for peer in PEERS if not names or peer.name in names]
    outcomes = []
    for peer in chosen:
        outcome = run(peer, program, home)
        print(report.plain(outcome), flush=True)
        outcomes.append(outcome)
    if not names:
        report.write(outcomes)
    return 0 if all(outcome.is_explained for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
