"""Pages of the teams: who may, what they show, what a button does."""

import io
import zipfile
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from awards.models import Inspection, Inspector, InspectorConflict, IssuedPaper, Team, TeamMember
from awards.services import inspector_conflicts, letters, teams
from portal.errors import Refused
from tests import factories as make
from tests.awards.teamwork import give, person, planned, team
from tests.moments import NOW

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 4)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def office():
    return make.hat("office")


def at(name, *args, query=""):
    return reverse(f"awards:{name}", args=args) + query


def text(answer):
    return answer.content.decode()


def sent(edition, visits, *letters_of, to=None):
    to = to or team(edition, "演示甲", "演示乙")
    give([visits[each] for each in letters_of], to, DAY, "am")
    return to


def test_a_team_is_made_changed_and_retired_on_its_pages(client, office):
    edition, _visits = planned()
    leader, member, third = (person(name).user for name in ("演示甲", "演示乙", "演示丙"))
    make.sign_in(client, office)
    refused = client.post(at("team_new", edition.pk), {"leader": leader.pk})
    assert "请至少选一名成员" in text(refused)
    made = client.post(
        at("team_new", edition.pk),
        {"leader": leader.pk, "members": [member.pk], "others": "演示丁、演示戊"},
        follow=True,
    )
    assert "已设立“第1考察组”" in text(made)
    row = Team.objects.get()
    assert [each.name for each in row.members.all()] == ["演示甲", "演示乙", "演示丁", "演示戊"]
    page = text(client.get(at("team", row.pk)))
    assert "变动记录" in page
    data = {"name": "西线组", "leader": leader.pk, "members": [third.pk], "others": ""}
    refused = client.post(at("team", row.pk), data)
    assert "请写明原因" in text(refused)
    changed = client.post(at("team", row.pk), data | {"reason": "岗位调整"}, follow=True)
    assert "已更新“西线组”" in text(changed)
    assert "退出或改任：岗位调整" in text(changed)
    done = client.post(at("team_retire", row.pk), {"reason": "合并"}, follow=True)
    assert "“西线组”已停用" in text(done)
    assert 'name="leader"' not in text(client.get(at("team", row.pk)))


def test_the_list_of_teams_and_people(client, office, django_assert_max_num_queries):
    edition, visits = planned()
    sent(edition, visits, "A", "B")
    for n in range(60):
        person(f"演示人{n:02d}")
    make.sign_in(client, make.hat("auditor"))
    with django_assert_max_num_queries(30):
        page = text(client.get(at("teams", edition.pk)))
    assert "2，未考察 2" in page
    assert "共 62 人" in page
    assert "设立考察组" not in page
    assert "演示人59" not in page
    assert "演示人59" in text(client.get(at("teams", edition.pk, query="?page=2")))
    assert "演示人07" in text(client.get(at("teams", edition.pk, query="?q=人07")))


def test_a_person_s_particulars_find_the_conflict(client, office):
    edition, visits = planned()
    user = person("演示甲").user
    code = visits["A"].nomination.enterprise.credit_code
    make.sign_in(client, office)
    client.post(at("inspector", edition.pk, user.pk), {"employer_code": code, "active": "on"}, follow=True)
    page = text(client.get(at("inspector_conflicts", edition.pk)))
    assert "工作单位的统一社会信用代码与企业相同" in page
    assert "须回避 <span" in page
    settled = client.post(
        at("pin_inspector", visits["A"].pk, user.pk), {"conflict": "no", "reason": "已调离"}, follow=True
    )
    assert "已认定：确认无须回避" in text(settled)
    assert InspectorConflict.objects.get().state == "cleared"
    assert "已调离" in text(client.get(at("inspector_conflicts", edition.pk, query="?show=clear")))


