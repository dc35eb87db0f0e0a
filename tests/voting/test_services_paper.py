import io
import json
import random
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings

from nominations.models import Category
from nominations.rules import subject_key
from portal.errors import Refused
from tests import factories
from tests.moments import NOW
from tests.voting import ground
from voting.models import Ballot, Poll, RefusedBallots
from voting.services import casting, counting, keys, paper, polls

pytestmark = pytest.mark.django_db
SAMPLE = Path(settings.BASE_DIR) / "fixtures" / "sample"
HEAD = "phone,cast_at,picks\n"


def file_of(text: str) -> io.BytesIO:
    return io.BytesIO(("\ufeff" + text).encode())


@pytest.fixture(scope="module")
def expected():
    return json.loads((SAMPLE / "expected.json").read_text(encoding="utf-8"))


def sample_poll(expected):
    paper_edition = json.loads((SAMPLE / "edition.json").read_text(encoding="utf-8"))
    edition = ground.voting_edition(0, seats=10, nominees=20, min_picks=5, max_picks=10, ballots_per="poll")
    for row in expected["rows"]:
        ground.nominate(edition, ground.enterprise_of(row["code"], row["name"]))
    by = ground.office(edition)
    opens, closes = (datetime.fromisoformat(paper_edition[key]) for key in ("poll_opens", "poll_closes"))
    poll = polls.set_up_poll(edition, by=by, now=NOW, opens=opens, closes=closes, closes_itself=False)
    return polls.open_poll(poll, by=by, now=opens)


def test_sample_comes_to_what_it_must(expected):
    poll = sample_poll(expected)
    by = ground.office(poll.edition)
    ballots = paper.read_ballots(SAMPLE / "选票.csv")
    told = []
    for _twice in range(2):
        taken = paper.cast_many(poll, ballots, by=by, now=poll.closes, progress=told.append)
        assert (taken.cast, taken.void, taken.again, taken.outside) == (4755, 186, 97, 63)
        assert Ballot.objects.filter(poll=poll).count() == 4755
    assert sum(told) == 2 * len(ballots) == 2 * (4755 + 186 + 97 + 63)
    result = polls.close_poll(poll, by=by, now=poll.closes)
    rows = {row.nomination.subject_key: row for row in result.rows.select_related("nomination")}
    assert {code: row.picks for code, row in rows.items()} == {
        row["code"]: row["picks"] for row in expected["rows"]
    }
    assert {code: str(row.score) for code, row in rows.items()} == {
        row["code"]: row["vote_score"] for row in expected["rows"]
    }
    assert result.inputs["refused"] == {"void": 186, "again": 97, "outside": 63}


@pytest.mark.parametrize(
    "text, where",
    [
        ("", "第一行"),
        ("phone,picks\n", "第一行"),
        (HEAD, "没有选票"),
        (HEAD + "19900000001,2026-06-02 10:00:00\n", "第 2 行有 2 列"),
        (
            HEAD + "19900000001,2026-06-02 10:00:00,A;B\n1990000000,2026-06-02 10:00:00,A\n",
            "第 3 行的手机号码",
        ),
        (HEAD + "19900000001,2026-06-02,A\n", "第 2 行的时间"),
        (HEAD + "19900000001,2026-06-31 10:00:00,A\n", "第 2 行的时间"),
        (HEAD + '19900000001,"2026-06-02 10:00:00,A\n', "第 2 行读不出来"),
    ],
)
def test_a_malformed_file_is_refused_whole_and_says_where(text, where):
    with pytest.raises(Refused) as refusal:
        paper.read_ballots(file_of(text))
    assert where in str(refusal.value)


def test_a_file_of_another_encoding_is_refused():
    with pytest.raises(Refused, match="UTF-8"):
        paper.read_ballots(io.BytesIO("手机,时间,选择\n".encode("gb18030")))


def test_lines_come_in_the_order_of_time_and_of_the_file():
    text = HEAD + (
        "19900000001,2026-06-02 10:00:01,A\n"
        "+86 199 0000 0002,2026-06-02 10:00:00,b ;\uff21;\n"
        "19900000003,2026-06-02 10:00:00,\n"
        "\n"
        "19900000004,2026-06-02T01:59:59+00:00,A\n"
    )
    rows = paper.read_ballots(file_of(text))
    assert [(row.line, row.phone, row.codes) for row in rows] == [
        (6, "19900000004", ("A",)),
        (3, "19900000002", ("B", "A")),
        (4, "19900000003", ()),
        (2, "19900000001", ("A",)),
    ]
    assert rows[1].at == datetime(2026, 6, 2, 10, tzinfo=casting.CITY)


