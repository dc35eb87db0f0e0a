"""The board of all unions: each figure by hand, one row a union, a constant number of queries."""

import io
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from openpyxl import load_workbook

from nominations.models import Recommendation, Return
from nominations.services import advance, board
from nominations.services.quotas import set_quota
from nominations.services.steps import close_step
from portal.models import Organisation
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(now):
    return factories.edition(now=now)


@pytest.fixture
def office():
    return factories.hat("office")


def returned(row, by, deadline, now):
    from_state = row.state
    advance(row, "send_back", by=by, now=now, note="演示")
    Return.objects.create(
        nomination=row,
        from_state=from_state,
        reason="演示",
        deadline=deadline,
        returned_at=now,
        returned_by=by,
    )


def recommended(edition, n, now, recommender="市南区"):
    row = factories.nomination(edition, n, state="screening", recommender=recommender, now=now)
    by = factories.hat("recommender", recommender)
    Recommendation.objects.create(nomination=row, opinion="同意", recommended_at=now, recommended_by=by)
    return row


def line(edition, now, name="市南区", by=None):
    lines = board.read_board(edition, by=by or factories.hat("office"), now=now)
    return next(each for each in lines if each.organisation.division_name == name)


def figures(each):
    return (
        each.number,
        each.used,
        each.left,
        each.drafts,
        each.returned,
        each.overdue,
        each.waiting,
        each.recommended,
    )


def test_every_nomination_stands_in_one_column(edition, office, now):
    shinan = factories.hat("recommender")
    set_quota(edition, shinan.organisation, 5, by=office, now=now)
    factories.nomination(edition, 1)
    factories.nomination(edition, 2, state="withdrawn")
    factories.nomination(edition, 3, state="recommendation")
    today = date(2026, 6, 1)
    for n, deadline in ((4, today), (5, today - timedelta(days=1))):
        returned(factories.nomination(edition, n, state="recommendation"), shinan, deadline, now)
    recommended(edition, 6, now)
    factories.bring(recommended(edition, 7, now), "rejected")
    returned(recommended(edition, 8, now), office, today - timedelta(days=3), now)
    found = line(edition, now)
    #         number used left drafts returned overdue waiting recommended
    assert figures(found) == (5, 3, 2, 1, 3, 2, 1, 2)
    assert found.pending == 5
    assert figures(line(edition, now, "市北区")) == (None, 0, None, 0, 0, 0, 0, 0)
    total = board.total_of(board.read_board(edition, by=office, now=now))
    assert (total["number"], total["used"], total["left"], total["overdue"]) == (5, 3, 2, 2)


def test_in_a_closed_step_nothing_is_pending_but_what_screening_sent_back(edition, office, now):
    factories.nomination(edition, 1)
    returned(recommended(edition, 2, now), office, date(2026, 6, 9), now)
    close_step(edition, "recommendation", by=office, now=now)
    edition = type(edition).objects.get(pk=edition.pk)
    assert line(edition, now).pending == 1
    close_step(edition, "screening", by=office, now=now)
    edition = type(edition).objects.get(pk=edition.pk)
    assert line(edition, now).pending == 0


def test_who_acted_last_and_when(edition, office, now):
    factories.nomination(edition, 1, state="recommendation", now=now)
    factories.nomination(edition, 2, state="withdrawn", now=now + timedelta(days=1))
    found = line(edition, now + timedelta(days=4))
    # The office's own withdrawal is no act of the union.
    assert (found.last_act, found.last_at, found.days) == ("nominations.submit", now, 4)
    assert (line(edition, now, "市北区").last_at, line(edition, now, "市北区").days) == (None, None)


@pytest.mark.parametrize("count", [5, 200])
def test_as_many_queries_for_two_hundred_unions_as_for_five(
    edition, office, now, count, django_assert_num_queries
):
    parent = factories.city()
    for n in range(count):
        unit = Organisation.objects.create(
            code=f"u{n}",
            name=f"演示{n}单位工会",
            short_name=f"演示{n}",
            kind=Organisation.Kind.DIRECT,
            parent=parent,
            position=500 + n,
        )
        if n < 20:
            factories.nomination(edition, n + 1, recommender=unit)
    edition = type(edition).objects.prefetch_related("steps").select_related("host").get(pk=edition.pk)
    with django_assert_num_queries(5):
        lines = board.read_board(edition, by=office, now=now)
    assert len(lines) >= count


def test_a_union_that_is_no_longer_in_use_still_counts(edition, office, now):
    factories.nomination(edition, 1)
    Organisation.objects.filter(division_name="市南区").update(active=False)
    assert line(edition, now).drafts == 1


def test_the_workbook_holds_what_the_page_shows_and_its_sums(edition, office, now):
    set_quota(edition, factories.district(), 5, by=office, now=now)
    factories.nomination(edition, 1, now=now)
    recommended(edition, 2, now)
    lines = [each for each in board.read_board(edition, by=office, now=now) if each.used or each.drafts]
    out = io.BytesIO()
    board.export_board(edition, out, lines, by=office)
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(out.getvalue())).active]
    at = next(n for n, row in enumerate(rows) if row[0] == "推荐单位")
    assert rows[at][1:9] == [
        *("推荐名额", "已用", "剩余", "起草", "退回补正", "其中逾期", "待审核", "已推荐"),
    ]
    assert rows[at + 1][:9] == ["市南区总工会", 5, 1, 4, 1, 0, 0, 0, 1]
    assert rows[at + 2][:9] == ["合计", 5, 1, 4, 1, 0, 0, 0, 1]


def test_the_board_is_its_hosts_and_the_auditors(edition, now):
    assert line(edition, now, by=factories.hat("auditor")).drafts == 0
    for hat in (factories.hat("office", "市北区"), factories.hat("recommender"), factories.hat("admin")):
        with pytest.raises(PermissionDenied):
            board.read_board(edition, by=hat, now=now)
        with pytest.raises(PermissionDenied):
            board.export_board(edition, io.BytesIO(), [], by=hat)
