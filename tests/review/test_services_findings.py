"""Findings: what the rule proposes, what a person finds, its paper and its past. Expectations by hand."""

from datetime import timedelta

import pytest
from PIL import Image

from nominations.models import Nomination
from nominations.services.declaring import submit
from nominations.services.returning import send_back
from nominations.states import State
from portal.errors import Refused
from portal.models import AuditEntry
from review import rules, services
from review.models import Finding, Opinion, Proof
from review.services.cases import case_record
from review.services.findings import mark_of
from review.services.history import finding_history
from review.services.repairs import return_query
from tests import factories
from tests.moments import NOW
from tests.review.conftest import problem
from tests.review.papers import pdf, picture

pytestmark = pytest.mark.django_db


def record(nomination, now=NOW):
    return case_record(
        Nomination.objects.select_related("edition", "declaration").get(pk=nomination.pk), now=now
    )


def row(nomination, code, now=NOW):
    return next(row for row in record(nomination, now).rows if row.item.code == code)


def find(place, item, verdict, reason="理由", n=0, **more):
    return services.find(place.nominations[n], item, verdict, reason, by=place.office, now=NOW, **more)


def test_the_rule_says_what_it_found_and_what_it_looked_at(screened):
    rows = {each.item.code: each for each in record(screened.nominations[0]).rows}
    assert list(rows) == [
        *("union", "legal", "place", "complete"),
        *("prohibited", "fraud", "misconduct", "accident", "environment", "abnormal"),
    ]
    assert (rows["union"].standing, rows["union"].found.by) == ("passed", "")
    assert rows["union"].found.reason == "工会成立于 2015年3月2日 (周一)。"
    assert rows["union"].found.source == "申报表：工会成立时间"
    assert [rows[code].standing for code in ("misconduct", "accident", "fraud")] == [
        "waiting",
        "waiting",
        "unasked",
    ]
    assert rows["fraud"].found is None


def test_what_is_missing_is_proposed_as_to_be_mended(screened):
    nomination = factories.nomination(screened.edition, 8, state="screening", deeds="", independent=None)
    rows = {each.item.code: each for each in record(nomination).rows}
    assert [rows[code].standing for code in ("union", "legal", "place", "complete")] == [
        *("repair", "repair", "passed", "repair"),
    ]
    assert "主要事迹" in rows["complete"].found.reason
    query = return_query(record(nomination))
    assert [value for key, value in query if key == "codes"] == ["wrong", "incomplete"]
    notes = dict(query)
    assert notes["note.union_founded_on"] and notes["note.independent"] and notes["note.deeds"]


def test_a_persons_own_finding_is_never_made_anew(screened):
    services.propose_findings(screened.edition, by=screened.office, now=NOW)
    assert Finding.objects.filter(proposed=True).count() == 3 * 4
    find(screened, "union", "failed", "证书已注销", source="工会法人资格证")
    services.propose_findings(screened.edition, by=screened.office, now=NOW + timedelta(days=1))
    kept = Finding.objects.get(nomination=screened.nominations[0], item="union")
    assert (kept.verdict, kept.reason, kept.proposed) == ("failed", "证书已注销", False)
    found = row(screened.nominations[0], "union").found
    assert (found.by, found.source) == (str(screened.office.user), "工会法人资格证")


def test_the_past_of_a_finding_is_readable(screened):
    services.propose_findings(screened.edition, by=screened.office, now=NOW)
    find(screened, "union", "repair", "请补工会成立的批复")
    find(screened, "union", "passed", "批复已核对")
    past = [each for each in finding_history(screened.nominations[0]) if each.title == "已依法成立工会"]
    assert [(each.word, each.reason, bool(each.by)) for each in past] == [
        ("通过", "批复已核对", True),
        ("需补正", "请补工会成立的批复", True),
        ("通过", "工会成立于 2015年3月2日 (周一)。", False),
    ]


