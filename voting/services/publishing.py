"""The public record of a counted poll, as files anybody may have: written whole or not at all, and signed."""

import base64
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require
from voting.models import Case, Checkpoint, Entry, Poll, Publication, Quarantine, Result
from voting.rules import entries, tree
from voting.services.counting import published
from voting.services.keys import origin, signer

BALLOTS, CASES, CHECKPOINTS, TALLY = "ballots.txt", "cases.jsonl", "checkpoints.txt", "tally.json"
SIGNED = (BALLOTS, CASES, CHECKPOINTS, TALLY)
STATEMENT, KEY = "statement.txt", "key.txt"
FILES = (*SIGNED, STATEMENT, KEY)

ROWS = 5_000  # of a cursor at a time
LOCK = 1_988_072_607  # of all publications; the second number is the poll's


class Out:
    """A file being written: its digest and length as they grow, on disk when it is closed."""

    def __init__(self, path: Path):
        self._file = path.open("wb")
        self._digest, self.bytes = hashlib.sha256(), 0

    def write(self, text: str) -> None:
        raw = text.encode()
        self._file.write(raw)
        self._digest.update(raw)
        self.bytes += len(raw)

    def close(self) -> dict:
        self._file.flush()
        os.fsync(self._file.fileno())
        os.fchmod(self._file.fileno(), 0o644)
        self._file.close()
        return {"sha256": self._digest.hexdigest(), "bytes": self.bytes}


def folder_of(poll_id: int) -> Path:
    return Path(settings.PUBLIC_ROOT) / "polls" / str(poll_id)


def publish_record(poll: Poll, *, by: Membership, now: datetime) -> Publication:
    """Write the files of a counted poll and sign them; again, where they are gone. Twice is once.

    What was published is never replaced by something else: it is written anew to the byte, or refused.
    """
    require(by, "voting.publish_record", poll)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, poll.pk])
        poll = Poll.objects.select_related("edition__vote_result").get(pk=poll.pk)
        _ready(poll)
        held = Publication.objects.filter(poll=poll).first()
        if held and _there(held):
            return held
        files, statement = _lay(poll, held)
        if held:
            return held
        made = Publication.objects.create(
            poll=poll, files=files, statement=statement, published_at=now, published_by=by
        )
        audit.record("voting.publish_record", poll, by=by, now=now, edition=poll.edition, files=files)
        return made