def test_an_office_keeps_the_particulars_of_its_own_people_and_of_those_it_sends(client):
    district = make.edition(host="市南区")
    stranger, sent_along = person("演示甲").user, person("演示乙").user
    own = make.hat("inspector", "市南区", username="i-演示丙").user
    for user in (stranger, sent_along, own):
        Inspector.objects.create(user=user, employer="演示单位", phone="13000000000")
    row = Team.objects.create(
        edition=district, number=1, name="第1考察组", made_at=NOW, made_by=make.hat("office", "市南区")
    )
    TeamMember.objects.create(team=row, user=sent_along, name="演示乙", leader=True, joined_at=NOW)
    make.sign_in(client, make.hat("office", "市南区"))
    page = text(client.get(at("teams", district.pk)))
    for user, status in ((stranger, 404), (sent_along, 200), (own, 200)):
        address = at("inspector", district.pk, user.pk)
        assert client.get(address).status_code == status
        assert (address in page) is (status == 200)
    with pytest.raises(Refused, match="不是本单位的考察人员"):
        teams.keep_inspector(district, stranger, active=False, by=make.hat("office", "市南区"), now=NOW)
    assert Inspector.objects.get(user=stranger).active
    # The 考察组 below the city's union is the city's.
    teams.keep_inspector(make.edition(), stranger, active=False, by=make.hat("office"), now=NOW)
    assert not Inspector.objects.get(user=stranger).active


def test_a_pair_is_chosen_from_two_lists(client, office):
    edition, visits = planned()
    user = person("演示甲").user
    make.sign_in(client, office)
    answer = client.get(
        at("choose_inspector_pair", edition.pk, query=f"?person={user.pk}&visit={visits['A'].pk}")
    )
    assert answer.url == at("pin_inspector", visits["A"].pk, user.pk)
    assert client.get(at("choose_inspector_pair", edition.pk)).url == at("inspector_conflicts", edition.pk)
    answer = client.post(at("find_inspector_conflicts", edition.pk), follow=True)
    assert "已核对，新发现 0 处" in text(answer)


def test_a_member_declares_on_one_page(client, office):
    edition, visits = planned()
    sent(edition, visits, "A", "B")
    make.sign_in(client, person("演示乙"))
    page = text(client.get(at("inspections", edition.pk)))
    assert "有 2 家还没有申报回避情形" in page
    a, b = visits["A"].pk, visits["B"].pk
    refused = client.post(at("declare_inspector", edition.pk), {f"how_{a}": "clear"})
    assert "请选择有无回避情形" in text(refused)
    refused = client.post(
        at("declare_inspector", edition.pk), {f"how_{a}": "clear", f"how_{b}": "tie", f"reason_{b}": ""}
    )
    assert "请写明您与这家企业的关系" in text(refused)
    assert not InspectorConflict.objects.exists()
    done = client.post(
        at("declare_inspector", edition.pk),
        {f"how_{a}": "clear", f"how_{b}": "tie", f"reason_{b}": "亲属在职"},
        follow=True,
    )
    assert "已申报 2 家" in text(done)
    assert [str(each)[2] for each in Inspection.objects.visible_to(person("演示乙"))] == ["A"]
    assert "没有需要申报的企业" in text(client.get(at("declare_inspector", edition.pk)))
    assert client.get(at("inspection", b)).status_code == 404
    make.sign_in(client, office)
    assert "缺成员，请改派" in text(client.get(at("inspections", edition.pk)))
    assert client.get(at("declare_inspector", edition.pk)).status_code == 403


def test_visits_are_given_to_a_team_for_the_picked_ones(client, office):
    edition, visits = planned()
    make.sign_in(client, office)
    a, b = visits["A"].pk, visits["B"].pk
    picked = f"?visit={a}&visit={b}"
    assert "请先设立考察组" in text(client.get(at("inspection_team", edition.pk, query=picked)))
    row = team(edition, "演示甲", "演示乙")
    day = date(2026, 6, 6)
    data = {"team": row.pk, f"day_{a}": day, f"slot_{a}": "am", f"day_{b}": day, f"slot_{b}": "pm"}
    refused = client.post(at("inspection_team", edition.pk, query=picked), data)
    assert "请勾选确认" in text(refused)
    assert f'value="{day.isoformat()}"' in text(refused)
    data |= {"off_days_confirmed": "on", f"address_{a}": "演示路9号"}
    done = client.post(at("inspection_team", edition.pk, query=picked), data, follow=True)
    assert "已安排 2 家的考察组" in text(done)
    visit = Inspection.objects.get(pk=a)
    assert (visit.team, visit.planned_on, visit.slot, visit.address) == (row, day, "am", "演示路9号")


