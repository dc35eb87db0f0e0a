"""The checklist of a visit: built from the claims, answered line by line, two phones at once."""

from datetime import date
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from awards.models import CheckLine, Inspection
from awards.services import checklists, inspecting, shortlisting, visiting
from nominations.declaration import ENTERPRISE
from nominations.models import Dimension, Evidence
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories as make
from tests.awards.voted import FIELD, RECOGNISED, voted
from tests.moments import NOW

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 1)
STUDIOS = "名称 演示工作室；级别 市级\n名称 演示二室"  # who leads it is private

ANSWERS = {
    "registered_at": "演示路 1 号",
    "head_name": "演示负责人",
    "capital": "1000",
    "reward_system": True,
    "reward_ways": ["奖金", "分红"],
    "reward_paid": "860000.5",
    "studios": [{"name": "演示工作室", "level": "市级", "leader": "演示领衔人"}, {"name": "演示二室"}],
    "suggestion_channel": "意见箱",
    "results": 12,
    "recognition_details": {
        "高新技术企业": {"level": "国家级", "number": "GR2025", "granted_on": "2025-03-01"}
    },
}


@pytest.fixture
def office():
    return make.hat("office")


@pytest.fixture
def visits(office):
    """A, B and D stand on the list; A has declared more than its core facts."""
    edition, nominations = voted(FIELD | {"A": ("90", 100, RECOGNISED | {"answers": ANSWERS})})
    Dimension.objects.filter(edition=edition, code="platform").update(subpoints=["有没有场地", "有没有台账"])
    Dimension.objects.filter(edition=edition, code="effect").update(guidance="看实际成效\n三年")
    paper = Evidence(
        nomination=nominations["A"], kind="other", title="建议渠道照片", about="suggestion_channel",
        mime="image/png", size=1, sha256="0", uploaded_at=NOW, uploaded_by=office,
    )  # fmt: skip
    paper.file.save("a.png", SimpleUploadedFile("a.png", _png()), save=False)
    paper.save()
    asked = shortlisting.ask_shortlist(edition, by=office, now=NOW)
    shortlisting.draw_shortlist(asked.pk, now=NOW)
    planned = inspecting.plan_inspections(edition, by=office, now=NOW)
    return {visit.nomination.subject_name[2]: visit for visit in planned}


def _png():
    out = BytesIO()
    Image.new("RGB", (8, 8), "navy").save(out, "PNG")
    return out.getvalue()


def test_a_line_for_each_claim_with_a_figure_or_evidence_then_what_each_dimension_looks_at(visits):
    lines = visits["A"].lines.all()
    assert [(line.dimension, line.item, line.claimed, line.unit) for line in lines] == [
        ("基本情况", "注册资本", "1,000", "万元"),
        ("基本情况", "独立法人", "是", ""),
        ("基本情况", "职工人数", "300", "人"),
        ("基本情况", "工会会员数", "280", "人"),
        ("企业性质与行业", "企业性质", "民营", ""),
        ("企业性质与行业", "十强产业", "新一代信息技术", ""),
        ("省部级以上认定", "高新技术企业", "级别 国家级；证书编号或文号 GR2025；认定日期 2025年3月1日", ""),
        ("全员创新机制建设", "有职工创新成果奖励制度", "是", ""),
        ("全员创新机制建设", "成果参与分配的方式", "奖金、分红", ""),
        ("全员创新机制建设", "上年度发放的创新奖励", "860,000.5", "元"),
        ("全员创新机制建设", "全员创新机制建设的现场情况", "", ""),
        ("全员创新平台载体建设", "劳模和工匠人才创新工作室", STUDIOS, ""),
        ("全员创新平台载体建设", "合理化建议渠道", "意见箱", ""),
        ("全员创新平台载体建设", "有没有场地", "", ""),
        ("全员创新平台载体建设", "有没有台账", "", ""),
        ("全员创新效果", "职工创新成果", "12", "项"),
        ("全员创新效果", "看实际成效", "", ""),
        ("主要事迹", "主要事迹", "演示事迹：开展“五小”活动和师带徒。", ""),
    ]  # fmt: skip
    assert [str(line.evidence) for line in lines if line.evidence] == ["建议渠道照片"]
    assert {line.source for line in lines if not line.claimed} == {"dimension"}
    assert all((line.found, line.agrees, line.version) == ("", None, 1) for line in lines)
    assert len({line.key for line in lines}) == len(lines)


def test_nothing_private_is_ever_a_line():
    asked = {each.key for each in ENTERPRISE if each.private}
    assert asked == {"contact_name", "contact_phone"}
    assert not CheckLine.objects.filter(key__in=asked).exists()


def test_the_office_adds_a_line_once_and_nobody_else_does(visits, office):
    visit = visits["A"]
    said = {"item": "（群众反映）欠缴会费", "claimed": "", "now": NOW}
    line = checklists.add_line(visit, by=office, **said)
    assert (line.source, line.position) == ("office", visit.lines.count())
    with pytest.raises(Refused, match="已在核对清单中"):
        checklists.add_line(visit, by=office, **said)
    with pytest.raises(Refused, match="请写明要核对的事项"):
        checklists.add_line(visit, by=office, **said | {"item": " "})
    with pytest.raises(PermissionDenied):
        checklists.add_line(visit, by=make.hat("inspector"), **said)
    assert AuditEntry.objects.filter(act="awards.add_line").count() == 1


def answer(visit, key, **said):
    line = visit.lines.get(key=key)
    return {"key": key, "version": line.version, "found": "", "agrees": True} | said