def under_way(poll: Poll) -> bool:
    """Whether somebody writes this poll's files now: a big record takes minutes, and nobody need queue."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, poll.pk])
        return not cursor.fetchone()[0]


def due() -> list[Poll]:
    """Counted over a log, of a published edition, and not (or no longer) lying there."""
    counted = Poll.objects.filter(
        closed_at__isnull=False, edition__published=True, edition__vote_result__inputs__has_key="log"
    )
    polls = counted.select_related("publication", "edition")
    return [poll for poll in polls if not hasattr(poll, "publication") or not _there(poll.publication)]


def file_of(poll: Poll, name: str) -> tuple[Path, dict] | None:
    """Where a published file lies, and its digest and length; None when there is none of this name."""
    held = Publication.objects.filter(poll=poll).first()
    if held is None or name not in held.files:
        return None
    path = folder_of(poll.pk) / name
    return (path, held.files[name]) if path.is_file() else None


def lines_of(poll_id: int) -> Iterator[str]:
    """Every line of the log in its order, with a few thousand rows in memory."""
    rows = Entry.objects.filter(poll_id=poll_id).order_by("index")
    found = rows.values_list("ballot__record", "ballot__picks", "ballot__cast_at", "ballot__commitment")
    with closing(found.iterator(chunk_size=ROWS)) as rows:
        for record, picks, cast_at, commitment in rows:
            yield entries.line(poll_id, record, picks, cast_at, commitment)


def notes_of(poll_id: int) -> Iterator[str]:
    """Every checkpoint by size, with the empty line between two."""
    notes = Checkpoint.objects.filter(poll_id=poll_id).order_by("size").values_list("note", flat=True)
    for number, note in enumerate(notes.iterator(chunk_size=ROWS)):
        yield f"\n{note}" if number else note


def acts_of(poll: Poll) -> Iterator[dict]:
    """Every act of setting aside or restoring, as it is published."""
    acts = Quarantine.objects.filter(poll=poll).select_related("case").order_by("pk")
    for number, act in enumerate(acts.iterator(chunk_size=200), start=1):
        places = Entry.objects.filter(ballot__quarantines=act).order_by("index")
        yield {
            "act": number,
            "case": act.case.number if act.case else 0,
            "kind": act.kind,
            "grounds": act.case.grounds if act.case else Case.Grounds.OTHER.value,
            "reason": act.reason,
            "proposed_at": moment(act.case.proposed_at if act.case else act.done_at),
            "decided_at": moment(act.done_at),
            "entries": list(places.values_list("index", flat=True)),
        }


def tally_of(poll: Poll) -> dict:
    """The rules of the poll and its frozen figures, as they are published."""
    edition, figures = poll.edition, published(poll)
    return {
        "origin": origin(poll.pk),
        "version": entries.VERSION,
        "title": edition.vote_result.inputs.get("title", edition.title),
        "opens": moment(poll.opens),
        "closes": moment(poll.closes),
        "min_picks": edition.min_picks,
        "max_picks": edition.max_picks,
        "ballots_per": edition.ballots_per,
        "cast": figures.cast,
        "set_aside": figures.set_aside,
        "valid": figures.valid,
        "candidates": [
            {"number": each.number, "name": each.name, "picks": each.picks, "set_aside": each.aside}
            for each in figures.candidates
        ],
        "grounds": figures.grounds,
    }


def statement_of(poll: Poll, size: int, root: bytes, files: dict) -> str:
    """What is signed over the files."""
    head = f"{origin(poll.pk)}/statement\n{size}\n{base64.b64encode(root).decode()}\n"
    return signer().sign(head + "".join(f"{name} {files[name]['sha256']}\n" for name in SIGNED))


def moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def canonical(data) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


def _ready(poll):
    if not poll.closed_at:
        raise Refused("投票还没有关闭并计票，不能发布公开记录。")
    if not poll.edition.published:
        raise Refused("本届还没有发布，不能发布投票的公开记录。")
    result = Result.objects.filter(edition=poll.edition).first()
    if result is None or "log" not in result.inputs:
        raise Refused("这次计票没有公开记录，不能发布。")


def _there(held):
    folder = folder_of(held.poll_id)
    paths = ((folder / name, said["bytes"]) for name, said in held.files.items())
    return all(path.is_file() and path.stat().st_size == length for path, length in paths)


def _lay(poll, held):
    """Write every file beside its place and move them there together; what each is, and the statement."""
    place = folder_of(poll.pk)
    place.parent.mkdir(parents=True, exist_ok=True)
    for left in place.parent.glob(f".{poll.pk}-*"):  # of one that was killed; nobody else is here now
        shutil.rmtree(left)
    fresh = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{poll.pk}-"))
    try:
        files, statement = _write(poll, fresh, held)
        if held and any(files[name] != held.files[name] for name in SIGNED):
            raise Refused("重新生成的公开记录与已发布的不符，没有改动。请运行 manage.py verify_poll 核查。")
        fresh.chmod(0o755)
        _settle(fresh)
        if place.exists():
            place.rename(place.with_name(f".{poll.pk}-gone"))
        fresh.rename(place)
        _settle(place.parent)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    shutil.rmtree(place.with_name(f".{poll.pk}-gone"), ignore_errors=True)
    return files, statement


def _write(poll, folder, held):
    log = poll.edition.vote_result.inputs["log"]
    root = _ballots(poll, out := Out(folder / BALLOTS))
    if root.hex() != log["root"]:
        raise _broken(log["size"])
    files = {BALLOTS: out.close()}
    out = Out(folder / CHECKPOINTS)
    for note in notes_of(poll.pk):
        out.write(note)
    files[CHECKPOINTS] = out.close()
    out = Out(folder / CASES)
    for act in acts_of(poll):
        out.write(canonical(act))
    files[CASES] = out.close()
    out = Out(folder / TALLY)
    out.write(canonical(tally_of(poll)))
    files[TALLY] = out.close()
    statement = held.statement if held else statement_of(poll, log["size"], root, files)
    for name, text in ((STATEMENT, statement), (KEY, f"{signer().verifier}\n")):
        out = Out(folder / name)
        out.write(text)
        files[name] = out.close()
    return files, statement


def _ballots(poll, out):
    """Write the lines, and see at every checkpoint that they are what was signed; the root of all."""
    edge = tree.Edge()
    signed = Checkpoint.objects.filter(poll=poll, size__gt=0).order_by("size").values_list("size", "root")
    # Their cursors end with the work, and not when somebody forgets them.
    with closing(signed.iterator(chunk_size=ROWS)) as marks, closing(lines_of(poll.pk)) as lines:
        size, root = next(marks, (None, b""))
        for line in lines:
            out.write(f"{line}\n")
            edge.append(entries.leaf(line))
            if edge.size == size:
                if edge.root() != bytes(root):
                    raise _broken(size)
                size, root = next(marks, (None, b""))
        if size is not None:
            raise _broken(size)
    return edge.root()


def _broken(size):
    return Refused(
        "选票与前 {size} 张处已签名的检查点不符，公开记录没有发布。请运行 manage.py verify_poll 核查。",
        size=size,
    )


def _settle(folder):
    """What was created or renamed in a folder is on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
