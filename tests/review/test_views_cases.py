"""The page of one enterprise at screening, and what the office does from it."""

import pytest
from django.urls import reverse

from nominations.services.editions import change_edition
from review import services
from review.models import Finding, Overrule, Proof
from review.services.overrules import propose_overrule
from review.todo import todos
from tests import factories
from tests.moments import NOW
from tests.review.conftest import page, problem, text, url
from tests.review.papers import pdf

pytestmark = pytest.mark.django_db


def post(client, hat, name, thing, data, query=""):
    factories.sign_in(client, hat)
    return client.post(url(name, thing) + query, data)


def test_the_page_names_the_five_exclusions_by_their_own_numbers(client, screened):
    shown = page(client, screened.office, "answer", screened.nominations[0])
    for number in ("四.1①", "四.1②", "四.1③", "四.1④", "四.1⑤", "四.3①"):
        assert number in text(shown)
    assert "申报表：工会成立时间" in text(shown) and "按规则得出" not in text(shown)
    assert "退回补正" not in text(shown)


def test_a_finding_with_its_paper_from_the_page(client, screened):
    nomination = screened.nominations[0]
    shown = page(client, screened.office, "find", nomination, item="fraud")
    assert "四.1②" in text(shown)
    data = {
        "item": "fraud",
        "verdict": "passed",
        "reason": "未见记录",
        "source": "信用信息公示系统",
        "looked_up_on": "2026-06-01",
        "seen": "",
        "file": pdf(),
        "file_title": "查询结果",
    }
    assert post(client, screened.office, "find", nomination, data, "?item=fraud").status_code == 302
    proof = Proof.objects.get()
    shown = text(page(client, screened.office, "answer", nomination))
    assert "未见记录" in shown and "查询结果" in shown and url("proof", proof) in shown
    assert page(client, screened.office, "proof", proof).status_code == 200
    assert page(client, factories.hat("auditor"), "proof", proof).status_code == 200
    for hat in (screened.safety, factories.hat("office", "市南区"), factories.hat("recommender")):
        assert page(client, hat, "proof", proof).status_code == 404


def test_somebody_else_was_faster_and_nothing_typed_is_lost(client, screened):
    services.find(screened.nominations[0], "fraud", "passed", "先", by=screened.office, now=NOW)
    data = {"item": "fraud", "verdict": "failed", "reason": "后写的理由", "looked_up_on": "2026-06-01"}
    answer = post(client, screened.office, "find", screened.nominations[0], data | {"seen": ""})
    assert "刚由他人作过结论" in text(answer) and "后写的理由" in text(answer)
    assert Finding.objects.get(item="fraud").reason == "先"


def test_to_be_mended_leads_to_the_return_page_with_the_findings(client, screened):
    services.find(screened.nominations[0], "place", "repair", "请补住所证明", by=screened.office, now=NOW)
    shown = page(client, screened.office, "answer", screened.nominations[0])
    where = shown.context["send_back"]
    assert where.startswith(reverse("nominations:send_back", args=[screened.nominations[0].pk]))
    returning = text(client.get(where))
    assert "请补住所证明" in returning
    assert not page(client, factories.hat("auditor"), "answer", screened.nominations[0]).context["send_back"]


def test_a_department_sees_its_own_question_only(client, screened):
    services.find(screened.nominations[0], "fraud", "failed", "只有办公室知道", by=screened.office, now=NOW)
    problem(screened.nominations[0], screened.yjj, screened.safety, "只有应急知道")
    shown = text(page(client, screened.science, "answer", screened.nominations[0]))
    assert "只有办公室知道" not in shown and "只有应急知道" not in shown
    assert "导出决定表" not in shown and "四.1②" not in shown


