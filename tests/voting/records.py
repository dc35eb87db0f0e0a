"""Public records of a poll, made from the text of ADR 15 and from nothing else: what verifiers are tried on.

No line of the portal is in here, so that what publishes and what verifies are each tried against a third.
"""

import base64
import copy
import hashlib
import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

OPENS = datetime(2026, 9, 24, 1, 0, tzinfo=UTC)
CLOSES = datetime(2026, 9, 26, 16, 0, tzinfo=UTC)
FILES = ("ballots.txt", "cases.jsonl", "checkpoints.txt", "tally.json")


class Key:
    def __init__(self, name="vote.example", seed=b"k" * 32):
        self.name, self.private = name, Ed25519PrivateKey.from_private_bytes(seed)
        self.raw = b"\x01" + self.private.public_key().public_bytes_raw()
        self.hash = hashlib.sha256(name.encode() + b"\n" + self.raw).digest()[:4]

    @property
    def text(self) -> str:
        return f"{self.name}+{self.hash.hex()}+{base64.b64encode(self.raw).decode()}"

    def note(self, *lines) -> str:
        body = "".join(f"{line}\n" for line in lines)
        signature = base64.b64encode(self.hash + self.private.sign(body.encode())).decode()
        return f"{body}\n\N{EM DASH} {self.name} {signature}\n"


def leaf(line: str) -> bytes:
    return hashlib.sha256(b"\0" + line.encode()).digest()


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962 2.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(leaves[:half]) + root(leaves[half:])).digest()