def save(visit, *answers, by, **head):
    visit = Inspection.objects.get(pk=visit.pk)
    head = {"visited_on": TODAY, "version": visit.version} | head
    return visiting.save_draft(visit, lines=list(answers), by=by, now=NOW, **head)


def test_a_draft_is_kept_and_saying_the_same_again_changes_nothing(visits, office):
    visit = visits["A"]
    differs = {"agrees": False, "found": "花名册 268 人", "difference": "少 32 人", "weight": "minor"}
    kept = save(visit, answer(visit, "employees", **differs), by=office)
    again = save(visit, answer(visit, "employees", **differs), by=office)
    assert again.version == kept.version == 2
    line = visit.lines.get(key="employees")
    assert (line.found, line.agrees, line.difference, line.weight) == (
        "花名册 268 人", False, "少 32 人", "minor",
    )  # fmt: skip
    assert (line.version, line.checked_by, line.checked_at) == (2, office, NOW)
    assert AuditEntry.objects.filter(act="awards.save_draft").count() == 1


def test_what_agrees_has_no_difference(visits, office):
    visit = visits["A"]
    save(visit, answer(visit, "results", agrees=True, difference="忘了删", weight="material"), by=office)
    line = visit.lines.get(key="results")
    assert (line.agrees, line.difference, line.weight) == (True, "", "")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"key": "别的"}, "请刷新页面"),
        ({"agrees": "maybe"}, "请重新选择"),
        ({"agrees": False, "weight": "huge"}, "请重新选择"),
        ({"found": "长" * 1001}, "最多 1000 字"),
        ({"agrees": False, "difference": "长" * 501}, "最多 500 字"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_of_it_kept(visits, office, said, sentence):
    visit = visits["A"]
    good = answer(visit, "nature", found="执照")
    with pytest.raises(Refused, match=sentence):
        save(visit, good, answer(visit, "employees") | said, by=office)
    assert not visit.lines.filter(checked_at__isnull=False).exists()


def test_two_who_write_on_different_lines_do_not_meet(visits, office):
    visit = visits["A"]
    mine, yours = answer(visit, "nature", found="甲"), answer(visit, "employees", found="乙")
    save(visit, mine, by=office)
    save(visit, yours, by=office)
    assert set(visit.lines.exclude(found="").values_list("key", "found")) == {
        ("nature", "甲"),
        ("employees", "乙"),
    }


def test_two_who_write_on_one_line_are_shown_to_each_other(visits, office):
    visit = visits["A"]
    mine, yours = answer(visit, "nature", found="甲"), answer(visit, "nature", found="乙", agrees=False)
    save(visit, mine, by=office)
    with pytest.raises(visiting.Stale, match="已被更新") as stale:
        save(visit, yours, by=office)
    assert stale.value.clashes["nature"].found == "甲"
    save(visit, yours | {"version": 2}, by=office)
    assert visit.lines.get(key="nature").found == "乙"


def test_the_day_and_the_conclusion_have_a_version_of_their_own(visits, office):
    visit = visits["A"]
    save(visit, by=office, version=1, problem="甲")
    with pytest.raises(visiting.Stale):
        save(visit, by=office, version=1, problem="乙")
    assert Inspection.objects.get(pk=visit.pk).problem == "甲"
    assert save(visit, answer(visit, "nature"), by=office, version=1, problem="甲").version == 2


def test_every_line_is_answered_and_what_differs_explained(visits, office):
    visit = visits["B"]
    visit.leader_name, visit.member_names = "演示组长", "演示成员"
    visit.save()
    lines = [{"key": line.key, "found": "", "agrees": True} for line in visit.lines.all()]
    signed = {"leader_signature": "演示组长", "member_signature": "演示成员"}
    facts = {"visited_on": TODAY, "verdict": "passed", "version": 1, "by": office, "now": NOW} | signed
    lines[0]["agrees"] = None
    with pytest.raises(Refused, match="还有 1 项没有选择是否相符：独立法人"):
        visiting.record_inspection(visit, lines=lines, **facts)
    lines[0]["agrees"] = False
    with pytest.raises(Refused, match="“独立法人”与申报不符，请写明核实情况"):
        visiting.record_inspection(visit, lines=lines, **facts)
    lines[0]["found"] = "实为分公司"
    assert visiting.record_inspection(visit, lines=lines, **facts).verdict == "passed"


def test_the_facts_of_a_visit(visits, office):
    visit = visits["A"]
    save(visit, answer(visit, "results", agrees=False, found="9 项", difference="少 3 项", weight="material"),
         by=office, proposed="failed", problem="成果不实")  # fmt: skip
    facts = visiting.facts(visit)
    assert (facts.enterprise, facts.rank, facts.visited_on) == ("演示A企业（演示）", 1, TODAY)
    assert (facts.proposed_words, facts.verdict, facts.problem) == ("不合格", "", "成果不实")
    [line] = facts.differing
    assert (line.item, line.found, line.weight_words, line.is_material) == (
        "职工创新成果",
        "9 项",
        "实质差异",
        True,
    )
    assert (len(facts.unanswered), len(facts.agreeing)) == (len(facts.lines) - 1, 0)
    assert [heading for heading, _lines in facts.by_dimension][:2] == ["基本情况", "企业性质与行业"]
    before = facts.digest
    assert visiting.facts(visit).digest == before
    save(visit, by=office, proposed="failed", problem="成果不实（二）")
    assert visiting.facts(visit).digest != before