def test_a_paper_is_kept_with_the_finding_and_pictures_lose_their_place(screened):
    find(screened, "fraud", "passed", file=picture(), file_title="查询截图", source="信用信息公示系统")
    find(screened, "fraud", "passed", file=pdf(), file_title="")
    papers = list(Proof.objects.order_by("pk"))
    assert [(each.title, each.mime) for each in papers] == [
        ("查询截图", "image/png"),
        ("依据.pdf", "application/pdf"),
    ]
    assert all(each.finding.item == "fraud" and each.uploaded_by == screened.office for each in papers)
    with Image.open(papers[0].file) as image:
        assert image.size == (8, 8)
    assert [each.title for each in row(screened.nominations[0], "fraud").found.proofs] == [
        "查询截图",
        "依据.pdf",
    ]
    detail = AuditEntry.objects.filter(act="review.find").first().detail
    assert detail["proof"][0] == "查询截图" and len(detail["proof"][1]) == 64


def test_a_paper_that_may_not_be_leaves_nothing_behind(screened):
    find(screened, "fraud", "passed", file=pdf())
    for bad, words in ((pdf("a.exe"), "不能上传"), (pdf(), "内容相同")):
        with pytest.raises(Refused, match=words):
            find(screened, "fraud", "failed", "另一结论", file=bad)
    assert Finding.objects.get(item="fraud").verdict == "passed"
    assert Proof.objects.count() == 1


def test_two_people_finding_at_once_lose_nothing(screened):
    nomination = screened.nominations[0]
    find(screened, "fraud", "passed", "甲的理由", seen="")
    with pytest.raises(Refused, match="刚由他人作过结论"):
        find(screened, "fraud", "failed", "乙的理由", seen="")
    seen = mark_of(Finding.objects.get(nomination=nomination, item="fraud"))
    later = NOW + timedelta(minutes=1)
    services.find(nomination, "fraud", "failed", "乙", by=screened.office, now=later, seen=seen)
    assert len(finding_history(nomination)) == 2


def test_an_unable_settled_by_the_office_is_as_old_as_the_offices_look_up(all_clear):
    nomination = all_clear.nominations[0]
    services.answer(
        nomination, all_clear.kjj, by=all_clear.science, now=NOW, answer="unable", explanation="系统检修"
    )
    later = NOW + timedelta(days=50)
    services.find(nomination, "misconduct", "passed", "已核实", by=all_clear.office, now=later)
    # The department's look-up of day 0 is 61 days old, the office's of day 50 is 11.
    case = record(nomination, NOW + timedelta(days=61)).case
    assert all_clear.kjj not in case.missing and all_clear.yjj in case.missing


def test_sent_back_mended_and_at_the_same_place(all_clear):
    nomination = all_clear.nominations[0]
    find(all_clear, "place", "repair", "请补住所证明")
    assert record(nomination).verdict == rules.OPEN
    query = dict(return_query(record(nomination)))
    assert (query["codes"], query["note.division_name"]) == ("wrong", "请补住所证明")
    answers = list(Opinion.objects.filter(nomination=nomination).values_list("pk", "version"))
    day = (NOW + timedelta(days=3)).date()
    send_back(nomination, by=all_clear.office, now=NOW, reason="请补住所证明", deadline=day)
    preview = services.preview_screening(all_clear.edition, now=NOW)
    assert [each.pk for each in preview.awaited] == [nomination.pk]
    assert record(nomination).verdict == "returned"
    later = NOW + timedelta(days=4)
    preview = services.preview_screening(all_clear.edition, now=later)
    assert (preview.awaited, [each.pk for each in preview.left_behind]) == ([], [nomination.pk])

    mended = Nomination.objects.get(pk=nomination.pk)
    submit(mended, by=factories.hat("recommender"), now=NOW + timedelta(days=1))
    assert Nomination.objects.get(pk=nomination.pk).state == State.SCREENING
    assert list(Opinion.objects.filter(nomination=nomination).values_list("pk", "version")) == answers
    found = row(nomination, "place", NOW + timedelta(days=1)).found
    assert found.mended and found.verdict == "repair"
    again = record(nomination, NOW + timedelta(days=1))
    assert again.verdict == rules.OPEN and again.to_repair == []
    assert "已补正，请重新核对" in again.case.why
    services.find(
        nomination, "place", "passed", "住所证明已核对", by=all_clear.office, now=NOW + timedelta(days=2)
    )
    assert record(nomination, NOW + timedelta(days=2)).verdict == rules.QUALIFIED


