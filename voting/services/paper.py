"""A paper record of ballots: read as a whole or not at all, taken in the order of time."""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO
from uuid import UUID, uuid5

from django.db import connection, transaction
from psycopg2.extras import execute_values

from nominations.rules import normalise, subject_key
from nominations.states import State
from nominations.subjects import by_row
from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require
from voting import rules
from voting.models import Poll, RefusedBallots
from voting.services.casting import CITY, COLUMNS, Terms, terms_of, values
from voting.services.keys import keyed, poll_secret

HEADINGS = ["phone", "cast_at", "picks"]
BATCH = 2000
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,6})?([+-]\d\d:\d\d)?", re.ASCII)
BALLOTS = UUID("6f1d8a52-0d5f-4c1b-9a53-6f7b9b8c2e11")
INSERT = f"INSERT INTO voting_ballot ({', '.join(COLUMNS)}) VALUES %s ON CONFLICT DO NOTHING RETURNING id"


@dataclass(frozen=True)
class PaperBallot:
    """One line: `line` is its number in the file, `codes` name the candidates as `numbers_by_code` does."""

    line: int
    phone: str
    at: datetime
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Taken:
    cast: int
    void: int
    again: int
    outside: int


def read_ballots(file: str | Path | IO[bytes]) -> list[PaperBallot]:
    """Every line of a ballot file, in the order of time (lines of one moment as they stand in the file).

    UTF-8, with or without BOM: phone, cast_at (local time of the city), picks (between semicolons: a credit
    code, or code/name where it is a result or another subject of the enterprise, or the candidate's number).
    """
    raw = Path(file).read_bytes() if isinstance(file, (str, Path)) else file.read()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("选票文件不是 UTF-8 编码的文本，请另存为“CSV UTF-8”后重新提交。") from None
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        if [normalise(name) for name in next(rows, [])] != HEADINGS:
            raise Refused("选票文件的第一行应为 phone,cast_at,picks，请核对后重新提交。")
        ballots = [_ballot(rows.line_num, row) for row in rows if row]
    except csv.Error:
        raise Refused("选票文件第 {line} 行读不出来，请核对后重新提交。", line=rows.line_num) from None
    if not ballots:
        raise Refused("选票文件中没有选票，请核对后重新提交。")
    return sorted(ballots, key=lambda each: each.at)


def _ballot(line: int, row: list[str]) -> PaperBallot:
    if len(row) != len(HEADINGS):
        raise Refused(
            "选票文件第 {line} 行有 {found} 列，应为 3 列，整份文件没有导入。", line=line, found=len(row)
        )
    number, at, picks = row
    try:
        number = rules.phone(number)
    except Refused:
        raise Refused("选票文件第 {line} 行的手机号码不对，整份文件没有导入。", line=line) from None
    try:
        moment = _moment(at)
    except ValueError:
        raise Refused(
            "选票文件第 {line} 行的时间应写成 2026-07-01 08:00:00 的样子，整份文件没有导入。", line=line
        ) from None
    codes = tuple(_code(pick) for pick in picks.split(";") if pick.strip())
    return PaperBallot(line, number, moment, codes)


def _code(pick: str) -> str:
    code, _slash, name = normalise(pick).partition("/")
    return subject_key(code.upper(), name).upper()


def _moment(text: str) -> datetime:
    text = unicodedata.normalize("NFKC", text).strip()
    if not _MOMENT.fullmatch(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=CITY)


@transaction.atomic
def cast_many(
    poll: Poll,
    rows: Iterable[PaperBallot],
    *,
    by: Membership,
    now: datetime,
    progress: Callable[[int], None] | None = None,
) -> Taken:
    """Take a paper record into an open poll, each line judged at its own time: outside, void, again.

    `rows` are in the order of time, as `read_ballots` gives them; `progress` is told how many lines were
    dealt with since it was told last. The same record may be taken twice: it comes to the same.
    """
    require(by, "voting.import_ballots", poll)
    # Holds the poll against being closed meanwhile, but not against ballots of voters.
    poll = Poll.objects.select_for_update(no_key=True, of=("self",)).select_related("edition").get(pk=poll.pk)
    if not poll.opened_at or poll.closed_at:
        raise Refused("投票没有开启或已经计票，不能再录入纸质选票。")
    counts = dict.fromkeys(("cast", *RefusedBallots.Reason.values), 0)
    judge = _judge(poll)
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        good = []
        for row in batch:
            verdict, ballot = judge(row)
            if verdict:
                counts[verdict] += 1
            else:
                good.append(ballot)
        cast = _insert(good)
        counts["cast"] += cast
        counts["again"] += len(good) - cast
        if progress:
            progress(len(batch))
    for reason in RefusedBallots.Reason.values:
        RefusedBallots.objects.update_or_create(poll=poll, reason=reason, defaults={"number": counts[reason]})
    audit.record("voting.import_ballots", poll, by=by, now=now, **counts)
    return Taken(**counts)


def numbers_by_code(poll: Poll) -> dict[str, int]:
    """The number of each candidate under what names it on paper: its number, its own key, its credit code.

    A code names nobody where several of the enterprise stand.
    """
    rows = poll.candidates.exclude(nomination__state=State.WITHDRAWN)
    rows = list(rows.select_related("nomination__enterprise"))
    standing = Counter(each.nomination.enterprise.credit_code for each in rows)
    numbers = {
        code: each.number for each in rows if standing[code := each.nomination.enterprise.credit_code] == 1
    }
    numbers |= {str(each.number): each.number for each in rows}
    keys = by_row(poll.edition, [each.nomination for each in rows])
    of = {each.nomination_id: each.number for each in rows}
    return numbers | {key.upper(): of[nomination.pk] for key, nomination in keys.items()}


def _judge(poll) -> Callable[[PaperBallot], tuple[str | None, tuple]]:
    terms: Terms = terms_of(poll)
    numbers = numbers_by_code(poll)
    secret = poll_secret(poll)

    def judge(row):
        verdict = terms.verdict(row.codes, row.at, numbers)
        if verdict:
            return verdict, ()
        picks = sorted({numbers[code] for code in row.codes})
        if len(picks) != len(row.codes):  # one candidate under two of its names
            return rules.VOID, ()
        voter = keyed(secret, "voter", row.phone)
        # The voter's key is in the name: a number could be guessed from a hash without a secret.
        ballot_id = uuid5(BALLOTS, f"{poll.pk} {row.line} {voter} {row.at.isoformat()} {picks}")
        row = values(
            secret,
            poll.pk,
            ballot_id=ballot_id,
            voter=voter,
            turn=terms.turn(row.at),
            picks=picks,
            at=row.at,
        )
        return None, tuple(row[name] for name in COLUMNS)

    return judge


def _insert(ballots: list[tuple]) -> int:
    """Insert a batch in its order; how many of its ballots are there afterwards, from now or from before."""
    if not ballots:
        return 0
    with connection.cursor() as cursor:
        new = execute_values(cursor.cursor, INSERT, ballots, page_size=len(ballots), fetch=True)
        if len(new) == len(ballots):
            return len(new)
        cursor.execute(
            "SELECT count(*) FROM voting_ballot WHERE id = ANY(%s::uuid[])", [[row[0] for row in ballots]]
        )
        return cursor.fetchone()[0]
