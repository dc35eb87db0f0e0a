"""The pages of the list and of the visits: who opens them, what they say, how many queries they take."""

import json
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from PIL import Image

from awards import resultfile
from awards.models import Inspection, InspectionPhoto, Shortlist, ShortlistRow
from awards.sections import sections
from awards.services import (
    closing_inspection,
    inspecting,
    inspector_conflicts,
    photos,
    shortlisting,
    teaming,
    teams,
)
from awards.todos import todos
from nominations.models import Nomination
from tests import factories as make
from tests.awards.test_inspecting import paper
from tests.awards.voted import FIELD, voted
from tests.moments import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The views' clock stands at the moment of the tests."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def drawn(field=FIELD, host="city"):
    edition, _ = voted(field, host=host)
    office = make.hat("office", host)
    asked = shortlisting.ask_shortlist(edition, by=office, now=NOW)
    shortlisting.draw_shortlist(asked.pk, now=NOW)
    return edition


def planned(field=FIELD, host="city"):
    edition = drawn(field, host)
    visits = inspecting.plan_inspections(edition, by=make.hat("office", host), now=NOW)
    return edition, {visit.nomination.subject_name[2]: visit for visit in visits}


def give(visit, inspector=None, day=None):
    """To the team of 演示组长, who has an account, and 演示成员."""
    leader, by = inspector or make.hat("inspector"), make.hat("office")
    leader.user.full_name = "演示组长"
    leader.user.save()
    edition = visit.nomination.edition
    team = edition.teams.filter(members__user=leader.user).first() or teams.make_team(
        edition, leader=leader.user, members=[], others=["演示成员"], by=by, now=NOW
    )
    [given] = teaming.assign(edition, places=[teaming.Place(visit, team, day)], by=by, now=NOW)
    inspector_conflicts.declare(given, clear=True, by=leader, now=NOW)
    return given


def page(client, name, pk, hat="office", org=None, query="", **options):
    worn = make.hat(hat, org) if isinstance(hat, str) else hat
    return make.sign_in(client, worn).get(reverse(f"awards:{name}", args=[pk]) + query, **options)


def send(client, name, pk, data=None, hat="office", org=None, query=""):
    worn = make.hat(hat, org) if isinstance(hat, str) else hat
    return make.sign_in(client, worn).post(
        reverse(f"awards:{name}", args=[pk]) + query, data or {}, follow=True
    )


def text(answer):
    return answer.content.decode()


EDITION_PAGES = (
    "shortlist",
    "shortlist_progress",
    "shortlist_result",
    "shortlist_export",
    "shortlist_why",
    "shortlist_what_if",
    "shortlist_verify",
    "inspections",
    "inspection_paper",
    "inspection_form",
    "inspections_export",
    "close_inspection",
)
FOR_THE_AUDITOR = {
    "shortlist",
    "shortlist_progress",
    "shortlist_result",
    "shortlist_export",
    "shortlist_why",
    "shortlist_what_if",
    "shortlist_verify",
    "inspections",
    "inspections_export",
}


@pytest.mark.parametrize("name", EDITION_PAGES)
def test_pages_of_an_edition_open_to_whom_they_are_for(client, name):
    edition, _ = planned()
    assert page(client, name, edition.pk).status_code == 200
    assert page(client, name, edition.pk, "auditor").status_code == (200 if name in FOR_THE_AUDITOR else 403)
    assert page(client, name, edition.pk, "inspector").status_code == (200 if name == "inspections" else 403)
    for role in ("recommender", "expert", "department"):
        assert page(client, name, edition.pk, role).status_code == 403
    assert page(client, name, edition.pk, "office", "市南区").status_code == 404
    client.logout()
    assert client.get(reverse(f"awards:{name}", args=[edition.pk])).status_code == 302


@pytest.mark.parametrize("name", EDITION_PAGES)
def test_the_city_does_not_run_a_district_s_own_edition(client, name):
    edition, _ = planned(host="市南区")
    assert page(client, name, edition.pk, "office", "市南区").status_code == 200
    assert page(client, name, edition.pk, "office", "city").status_code == 403
    assert page(client, name, edition.pk, "office", "市北区").status_code == 404


def test_before_the_list_the_page_says_what_will_happen(client):
    edition, _ = voted()
    said = text(page(client, "shortlist", edition.pk))
    assert "5 家经过公众投票的企业参加排序，命名名额 2 家。" in said
    assert "列入考察 <strong>3</strong> 家" in said
    assert "专家得分 × 70% ＋ 投票得分 × 30%" in said
    assert "民营企业优先" in said
    assert "计算考察名单" in said
    auditor = text(page(client, "shortlist", edition.pk, "auditor"))
    assert '<button class="btn btn-primary">' not in auditor