def test_paper_is_taken_only_by_the_office_into_an_open_poll():
    poll = ground.poll(opened=False)
    with pytest.raises(Refused, match="没有开启"):
        paper.cast_many(poll, [], by=ground.office(poll.edition), now=NOW)
    with pytest.raises(Exception, match="身份"):
        paper.cast_many(poll, [], by=factories.hat("auditor"), now=NOW)


def test_a_result_is_named_by_its_code_and_its_own_name():
    poll = ground.poll()
    first, second, third = list(poll.candidates.select_related("nomination__enterprise").order_by("number"))[
        :3
    ]
    firm = first.nomination.enterprise
    Category.objects.filter(pk=poll.edition.category_id).update(subject="result")
    for each, name in ((first, "甲 装置"), (second, "乙工法"), (third, "甲装置")):
        owner = each.nomination.enterprise if each is third else firm
        each.nomination.enterprise, each.nomination.subject_name = owner, name
        each.nomination.subject_key = subject_key(owner.credit_code, name)
        each.nomination.save()
    poll = Poll.objects.select_related("edition__category").get(pk=poll.pk)
    other = third.nomination.enterprise.credit_code
    numbers = paper.numbers_by_code(poll)
    code = firm.credit_code
    line = f"{code}/甲装置;{code.lower()}/乙 工法;{other}/甲装置;{other};{code}"
    (ballot,) = paper.read_ballots(file_of(f"{HEAD}19900000001,2026-06-02 10:00:00,{line}\n"))
    found = [numbers.get(code) for code in ballot.codes]
    # Of the one with two the code alone leaves open which; of the other it does not.
    assert found == [first.number, second.number, third.number, third.number, None]
    assert numbers[str(first.number)] == first.number


def test_a_number_is_nowhere_in_the_database():
    poll = ground.poll()
    row = paper.PaperBallot(2, "19912345678", ground.DURING, tuple(paper.numbers_by_code(poll))[:1])
    paper.cast_many(poll, [row], by=ground.office(poll.edition), now=ground.DURING)
    ballot = Ballot.objects.get()
    assert "19912345678" not in json.dumps([str(value) for value in ballot.__dict__.values()])
    assert ballot.voter == keys.voter_key(poll, "19912345678")
    # The number of the ballot cannot be guessed without the secret either.
    assert str(ballot.pk) != str(paper.uuid5(paper.BALLOTS, "19912345678"))


@pytest.mark.parametrize("ballots_per", ["poll", "day"])
@pytest.mark.parametrize("seed", range(4))
def test_bulk_comes_to_what_single_ballots_come_to(seed, ballots_per):
    """One random record, once in bulk and once ballot by ballot: same figures, same ballots, same tally."""
    chance = random.Random(seed)
    bulk, single = (ground.poll(ballots_per=ballots_per) for _one in range(2))
    by_code = [paper.numbers_by_code(poll) for poll in (bulk, single)]
    moments = sorted(
        ground.OPENS + timedelta(seconds=chance.randint(-7200, 3 * 86400 + 7200)) for _n in range(160)
    )
    lines = [
        (
            f"199000000{chance.randint(0, 30):02d}",
            at,
            [chance.randint(1, 5) for _p in range(chance.randint(0, 3))],
        )
        for at in moments
    ]
    # The fifth candidate is nobody; 1 to 2 picks are asked for.
    codes = [{number: code for code, number in each.items()} | {5: "X"} for each in by_code]
    rows = [
        paper.PaperBallot(n, phone, at, tuple(codes[0][pick] for pick in picks))
        for n, (phone, at, picks) in enumerate(lines)
    ]
    taken = paper.cast_many(bulk, rows, by=ground.office(bulk.edition), now=ground.CLOSES)
    counts = Counter()
    for phone, at, picks in lines:
        try:
            ground.cast(single, picks, number=phone, at=at, ballot_id=uuid4())
        except casting.BallotRefused as refusal:
            counts[refusal.reason] += 1
        else:
            counts["cast"] += 1
    assert counts == Counter(
        {"cast": taken.cast, "void": taken.void, "again": taken.again, "outside": taken.outside}
    )
    assert all(counts[reason] for reason in ("cast", "void", "again", "outside"))
    assert counting.tally(bulk) == counting.tally(single)
    same = [
        sorted(Ballot.objects.filter(poll=poll).values_list("turn", "cast_at", "picks"))
        for poll in (bulk, single)
    ]
    assert same[0] == same[1]
    assert dict(RefusedBallots.objects.filter(poll=bulk).values_list("reason", "number")) == {
        "void": taken.void,
        "again": taken.again,
        "outside": taken.outside,
    }