def test_what_nobody_is_asked_is_said(all_clear):
    preview = services.preview_screening(all_clear.edition, now=NOW)
    assert [item.code for item in preview.unasked] == ["prohibited", "fraud", "environment", "abnormal"]


def test_one_that_no_batch_took_along_holds_the_closing_up(all_clear):
    late = factories.nomination(
        all_clear.edition, 7, state="screening", union_founded_on=NOW.date().replace(year=2015)
    )
    preview = services.preview_screening(all_clear.edition, now=NOW)
    assert [each.pk for each in preview.held_up] == [late.pk]
    with pytest.raises(Refused, match="没有送部门联审"):
        services.close_screening(all_clear.edition, by=all_clear.office, now=NOW)


def test_after_the_closing_the_case_is_read_and_not_judged_anew(all_clear):
    problem(all_clear.nominations[1], all_clear.yjj, all_clear.safety, "事故一起")
    services.close_screening(all_clear.edition, by=all_clear.office, now=NOW)
    long_after = NOW + timedelta(days=900)
    first, second = (record(each, long_after) for each in all_clear.nominations[:2])
    assert (first.verdict, first.closed) == (rules.QUALIFIED, True)
    assert {each.standing for each in first.rows} == {"passed", "unasked"}
    assert (second.verdict, second.reasons) == (
        rules.REFUSED,
        ("重大安全、重大质量事故：市应急管理局答复有问题，事故一起",),
    )
    accident = next(each for each in second.rows if each.item.code == "accident")
    assert accident.standing == "failed"


@pytest.mark.parametrize("size", [20, 200])
def test_judging_asks_the_database_as_often_for_20_as_for_200(db, django_assert_num_queries, size):
    edition, office = factories.edition(), factories.hat("office")
    nominations = [factories.nomination(edition, n, state="screening") for n in range(1, size + 1)]
    departments = [each for each, _item in services.default_questions()]
    questions = services.consult(
        edition, [(department, "overall") for department in departments], by=office, now=NOW
    )
    assert len(questions) == 10
    Opinion.objects.bulk_create(
        Opinion(
            nomination=nomination,
            consultation=question,
            answer="clear",
            looked_up_on=NOW.date(),
            answered_at=NOW,
            answered_by=office,
        )
        for nomination in nominations
        for question in questions
    )
    with django_assert_num_queries(10):
        preview = services.preview_screening(edition, now=NOW)
        assert len(preview.cases) == size and preview.missing == 0


def test_standing_was_one_finding_and_is_two(screened):
    from importlib import import_module

    from django.apps import apps

    def old(n, reason, proposed, verdict):
        return Finding.objects.create(
            nomination=screened.nominations[n],
            item="standing",
            verdict=verdict,
            reason=reason,
            looked_up_on=NOW.date(),
            proposed=proposed,
            found_at=NOW,
            found_by=screened.office,
        )

    old(0, "在本市注册，具有独立法人资格。", True, "passed")
    old(1, "不具有独立法人资格。", True, "failed")
    old(2, "已迁出本市", False, "failed")
    import_module("review.migrations.0009_standing_is_two_items").split(apps, None)
    found = {
        n: sorted(Finding.objects.filter(nomination=each).values_list("item", "verdict", "reason"))
        for n, each in enumerate(screened.nominations)
    }
    both = "在本市注册，具有独立法人资格。"
    assert found == {
        0: [("legal", "passed", both), ("place", "passed", both)],
        1: [("legal", "failed", "不具有独立法人资格。")],
        2: [("legal", "failed", "已迁出本市"), ("place", "failed", "已迁出本市")],
    }