def test_before_the_results_the_page_says_what_is_missing(client):
    edition = make.edition()
    said = text(page(client, "shortlist", edition.pk))
    assert "还不能计算考察名单：专家评审、公众投票的结果还没有冻结。" in said
    assert "都冻结后才能计算" in text(send(client, "shortlist", edition.pk))
    assert not Shortlist.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_is_one_list_drawn_by_the_task(client):
    edition, _ = voted()
    first = send(client, "shortlist", edition.pk)
    second = send(client, "shortlist", edition.pk)
    assert (
        first.redirect_chain == second.redirect_chain == [(f"/awards/editions/{edition.pk}/shortlist/", 302)]
    )
    shortlist = Shortlist.objects.get()
    assert (shortlist.status, shortlist.rows.count()) == ("done", 5)
    assert Nomination.objects.filter(edition=edition, state="inspection").count() == 3


def test_while_it_is_drawn_the_page_asks_for_the_progress(client):
    edition, _ = voted()
    asked = shortlisting.ask_shortlist(edition, by=make.hat("office"), now=NOW)
    assert f'hx-get="/awards/editions/{edition.pk}/shortlist/progress/"' in text(
        page(client, "shortlist", edition.pk)
    )
    Shortlist.objects.filter(pk=asked.pk).update(
        status="running", done=1, total=3, message=shortlisting.PARTS[1]
    )
    said = text(page(client, "shortlist_progress", edition.pk))
    assert "1 / 3" in said
    assert "正在计算综合得分并排序。" in said
    assert 'hx-trigger="every 1s"' in said
    assert '<a href="">刷新看进度</a>' in said
    shortlisting.draw_shortlist(asked.pk, now=NOW)
    said = text(page(client, "shortlist_progress", edition.pk))
    assert "hx-trigger" not in said
    assert "查看考察名单" in said


def test_a_list_that_failed_says_so_and_can_be_asked_again(client):
    edition, _ = voted()
    asked = shortlisting.ask_shortlist(edition, by=make.hat("office"), now=NOW)
    Shortlist.objects.filter(pk=asked.pk).update(status="failed", message=shortlisting.UNEXPECTED)
    said = text(page(client, "shortlist", edition.pk))
    assert "计算没有完成，原有内容没有改动。" in said
    assert "再算一次考察名单" in said


def test_the_list_explains_itself(client):
    edition = drawn()
    said = text(page(client, "shortlist", edition.pk))
    assert "第 3 名“演示D企业（演示）”（前者）列入，第 4 名“演示C企业（演示）”（后者）没有列入。" in said
    assert "按专家得分（委员会决定）：前者 73.00，后者 70.00。" in said
    assert "专家 90.00 × 70% ＝ 63.00，投票 100.00 × 30% ＝ 30.00，合计 93.00。" in said
    assert said.count("is-cut") == 1
    assert Shortlist.objects.get().digest in said


def test_recomputing_says_equal_or_where_it_differs(client):
    edition = drawn()
    assert "都一致" in text(send(client, "shortlist", edition.pk, {"compare": "1"}))
    shortlist = Shortlist.objects.get()
    shortlist.sealed["nominations"][0]["picks"] += 1
    shortlist.save()
    said = text(send(client, "shortlist", edition.pk, {"compare": "1"}))
    assert "内容被改动过" in said
    assert "都一致" not in said


def test_the_files_of_the_list(client):
    edition = drawn()
    raw = page(client, "shortlist_result", edition.pk)
    assert resultfile.verify(resultfile.parse(raw.content)) == []
    assert json.loads(raw.content)["format"] == "xuanshu-result/2"
    table = page(client, "shortlist_export", edition.pk, "auditor")
    assert load_workbook(BytesIO(table.content)).active["B4"].value == "演示A企业（演示）"


def test_files_of_a_list_that_is_not_there_are_not_found(client):
    edition, _ = voted()
    for name in (
        *("shortlist_result", "shortlist_export", "shortlist_progress"),
        *("shortlist_why", "shortlist_what_if", "shortlist_verify"),
    ):
        assert page(client, name, edition.pk).status_code == 404


def test_visits_are_planned_and_given_to_a_team_in_the_browser(client):
    edition = drawn()
    inspector, second = make.hat("inspector", username="组长甲"), make.hat("inspector", username="成员乙")
    assert "为这 3 家建立考察任务" in text(page(client, "inspections", edition.pk))
    assert "已为 3 家建立考察任务" in text(send(client, "inspections", edition.pk))
    visits = list(Inspection.objects.order_by("pk"))
    query = f"?visit={visits[0].pk}&visit={visits[1].pk}&visit=x"
    team = teams.make_team(
        edition,
        leader=inspector.user,
        members=[second.user],
        others=["演示专家丙"],
        by=make.hat("office"),
        now=NOW,
    )
    given = {"team": team.pk, f"day_{visits[0].pk}": "2026-06-05"}
    answer = send(client, "inspection_team", edition.pk, given, query=query)
    assert "已安排 2 家的考察组" in text(answer)
    first = Inspection.objects.get(pk=visits[0].pk)
    assert (first.leader_name, first.member_names) == ("组长甲（演示）", "成员乙（演示）、演示专家丙")
    assert first.planned_on == date(2026, 6, 5)
    assert set(first.inspectors.all()) == {inspector.user, second.user}
    assert Inspection.objects.get(pk=visits[2].pk).leader_name == ""


