"""The letters before a visit: numbered, kept, voided when the plan changed, bundled."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from docx import Document

from awards.models import Inspection, IssuedPaper
from awards.services import letters
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories as make
from tests.awards.teamwork import THU, TUE, give, person, planned, team
from tests.moments import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return make.hat("office")


def sent(*names, day=TUE, slot="am"):
    edition, visits = planned(contact_phone="0532-00000000")
    row = team(edition, "演示甲", "演示乙")
    give([visits[name] for name in names], row, day, slot)
    return edition, visits, row


def words(paper):
    with paper.file.open("rb") as stored:
        return "\n".join(each.text for each in Document(io.BytesIO(stored.read())).paragraphs)


def test_one_letter_to_the_enterprise_and_one_to_its_union(office):
    edition, visits, _row = sent("A")
    letter, union = letters.issue_letters(edition, by=office, now=NOW)
    assert [(each.kind, each.number) for each in (letter, union)] == [
        ("visit_letter", "考察〔2026〕1号"),  # noqa: RUF001
        ("union_letter", "考察〔2026〕2号"),  # noqa: RUF001
    ]
    assert (letter.inspection, letter.issued_by, len(letter.sha256)) == (visits["A"], office, 64)
    text = words(letter)
    for said in (
        "演示A企业（演示）：",
        "考察时间：2026年6月2日（周二）上午",
        "考察组：组长演示甲，成员演示乙",
        "联系电话：0532-00000000",
        "2026年6月1日",
        "市总工会",
    ):
        assert said in text
    assert "演示A企业（演示）工会：" in words(union)
    assert "{{" not in text + words(union)
    entry = AuditEntry.objects.get(act="awards.issue_paper")
    assert [each[1] for each in entry.detail["papers"]] == [letter.number, union.number]


def test_a_second_asking_issues_nothing_and_what_lacks_is_said(office):
    edition, visits, _row = sent("A")
    letters.issue_letters(edition, by=office, now=NOW)
    with pytest.raises(Refused, match="没有需要制发的考察通知"):
        letters.issue_letters(edition, by=office, now=NOW)
    assert IssuedPaper.objects.count() == 2
    rows = {each.visit.nomination.subject_name[2]: each for each in letters.letters_of(edition)}
    assert (rows["A"].due, rows["A"].changed, len(rows["A"].papers)) == (False, False, 2)
    assert (rows["B"].due, rows["B"].lacks) == (False, "还没有安排好考察组")
    assert visits["A"].pk == rows["A"].visit.pk


def test_a_changed_plan_voids_the_former_letters_and_numbers_go_on(office):
    edition, visits, row = sent("A", "B")
    letters.issue_letters(edition, by=office, now=NOW)
    later = NOW + timedelta(hours=1)
    give(visits["A"], row, THU, "pm", now=later)
    [changed] = [each for each in letters.letters_of(edition) if each.due]
    assert changed.visit == visits["A"]
    issued = letters.issue_letters(edition, by=office, now=later)
    assert [each.number[-2:] for each in issued] == ["5号", "6号"]
    voided = IssuedPaper.objects.filter(voided_at=later)
    assert {each.inspection_id for each in voided} == {visits["A"].pk}
    assert {each.void_reason for each in voided} == {"考察安排有变动，重新制发"}
    assert "2026年6月4日（周四）下午" in words(issued[0])


def test_the_numbers_of_a_host_run_through_its_editions(office):
    first, _visits, _row = sent("A")
    letters.issue_letters(first, by=office, now=NOW)
    second, others = planned()
    give(others["A"], team(second, "演示丙", "演示丁"), THU)
    assert [each.number[-2:] for each in letters.issue_letters(second, by=office, now=NOW)] == ["3号", "4号"]


def test_only_the_visits_named_and_only_by_the_own_office(office):
    edition, visits, _row = sent("A", "B")
    with pytest.raises(PermissionDenied):
        letters.issue_letters(edition, by=make.hat("office", "市南区"), now=NOW)
    with pytest.raises(PermissionDenied):
        letters.issue_letters(edition, by=person("演示甲"), now=NOW)
    issued = letters.issue_letters(edition, visits=[visits["B"].pk], by=office, now=NOW)
    assert {each.inspection for each in issued} == {visits["B"]}


def test_the_bundle_holds_the_letters_in_force_under_safe_names(office):
    edition, visits, _row = sent("A")
    with pytest.raises(Refused, match="还没有制发"):
        letters.export_letters(edition, by=office)
    visits["A"].nomination.subject_name = "../演示/A\\企业"
    visits["A"].nomination.save(update_fields=["subject_name"])
    issued = letters.issue_letters(edition, by=office, now=NOW)
    with zipfile.ZipFile(io.BytesIO(letters.export_letters(edition, by=office))) as bundle:
        names = bundle.namelist()
        assert names == [
            "001 考察通知（企业）.._演示_A_企业.docx",
            "002 考察通知（工会）.._演示_A_企业.docx",
        ]
        with issued[0].file.open("rb") as stored:
            assert bundle.read(names[0]) == stored.read()


def test_a_visit_that_was_made_gets_no_letter(office):
    edition, visits, _row = sent("A")
    Inspection.objects.filter(pk=visits["A"].pk).update(
        verdict="passed", visited_on=TUE, recorded_at=NOW, recorded_by=office
    )
    with pytest.raises(Refused, match="没有需要制发"):
        letters.issue_letters(edition, by=office, now=NOW)