def test_one_proposes_and_the_other_decides(client, all_clear):
    change_edition(all_clear.edition, by=all_clear.office, now=NOW, finding_days=3650)
    second = factories.hat("office", username="second", full_name="复核人（演示）")
    opinion = problem(all_clear.nominations[0], all_clear.yjj, all_clear.safety, "事故一起")
    shown = text(page(client, all_clear.office, "answer", all_clear.nominations[0]))
    assert url("overrule", opinion) in shown
    asked = text(page(client, all_clear.office, "overrule", opinion))
    assert "可以复核的人：复核人（演示）" in asked
    data = {"reason": "属一般事故", "version": opinion.version}
    assert post(client, all_clear.office, "overrule", opinion, data).status_code == 302
    overrule = Overrule.objects.get()
    mine = text(page(client, all_clear.office, "decide_overrule", overrule))
    assert "等待办公室另一人复核" in mine and "记录复核结果" not in mine
    refused = post(client, all_clear.office, "decide_overrule", overrule, {"confirmed": "yes"})
    assert "另一人复核" in text(refused)
    assert Overrule.objects.get().confirmed is None
    assert url("decide_overrule", overrule) in {line.url for line in todos(second, now=NOW)}
    assert url("decide_overrule", overrule) not in {line.url for line in todos(all_clear.office, now=NOW)}
    assert "记录复核结果" in text(page(client, second, "decide_overrule", overrule))
    assert post(client, second, "decide_overrule", overrule, {"confirmed": "no"}).status_code == 200
    done = post(client, second, "decide_overrule", overrule, {"confirmed": "yes", "remark": "属实"})
    assert done.status_code == 302
    shown = text(page(client, factories.hat("auditor"), "answer", all_clear.nominations[0]))
    told = text(page(client, all_clear.safety, "answer", all_clear.nominations[0]))
    assert "没有采纳贵单位" in told and "属一般事故" in told
    assert "没有采纳贵单位" not in text(page(client, all_clear.science, "answer", all_clear.nominations[0]))
    assert "两人复核，不采纳" in shown and "属一般事故" in shown and "属实" in shown
    assert url("decide_overrule", overrule) not in {line.url for line in todos(second, now=NOW)}


def test_a_single_person_is_told_before_writing_anything(client, all_clear):
    opinion = problem(all_clear.nominations[0], all_clear.yjj, all_clear.safety, "事故一起")
    shown = text(page(client, all_clear.office, "overrule", opinion))
    assert "只有您一人" in shown and "<textarea" not in shown


def test_the_auditor_reads_and_finds_no_button(client, screened):
    auditor = factories.hat("auditor")
    shown = text(page(client, auditor, "answer", screened.nominations[0]))
    for button in ("/find/", "提出不采纳", "保存答复", "退回补正"):
        assert button not in shown
    assert "导出决定表" in shown
    listed = text(page(client, auditor, "cases", screened.edition))
    assert all(each.subject_name in listed for each in screened.nominations)
    assert '<form method="post"' not in listed.split("<main")[1].split("</main>")[0]


def test_the_list_of_cases_filters_and_finds(client, all_clear):
    problem(all_clear.nominations[1], all_clear.kjj, all_clear.science, "撤稿一篇")
    services.close_screening(all_clear.edition, by=all_clear.office, now=NOW)
    names = [each.subject_name for each in all_clear.nominations]

    def shown(**query):
        records = page(client, all_clear.office, "cases", all_clear.edition, **query).context["records"]
        return [record.nomination.subject_name for record in records]

    assert shown() == names
    assert shown(show="refused") == [names[1]]
    assert shown(show="qualified") == [names[0], names[2]]
    assert shown(show="open") == []
    assert shown(q=all_clear.nominations[2].enterprise.credit_code) == [names[2]]


@pytest.mark.parametrize("size", [5, 60])
def test_the_list_of_cases_asks_a_constant_number_of_times(client, screened, django_assert_num_queries, size):
    for n in range(100, 100 + size):
        factories.nomination(screened.edition, n, state="screening")
    factories.sign_in(client, screened.office)
    client.get(url("cases", screened.edition))
    with django_assert_num_queries(QUERIES):
        client.get(url("cases", screened.edition))


QUERIES = 25


def test_the_closing_says_who_must_act_and_where(client, screened):
    first, second, third = screened.nominations
    opinion = problem(first, screened.kjj, screened.science, "撤稿一篇")
    factories.hat("office", username="second")
    overrule = propose_overrule(opinion, by=screened.office, now=NOW, reason="已更正")
    services.answer(
        second, screened.kjj, by=screened.science, now=NOW, answer="unable", explanation="系统检修"
    )
    services.find(third, "place", "repair", "请补住所证明", by=screened.office, now=NOW)
    shown = page(client, screened.office, "close_screening", screened.edition)
    waits = {
        nomination.pk: [(wait.kind, wait.who, where) for wait, where in lines]
        for nomination, lines in shown.context["waiting"]
    }
    case, find = (lambda each: url("answer", each)), (lambda each: url("find", each))
    assert waits == {
        first.pk: [
            ("answer", "市应急管理局", case(first) + "#item-accident"),
            ("decide", f"办公室另一人（{screened.office.user}提出）", url("decide_overrule", overrule)),
        ],
        second.pk: [
            ("answer", "市应急管理局", case(second) + "#item-accident"),
            ("verify", "办公室", find(second) + "?item=misconduct"),
        ],
        third.pk: [
            ("answer", "市应急管理局、市科技局", case(third) + "#item-accident"),
            ("repair", "办公室退回，企业补正", case(third) + "#item-place"),
        ],
    }
    assert "没有征求任何部门意见" in text(shown) and "四.1② 弄虚作假" in text(shown)
    assert "不能撤回" in text(shown) and "btn-primary" not in text(shown)