def path(place: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962 2.1.1, word by word."""
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if place < half:
        return [*path(place, leaves[:half]), root(leaves[half:])]
    return [*path(place - half, leaves[half:]), root(leaves[:half])]


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def canonical(thing) -> str:
    return json.dumps(thing, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


@dataclass
class Ballot:
    """What one voter has: the number of the telephone's own choosing and the nonce."""

    number: UUID
    nonce: bytes
    picks: list[int]
    time: str

    @property
    def record(self) -> str:
        return hashlib.sha256(b"xuanshu record 1" + self.number.bytes + self.nonce).digest()[:16].hex()

    def line(self, poll: int) -> str:
        commitment = hashlib.sha256(b"xuanshu voter 1" + self.nonce + self.number.hex.encode()).hexdigest()
        return f"1 {poll} {self.record} {','.join(map(str, self.picks))} {self.time} {commitment}"


@dataclass
class Record:
    key: Key
    poll: int
    ballots: list[Ballot]
    sizes: list[int]
    acts: list[dict]
    rules: dict
    names: dict[int, str]
    lines: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"{self.key.name}/vote/{self.poll}"

    def leaves(self) -> list[bytes]:
        return [leaf(line) for line in self.lines]

    def checkpoint(self, size: int) -> str:
        return self.key.note(self.origin, size, b64(root(self.leaves()[:size])))

    def tally(self) -> dict:
        """Counted ballot by ballot, act by act."""
        aside: dict[int, str] = {}
        for act in self.acts:
            for entry in act["entries"]:
                if act["kind"] == "set_aside":
                    aside[entry] = act["grounds"]
                else:
                    aside.pop(entry, None)
        rows = {n: {"number": n, "name": name, "picks": 0, "set_aside": {}} for n, name in self.names.items()}
        grounds: dict[str, int] = {}
        for place, ballot in enumerate(self.ballots):
            why = aside.get(place)
            if why:
                grounds[why] = grounds.get(why, 0) + 1
            for pick in ballot.picks:
                if why:
                    rows[pick]["set_aside"][why] = rows[pick]["set_aside"].get(why, 0) + 1
                else:
                    rows[pick]["picks"] += 1
        return {
            "origin": self.origin,
            "version": 1,
            "cast": len(self.ballots),
            "set_aside": len(aside),
            "valid": len(self.ballots) - len(aside),
            "candidates": [rows[n] for n in sorted(rows)],
            "grounds": grounds,
            **self.rules,
        }

    def files(self) -> dict[str, bytes]:
        found = {
            "ballots.txt": "".join(f"{line}\n" for line in self.lines),
            "cases.jsonl": "".join(map(canonical, self.acts)),
            "checkpoints.txt": "\n".join(map(self.checkpoint, self.sizes)),
            "tally.json": canonical(self.tally()),
        }
        return self.sealed({name: text.encode() for name, text in found.items()})

    def sealed(self, files: dict[str, bytes], **over) -> dict[str, bytes]:
        """The files with a statement that fits them: what the holder of the key can do to any of them."""
        lines = over.get("lines", self.lines)
        digests = [f"{name} {hashlib.sha256(files[name]).hexdigest()}" for name in FILES]
        whole = b64(root([leaf(line) for line in lines]))
        note = self.key.note(f"{self.origin}/statement", len(lines), whole, *digests)
        return {**files, "statement.txt": note.encode()}

    def receipt(self, place: int) -> dict:
        ballot, code = self.ballots[place], "7F3K-92QD-M4XA"
        note = self.key.note(f"{self.origin}/receipt", code, b64(leaf(self.lines[place])), ballot.time)
        return {
            "code": code,
            "ballot": str(ballot.number),
            "nonce": ballot.nonce.hex(),
            "note": note,
            "record": ballot.record,
            "cast_at": ballot.time.replace("Z", ":07+00:00"),
            "picks": ballot.picks,
        }

    def copy(self) -> "Record":
        return copy.deepcopy(self)


def act(number, kind, entries, *, case=None, grounds="burst", reason="同一分钟内 40 张"):
    return {
        "act": number,
        "case": case or number,
        "kind": kind,
        "grounds": grounds,
        "reason": reason,
        "proposed_at": "2026-09-26T17:00:00+08:00",
        "decided_at": "2026-09-26T09:20:31Z",
        "entries": list(entries),
    }


#: Of the small record: set aside, partly restored, set aside again on other grounds.
ACTS = (
    act(1, "set_aside", range(10, 40)),
    act(2, "set_aside", range(100, 112), grounds="device", case=3, reason="一台设备，“十二张”"),
    act(3, "restore", range(20, 30), case=4, reason="厂区换班，\n核实为真"),
    act(4, "restore", range(100, 104), grounds="device", case=5),
    act(5, "set_aside", [20, 101, 250], grounds="report", case=7, reason="举报查实"),
)


def small(poll: int = 7, *, ballots: int = 300, seed: int = 1, key: Key | None = None, **over) -> Record:
    """Eight candidates, two to five picks, a dozen checkpoints, five acts."""
    chance = random.Random(seed)
    names = {number: f"虚构企业{number}号" for number in range(1, 9)}
    made = [
        Ballot(
            UUID(bytes=chance.randbytes(16)),
            chance.randbytes(16),
            sorted(chance.sample(sorted(names), chance.randint(2, 5))),
            f"{OPENS + timedelta(minutes=10 * chance.randrange(378)):%Y-%m-%dT%H:%MZ}",
        )
        for _number in range(ballots)
    ]
    rules = {
        "title": "2026年虚构培育选树投票",
        "opens": "2026-09-24T09:00:00+08:00",
        "closes": "2026-09-27T00:00:00+08:00",
        "min_picks": 2,
        "max_picks": 5,
        "ballots_per": "poll",
    }
    sizes = sorted({min(size, ballots) for size in (1, 2, 3, 7, 8, 21, 64, 100, 127, 255, 299)} | {ballots})
    acts = [copy.deepcopy(each) for each in ACTS if max(each["entries"]) < ballots]
    record = Record(key or Key(), poll, made, over.get("sizes", sizes), over.get("acts", acts), rules, names)
    record.lines = [ballot.line(poll) for ballot in made]
    return record


def write(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder
