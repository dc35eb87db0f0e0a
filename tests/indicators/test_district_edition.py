"""A district's own edition without 公众投票 and 差额考察, by its files, from intake to the city's board."""

import io
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction as F

import openpyxl
import pytest
from django.urls import reverse

from awards.models import Grant, Honour, Inspection, Shortlist
from awards.services import looks, naming, publishing, shortlisting
from awards.services.path import path_of
from indicators.services import levels
from nominations.services import conclusion, intake
from nominations.services.recommending import recommend
from portal.errors import Refused
from portal.models import Organisation
from review import services
from review.services.expiry import EXCLUSIONS
from tests import factories as make
from tests.moments import NOW
from tests.nominations.test_services_intake import book, row
from voting.models import Poll

pytestmark = pytest.mark.django_db
HOST, SEATS = "市南区", 2
OPINIONS = ("序号", "部门", "统一社会信用代码", "企业名称", "核查项", "结果", "说明", "查询日期")
SCORES = (
    *("专家编号", "统一社会信用代码", "企业名称"),
    *("全员创新机制建设", "全员创新平台载体建设", "全员创新效果", "回避", "评语"),
)
#: What each of four gets from every expert; the third is refused in the joint check.
POINTS = {1: 81, 2: 93, 4: 87}
REFUSED = 3


def workbook(headings, rows):
    sheet_book = openpyxl.Workbook()
    for line in (["汇总表"], headings, *rows):
        sheet_book.active.append(line)
    out = io.BytesIO()
    sheet_book.save(out)
    out.seek(0)
    return out


def found():
    return make.edition(
        host=HOST,
        seats=SEATS,
        nominees=9,
        off=("voting", "inspection"),
        expert_weight=Decimal(100),
        vote_weight=Decimal(0),
    )


def recommended(edition):
    by = make.hat("recommender", HOST)
    made = intake.apply_intake(edition, book(*(row(n) for n in (1, 2, 3, 4))), by=by, now=NOW)
    recommend(made, by=by, now=NOW, opinion="同意推荐（演示）")
    conclusion.close_recommendation(edition, by=make.hat("office", HOST), now=NOW)


def screened(edition, office):
    questions = [(Organisation.objects.get(code="dept-kjj"), "misconduct")]
    services.consult(edition, questions, by=office, now=NOW)
    answers = []
    for n, each in enumerate(edition.nominations.order_by("rank"), start=1):
        said = ("有问题", "撤稿一篇（演示）") if n == REFUSED else ("无异议", None)
        answers.append(
            [n, "市科技局", each.subject_key, each.subject_name, "科研严重失信行为", *said, date(2026, 5, 20)]
        )
    replies = services.read_opinions(edition, workbook(OPINIONS, answers), by=office, now=NOW)
    services.apply_opinions(edition, replies, by=office, now=NOW)
    services.close_screening(edition, by=office, now=NOW)


def reviewed(edition, office):
    experts = [make.hat("expert", username=f"expert{n}") for n in (1, 2, 3)]
    seats = [services.Seat(f"E0{n}", hat.user.full_name, hat.user) for n, hat in enumerate(experts, 1)]
    services.seat_panel(edition, seats, by=office, now=NOW)
    services.assign_all(edition, by=office, now=NOW)
    marks = [
        [f"E0{expert}", each.subject_key, each.subject_name, *[POINTS[each.rank]] * 3, None, None]
        for expert in (1, 2, 3)
        for each in edition.nominations.filter(state="review").order_by("rank")
    ]
    scored = services.read_scores(edition, workbook(SCORES, marks), by=office, now=NOW)
    services.apply_scores(edition, scored, by=office, now=NOW)
    services.close_review(edition, by=office, now=NOW)


def listed(edition, office, now):
    asked = shortlisting.ask_shortlist(edition, by=office, now=now)
    shortlisting.draw_shortlist(asked.pk, now=now)
    chosen = list(publishing.propose(edition).computed.ids)
    looks.note_looks(
        edition,
        nominations=chosen,
        items=EXCLUSIONS,
        looked_up_on=now.date(),
        source="演示",
        by=office,
        now=now,
    )
    return publishing.publish_notice(edition, chosen=chosen, by=office, now=now)


@pytest.fixture
def edition():
    made, office = found(), make.hat("office", HOST)
    recommended(made)
    screened(made, office)
    reviewed(made, office)
    listed(made, office, NOW + timedelta(days=1))
    return made


@pytest.fixture
def named(edition):
    office, later = make.hat("office", HOST), NOW + timedelta(days=11)
    naming.name_winners(edition, decision="演示南工发7号", by=office, now=later)
    conclusion.conclude(edition, by=office, now=later)
    edition.refresh_from_db()
    return edition


def board():
    host = make.city()
    category = levels.categories_of(host)[0]
    return levels.levels_of(host, category, year=2026, this_year=2026, hat=make.hat("office"))


def test_from_intake_to_the_named_list(named):
    assert named.concluded_at and named.current_step is None
    assert named.enabled == ("recommendation", "screening", "review", "publicity")
    by_state = dict(named.nominations.order_by("rank").values_list("rank", "state"))
    assert by_state == {1: "rejected", 2: "named", 3: "rejected", 4: "named"}
    honours = list(Honour.objects.filter(nomination__edition=named).order_by("number"))
    # In the order of the panel's scores alone.
    assert [each.nomination.rank for each in honours] == [2, 4]
    assert {(each.level, each.year, each.host.division_name) for each in honours} == {
        ("district", 2026, HOST)
    }
    assert not any(each.certificate or each.medal_name for each in honours)
    assert not Poll.objects.exists() and not Inspection.objects.exists() and not Grant.objects.exists()


def test_the_order_is_the_panels_alone(edition):
    rows = Shortlist.objects.get(edition=edition).rows.order_by("rank")
    assert [(each.nomination.rank, each.composite) for each in rows] == [(2, F(93)), (4, F(87)), (1, F(81))]


def test_nobody_is_named_before_the_period_is_over(edition):
    with pytest.raises(Refused, match="公示期"):
        naming.name_winners(
            edition, decision="演示", by=make.hat("office", HOST), now=NOW + timedelta(days=3)
        )


def test_its_winners_are_on_the_city_board(edition):
    before = board()
    assert before.districts[0].inside.editions == [edition] and before.districts[0].cell.named == 0
    office, later = make.hat("office", HOST), NOW + timedelta(days=11)
    naming.name_winners(edition, decision="演示南工发7号", by=office, now=later)
    after = board()
    assert after.districts[0].unit.division_name == HOST
    assert (after.districts[0].cell.named, after.districts[0].cell.lacking) == (2, 8)
    assert after.everyone.in_year(2026).named == 2 and after.city.in_year(2026).named == 0


def test_its_winners_are_in_the_registry_and_on_their_way(named, client):
    page = client.get(reverse("awards:registry"), {"level": "district", "year": 2026}).content.decode()
    honours = Honour.objects.filter(nomination__edition=named)
    for honour in honours:
        assert honour.subject_name in page and honour.number in page
        assert [step.level for step in path_of(honour.enterprise).steps] == ["district"]
    lost = named.nominations.filter(state="rejected")
    assert lost and not any(each.subject_name in page for each in lost)