def test_the_back_room_reads_and_exports_and_changes_nothing(client):
    _edition, visits = planned()
    give(visits["A"])
    boss = make.hat("admin", username="后台", is_staff=True, is_superuser=True)
    make.sign_in(client, boss)
    for name in ("shortlist", "shortlistrow", "shortlistaddition", "inspection", "inspectionfile"):
        assert client.get(reverse(f"admin:awards_{name}_changelist")).status_code == 200
        assert client.get(reverse(f"admin:awards_{name}_add")).status_code == 403
    row = ShortlistRow.objects.get(nomination=visits["A"].nomination)
    url = reverse("admin:awards_shortlistrow_change", args=[row.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"rank": 9}).status_code == 403
    for name, cell in (("shortlistrow", "演示A企业（演示）"), ("inspection", "演示组长")):
        export = reverse(f"admin:awards_{name}_export")
        asked = client.get(export).context["form"]
        chosen = {f: "on" for f in asked.fields if f.startswith(("shortlistrow", "inspection"))}
        formats = [value for value, word in asked.fields["format"].choices if word == "xlsx"]
        answer = client.post(export, {"format": formats[0], "resource": "", **chosen})
        cells = [c for line in load_workbook(BytesIO(answer.content)).active.values for c in line]
        assert cell in cells


def test_an_inspector_sees_mine_alone_the_next_day_first(client):
    edition, visits = planned()
    mine, other = make.hat("inspector", username="甲"), make.hat("inspector", username="乙")
    give(visits["A"], mine, date(2026, 6, 9))
    give(visits["D"], mine, date(2026, 6, 2))
    give(visits["B"], other, date(2026, 6, 1))
    said = text(page(client, "inspections", edition.pk, mine))
    assert said.index("演示D企业") < said.index("演示A企业")
    assert "演示B企业" not in said
    assert page(client, "inspection", visits["A"].pk, mine).status_code == 200
    assert page(client, "inspection", visits["B"].pk, mine).status_code == 404
    assert page(client, "inspection", visits["A"].pk, "office", "市南区").status_code == 404
    assert page(client, "inspection", visits["A"].pk, "auditor").status_code == 200
    assert page(client, "inspection", visits["A"].pk, "recommender").status_code == 404


def test_a_photograph_is_handed_out_to_those_who_may_see_the_visit(client):
    _edition, visits = planned()
    mine, other = make.hat("inspector", username="甲"), make.hat("inspector", username="乙")
    give(visits["A"], mine)
    picture = BytesIO()
    Image.new("RGB", (40, 30), "navy").save(picture, "PNG")
    photos.add_photos(visits["A"], photos=[SimpleUploadedFile("p.png", picture.getvalue())], by=mine, now=NOW)
    kept = InspectionPhoto.objects.get()
    for hat in (mine, make.hat("office"), make.hat("auditor")):
        answer = page(client, "photo", kept.pk, hat)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
        assert answer["Cache-Control"] == "private, no-store"
    for hat in (other, make.hat("office", "市南区"), make.hat("recommender"), make.hat("expert")):
        assert page(client, "photo", kept.pk, hat).status_code == 404


def test_the_teams_paper_is_looked_through_before_it_is_taken_over(client):
    edition, visits = planned()
    bad = send(client, "inspection_paper", edition.pk, {"file": paper(visits, D=None, A={"结论": "不合格"})})
    assert "缺少“演示D企业（演示）”的一行" in text(bad)
    assert "结论为不合格，但没有写明问题" in text(bad)
    preview = send(
        client, "inspection_paper", edition.pk, {"file": paper(visits, B={"结论": "不合格", "问题": "演示"})}
    )
    assert "将登记 3 家的考察结论，其中不合格 1 家。" in text(preview)
    assert not Inspection.objects.exclude(verdict="").exists()
    kept = preview.redirect_chain[-1][0]
    assert make.sign_in(client, make.hat("office", "市南区")).get(kept).status_code == 404
    done = make.sign_in(client, make.hat("office")).post(kept, follow=True)
    assert "已登记 3 家的考察结论。" in text(done)
    assert Inspection.objects.filter(verdict="passed").count() == 2
    assert make.sign_in(client, make.hat("office")).get(kept).status_code == 404


