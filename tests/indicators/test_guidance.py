"""Guidance of unions: planned, recorded once, called off, and what was agreed followed to its end."""

import io
from datetime import date, timedelta

import docx
import pytest
from django.core.exceptions import PermissionDenied

from indicators.models import Agreement, Guidance
from indicators.services import guidance, union_report, unions
from indicators.services.guidance import Agreed
from indicators.todo import todos
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from tests import factories as make
from tests.indicators.test_board import named
from tests.moments import NOW

pytestmark = pytest.mark.django_db
TODAY, VISIT, DUE = date(2026, 6, 1), date(2026, 6, 10), date(2026, 6, 30)


@pytest.fixture
def office():
    return make.hat("office")


@pytest.fixture
def unit():
    return make.organisation("市南区")


def plan(unit, office, **more):
    fields = {"planned_on": VISIT, "purpose": "了解本级选树"} | more
    return guidance.plan_guidance(unit, by=office, now=NOW, **fields)


def record(made, office, *, now=NOW + timedelta(days=9), agreed=(), **more):
    fields = {"visited_on": VISIT, "people": "两人", "looked_at": "看了台账", "found": ""} | more
    return guidance.record_guidance(made, by=office, now=now, agreed=agreed, **fields)


def settle(by, done_on, days):
    return guidance.settle_agreement(
        Agreement.objects.get(), done_on=done_on, outcome="已补齐", by=by, now=NOW + timedelta(days=days)
    )


def test_a_visit_is_planned_made_and_its_agreement_done(office, unit):
    theirs = make.hat("recommender", "市南区")
    made = plan(unit, office)
    assert Notification.objects.get(recipient=theirs.user).url.endswith(f"/guidance/{made.pk}/")
    assert todos(office, now=NOW) == []
    assert [line.verb for line in todos(office, now=NOW + timedelta(days=10))] == ["记录指导"]
    record(made, office, agreed=[Agreed("补齐佐证", DUE)])
    (line,) = todos(theirs, now=NOW)
    assert (line.verb, line.object, line.due) == ("完成", "补齐佐证", DUE)
    settle(theirs, date(2026, 6, 20), 20)
    assert todos(theirs, now=NOW) == []
    acts = AuditEntry.objects.filter(act__startswith="indicators.").order_by("pk")
    assert list(acts.values_list("act", flat=True)) == [
        "indicators.plan_guidance",
        "indicators.record_guidance",
        "indicators.settle_agreement",
    ]


def test_what_is_recorded_stays(office, unit):
    made = record(plan(unit, office), office)
    with pytest.raises(Refused, match="已经记录，不能再改"):
        record(made, office, looked_at="别的")
    with pytest.raises(Refused, match="不能取消"):
        guidance.cancel_guidance(made, reason="x", by=office, now=NOW)
    made.refresh_from_db()
    assert made.looked_at == "看了台账"


def test_a_cancelled_one_is_not_recorded(office, unit):
    made = guidance.cancel_guidance(plan(unit, office), reason="改期", by=office, now=NOW)
    with pytest.raises(Refused, match="已经取消"):
        record(made, office)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"now": NOW}, "还没有到"),
        ({"agreed": [Agreed("补齐佐证", date(2026, 6, 9))]}, "早于指导日期"),
    ],
)
def test_days_that_cannot_be(office, unit, more, words):
    made = plan(unit, office)
    with pytest.raises(Refused, match=words):
        record(made, office, **more)
    assert not Agreement.objects.exists() and Guidance.objects.get().recorded_at is None


def test_plans_are_for_days_to_come(office, unit):
    with pytest.raises(Refused, match="已经过去"):
        plan(unit, office, planned_on=TODAY - timedelta(days=1))


@pytest.mark.parametrize(
    ("done_on", "words"), [(date(2026, 6, 9), "早于指导日期"), (date(2026, 7, 1), "没有到")]
)
def test_an_agreement_is_done_between_the_visit_and_today(office, unit, done_on, words):
    record(plan(unit, office), office, agreed=[Agreed("补齐佐证", DUE)])
    with pytest.raises(Refused, match=words):
        settle(office, done_on, 15)


def test_who_may(office, unit):
    for hat in (make.hat("recommender", "市南区"), make.hat("office", "市南区"), make.hat("auditor")):
        with pytest.raises(PermissionDenied):
            plan(unit, hat)
    made = record(plan(unit, office), office, agreed=[Agreed("补齐佐证", DUE)])
    with pytest.raises(PermissionDenied):
        settle(make.hat("recommender", "市北区"), VISIT, 15)
    hats = (office, make.hat("recommender", "市南区"), make.hat("recommender", "市北区"), make.hat("expert"))
    assert [list(Guidance.objects.visible_to(hat)) for hat in hats] == [[made], [made], [], []]


@pytest.fixture
def year(office, unit):
    edition = make.edition(title="市级演示届")
    make.nomination(edition, 1, state="screening")
    make.nomination(edition, 2, state="draft")
    make.edition(host="市南区", title="区级演示届")
    named(40, year=2026, level="district", host="市南区")
    record(plan(unit, office), office, found="台账不全", agreed=[Agreed("补齐台账", DUE)])
    return unions.year_of(unit, 2026)


def test_a_year_in_one_place(year):
    (line,) = year.rounds
    assert (line.edition.title, line.quota.total, line.returned) == ("市级演示届", 2, 0)
    assert line.states == [("起草", 1), ("资格审查", 1)]
    assert [each.title for each in year.own] == ["区级演示届"]
    assert (len(year.own_named), year.aimed_at, year.aim.number, year.city_named) == (1, 1, 10, [])
    assert [each.found for each in year.guidance] == ["台账不全"]
    assert unions.year_of(year.unit, 2025).rounds == []


def test_all_unions_in_figures(year, office, django_assert_num_queries):
    host = office.organisation
    with django_assert_num_queries(10):
        lines = {line.unit.division_name: line for line in unions.overview(host, 2026)}
    found = lines["市南区"]
    assert (found.own_named, found.city_named, found.visits, found.open_agreements) == (1, 0, 1, 1)
    assert (found.aimed_at, found.aim) == (1, 10)
    assert lines["市北区"].visits == 0


def test_the_yearly_report_writes_itself(year, office):
    data = union_report.report_docx(year.unit, 2026, by=office, now=NOW)
    paper = docx.Document(io.BytesIO(data))
    text = "\n".join(each.text for each in paper.paragraphs)
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    assert "市南区总工会2026年度全员创新企业培育选树工作情况" in text
    assert "本级命名 1 家（其中计入每年至少 10 家的 1 家），获市级命名 0 家。" in text
    assert "发现的问题：台账不全" in text and "商定事项：补齐台账（2026年6月30日前）。尚未完成" in text
    assert "市级演示届" in cells and "起草 1 家，资格审查 1 家" in cells
    assert "{" not in text + "".join(cells)
    with pytest.raises(PermissionDenied):
        union_report.report_docx(year.unit, 2026, by=make.hat("recommender", "市北区"), now=NOW)


def test_a_visit_belongs_to_the_year_it_was_made_in(office, unit):
    made = plan(unit, office, planned_on=date(2026, 12, 30))
    record(made, office, visited_on=date(2027, 1, 4), now=NOW + timedelta(days=220))
    assert [unions.year_of(unit, year).visits for year in (2026, 2027)] == [0, 1]
    counts = [
        {line.unit.pk: line.visits for line in unions.overview(office.organisation, year)}[unit.pk]
        for year in (2026, 2027)
    ]
    assert counts == [0, 1]
