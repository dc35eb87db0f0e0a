import io
import json
import random
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings

from portal.errors import Refused
from tests import factories
from tests.moments import NOW
from tests.voting import ground
from voting.models import Ballot, RefusedBallots
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