def test_closing_names_who_stays_and_who_ends_here(client):
    edition, visits = planned()
    assert "还有 3 家没有考察结论" in text(page(client, "close_inspection", edition.pk))
    assert "还有 3 家没有考察结论" in text(send(client, "close_inspection", edition.pk))
    inspecting.apply_inspections(
        edition,
        paper(visits, B={"结论": "不合格", "问题": "台账不实（演示）"}),
        by=make.hat("office"),
        now=NOW,
    )
    said = text(page(client, "close_inspection", edition.pk))
    assert "<li>演示A企业（演示）</li>" in said
    assert "<li>演示B企业（演示）：台账不实（演示）</li>" in said
    url = reverse("awards:close_inspection", args=[edition.pk])
    answer = make.sign_in(client, make.hat("office")).post(url)
    assert answer.status_code == 302
    edition.refresh_from_db()
    assert edition.step("inspection").closed_at
    assert Nomination.objects.get(pk=visits["B"].nomination_id).state == "rejected"


def wide(n):
    return {chr(65 + k): (str(95 - k), 100 - 3 * k, {}) for k in range(n)}


@pytest.mark.parametrize("name", ["shortlist", "inspections"])
def test_a_longer_list_takes_no_more_queries(client, name):
    counts = []
    for n, seats in ((4, 2), (12, 9)):
        edition, _ = voted(wide(n), seats=seats, nominees=n if n > seats else seats)
        office = make.hat("office")
        shortlisting.draw_shortlist(shortlisting.ask_shortlist(edition, by=office, now=NOW).pk, now=NOW)
        for visit in inspecting.plan_inspections(edition, by=office, now=NOW):
            give(visit)
        page(client, name, edition.pk)
        with CaptureQueriesContext(connection) as held:
            assert client.get(reverse(f"awards:{name}", args=[edition.pk])).status_code == 200
        counts.append(len(held))
    assert counts[0] == counts[1]
    assert counts[1] < 30


#: The lines of these two steps; what comes after has its own.
VERBS = {
    *("计算考察名单", "等待考察名单算完", "再算一次考察名单", "建立考察任务", "安排考察组"),
    *("等待考察结论", "关闭差额考察", "考察"),
}


def test_what_waits_follows_the_step():
    office, inspector = make.hat("office"), make.hat("inspector")

    def lines(hat):
        return [
            (each.verb, each.count, each.due, each.waiting)
            for each in todos(hat, now=NOW)
            if each.verb in VERBS
        ]

    edition, _ = voted()
    assert lines(office) == [("计算考察名单", 1, None, False)]
    asked = shortlisting.ask_shortlist(edition, by=office, now=NOW)
    assert lines(office) == [("等待考察名单算完", 1, None, True)]
    shortlisting.draw_shortlist(asked.pk, now=NOW)
    assert lines(office) == [("建立考察任务", 3, None, False)]
    visits = inspecting.plan_inspections(edition, by=office, now=NOW)
    assert lines(office) == [("安排考察组", 3, None, False)]
    give(visits[0], inspector, date(2026, 6, 3))
    assert lines(office) == [("安排考察组", 2, None, False), ("等待考察结论", 1, date(2026, 6, 3), True)]
    assert lines(inspector) == [("考察", 1, date(2026, 6, 3), False)]
    assert lines(make.hat("office", "市南区")) == lines(make.hat("recommender")) == []
    named = {visit.nomination.subject_name[2]: visit for visit in visits}
    team = {visits[0].nomination.subject_name[2]: {"考察成员": "演示成员"}}
    inspecting.apply_inspections(edition, paper(named, **team), by=office, now=NOW)
    assert lines(office) == [("关闭差额考察", 1, None, False)]
    assert lines(inspector) == []
    closing_inspection.close_inspection(edition, by=office, now=NOW + timedelta(hours=1))
    assert lines(office) == []


def test_the_record_page_gets_the_composite_and_the_visit():
    _edition, visits = planned()
    inspector = make.hat("inspector")
    give(visits["A"], inspector)
    nomination = visits["A"].nomination

    def names(hat):
        ours = {"awards/shortlist_section.html", "awards/inspection_section.html"}
        return [template for template, _context in sections(hat, nomination) if template in ours]

    both = ["awards/shortlist_section.html", "awards/inspection_section.html"]
    assert names(make.hat("office")) == names(make.hat("auditor")) == both
    assert names(inspector) == both[1:]
    assert names(make.hat("inspector", username="旁人")) == names(make.hat("recommender")) == []
    context = dict(sections(make.hat("office"), nomination))["awards/shortlist_section.html"]
    assert (context["line"].row.rank, context["of"]) == (1, 5)