def test_a_proposal_is_changed_and_taken(client, office):
    edition, visits = planned()
    team(edition, "演示甲", "演示乙")
    other = team(edition, "演示丙", "演示丁")
    make.sign_in(client, office)
    query = "?starts=2026-06-04&ends=2026-06-02&per_day=2&seed=1"
    assert "早于开始日期" in text(client.get(at("visit_proposal", edition.pk, query=query)))
    query = "?starts=2026-06-02&ends=2026-06-04&per_day=2&seed=1"
    page = client.get(at("visit_proposal", edition.pk, query=query))
    assert "按此安排并通知考察人员" in text(page)
    assert not Inspection.objects.exclude(team=None).exists()
    form = page.context["form"]
    data = {field.name: field.value() or "" for _visit, fields in form.rows() for field in fields}
    changed = visits["A"].pk
    data |= {f"team_{changed}": other.pk, f"team_{visits['B'].pk}": ""}
    data = {name: value for name, value in data.items() if value != ""}
    answer = client.post(at("visit_proposal", edition.pk, query=query), data, follow=True)
    assert "已安排 2 家的考察组和日期" in text(answer)
    assert Inspection.objects.get(pk=changed).team == other
    assert Inspection.objects.get(pk=visits["B"].pk).team is None


def test_the_calendar_and_the_way_of_a_day(client, office):
    edition, visits = planned()
    row = sent(edition, visits, "A", "B")
    make.sign_in(client, office)
    page = text(client.get(at("visit_calendar", edition.pk)))
    assert "没有定日期或考察组" in page
    page = text(client.get(at("visit_route", edition.pk)))
    assert page.index("演示A企业") < page.index("演示B企业")
    order = {"team": row.pk, f"place_{visits['A'].pk}": "2", f"place_{visits['B'].pk}": "1"}
    done = client.post(at("visit_route", edition.pk, query=f"?day={DAY}"), order, follow=True)
    page = text(done)
    assert "已保存“第1考察组”当日的次序" in page
    assert page.index("演示B企业") < page.index("演示A企业")
    make.sign_in(client, person("演示乙"))
    mine = text(client.get(at("visit_route", edition.pk)))
    assert "演示A企业" in mine
    assert "保存次序" not in mine
    assert client.post(at("visit_route", edition.pk, query=f"?day={DAY}"), order).status_code == 403
    make.sign_in(client, person("演示丙"))
    assert "演示A企业" not in text(client.get(at("visit_route", edition.pk)))
    assert "演示A企业" not in text(client.get(at("visit_calendar", edition.pk)))
    assert client.get(at("visit_route", edition.pk, query="?day=x")).status_code == 200


def test_letters_are_issued_once_and_bundled(client, office):
    edition, visits = planned()
    sent(edition, visits, "A", "B")
    make.sign_in(client, office)
    assert "有 2 家已排定" in text(client.get(at("visit_letters", edition.pk)))
    assert "已制发 4 份考察通知" in text(client.post(at("visit_letters", edition.pk), follow=True))
    again = client.post(at("visit_letters", edition.pk))
    assert "没有需要制发的考察通知" in text(again)
    assert IssuedPaper.objects.count() == 4
    bundle = client.get(at("visit_letters_zip", edition.pk))
    with zipfile.ZipFile(io.BytesIO(bundle.content)) as opened:
        assert len(opened.namelist()) == 4
    paper = IssuedPaper.objects.filter(inspection=visits["A"]).first()
    assert client.get(at("visit_letter", paper.pk)).status_code == 200
    make.sign_in(client, person("演示丙"))
    assert client.get(at("visit_letter", paper.pk)).status_code == 404
    make.sign_in(client, make.hat("auditor"))
    assert client.get(at("visit_letter", paper.pk)).status_code == 200
    assert client.post(at("visit_letters", edition.pk)).status_code == 403


@pytest.mark.parametrize("size", [1, 3])
def test_the_list_of_letters_costs_the_same(office, size, django_assert_num_queries):
    edition, visits = planned()
    sent(edition, visits, *"ABD"[:size])
    letters.issue_letters(edition, by=office, now=NOW)
    with django_assert_num_queries(3):
        assert len(letters.letters_of(edition)) == 3


def test_a_visit_in_conflict_is_named_where_the_step_is_closed(client, office):
    edition, visits = planned()
    sent(edition, visits, "A", "B", "D")
    Inspection.objects.update(
        verdict="passed", visited_on=date(2026, 6, 1), recorded_at=NOW, recorded_by=office
    )
    inspector_conflicts.pin(
        visits["A"].nomination, person("演示乙").user, conflict=True, reason="亲属", by=office, now=NOW
    )
    make.sign_in(client, office)
    page = text(client.get(at("close_inspection", edition.pk)))
    assert "还不能关闭差额考察" in page
    assert "演示乙" in page
    assert "演示B企业" not in page
