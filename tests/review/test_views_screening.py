"""The pages of the joint check: a department's list, its workbook, the closing."""

import pytest

from nominations.services.editions import change_edition
from nominations.states import State
from review import sections
from review.models import Opinion
from tests import factories
from tests.moments import NOW
from tests.review.conftest import page, problem, text, url

pytestmark = pytest.mark.django_db


def answers(place, **rows):
    """What a department's list sends: its first questions, by nomination's place."""
    data = {"looked_up_on": "2026-06-01"}
    for n, nomination in enumerate(place.nominations):
        key = f"{nomination.pk}_{place.kjj.pk}"
        answer, explanation, version = rows.get(f"n{n}", ("", "", 0))
        data |= {f"answer_{key}": answer, f"explanation_{key}": explanation, f"version_{key}": version}
    return data


def test_a_department_saves_its_list_in_one_go(client, screened):
    factories.sign_in(client, screened.science)
    data = answers(screened, n0=("clear", "", 0), n1=("problem", "撤稿一篇", 0))
    assert client.post(url("screening", screened.edition), data).status_code == 302
    given = dict(Opinion.objects.values_list("nomination_id", "answer"))
    assert given == {screened.nominations[0].pk: "clear", screened.nominations[1].pk: "problem"}


def test_a_list_with_an_error_is_saved_not_at_all_and_nothing_typed_is_lost(client, screened):
    factories.sign_in(client, screened.science)
    data = answers(screened, n0=("unable", "系统检修", 0), n1=("problem", "", 0))
    answer = client.post(url("screening", screened.edition), data)
    assert answer.status_code == 422
    assert "请写明情况" in text(answer) and "系统检修" in text(answer)
    assert not Opinion.objects.exists()


def test_a_department_sees_nothing_of_another(client, screened):
    problem(screened.nominations[0], screened.yjj, screened.safety, "只有应急知道")
    for name, thing in (
        ("screening", screened.edition),
        ("answer", screened.nominations[0]),
        ("answer_rest", screened.edition),
        ("answer_workbook", screened.edition),
    ):
        shown = text(page(client, screened.science, name, thing))
        assert "只有应急知道" not in shown and "市应急管理局" not in shown
    parts = sections.sections(screened.science, screened.nominations[0])
    assert [question.department.code for question, _given in parts[0][1]["opinions"]] == ["dept-kjj"]
    board = text(page(client, screened.office, "screening", screened.edition))
    assert "有问题" in board and "市应急管理局" in board


def test_the_rest_is_named_before_it_is_answered(client, screened):
    problem(screened.nominations[0], screened.kjj, screened.science, "有")
    shown = page(client, screened.science, "answer_rest", screened.edition)
    names = [nomination.subject_name for nomination in screened.nominations]
    assert names[0] not in text(shown) and names[1] in text(shown) and names[2] in text(shown)
    form = shown.context["form"]
    data = {"looked_up_on": "2026-06-01", "named": form["named"].value()}
    client.post(url("answer_rest", screened.edition), data)
    assert Opinion.objects.filter(answer="clear").count() == 2


def test_a_workbook_is_looked_at_then_entered(client, screened, settings):
    from tests.review.test_services_workbooks import OPINIONS, book, line

    factories.sign_in(client, screened.science)
    where = url("answer_workbook", screened.edition)
    upload = book(OPINIONS, [line(screened, 0), line(screened, 1, answer="有问题", explanation="撤稿")])
    upload.name = "部门意见.xlsx"
    kept = client.post(where, {"file": upload})
    preview = client.get(kept.url)
    assert "将导入 2 项答复" in text(preview) and screened.nominations[1].subject_name in text(preview)
    assert not Opinion.objects.exists()
    digest = {"digest": preview.context["diff"].digest}
    factories.sign_in(client, screened.safety)
    assert client.post(kept.url, digest).status_code == 404
    assert not Opinion.objects.exists()
    factories.sign_in(client, screened.science)
    assert client.post(kept.url, digest).status_code == 302
    assert Opinion.objects.count() == 2


def test_a_wrong_workbook_shows_its_cells(client, screened):
    from tests.review.test_services_workbooks import OPINIONS, book, line

    factories.sign_in(client, screened.science)
    upload = book(OPINIONS, [line(screened, 0, name="另一家"), line(screened, 1, answer=None)])
    upload.name = "部门意见.xlsx"
    shown = text(client.post(url("answer_workbook", screened.edition), {"file": upload}))
    assert "名称与信用代码不符" in shown and "没有填写" in shown


def test_closing_the_screening_names_who_goes_and_who_does_not(client, all_clear):
    change_edition(all_clear.edition, by=all_clear.office, now=NOW, finding_days=3650)
    problem(all_clear.nominations[1], all_clear.kjj, all_clear.science, "撤稿一篇")
    shown = page(client, all_clear.office, "close_screening", all_clear.edition)
    assert shown.context["moves"] == [
        each.subject_name for each in (all_clear.nominations[0], all_clear.nominations[2])
    ]
    assert "撤稿一篇" in text(shown)
    answer = client.post(url("close_screening", all_clear.edition), follow=True)
    assert "2 家进入专家评审，1 家不予通过" in text(answer)
    assert all_clear.edition.nominations.filter(state=State.REJECTED).count() == 1


def test_a_blocked_closing_says_what_is_missing_and_has_no_button(client, screened):
    shown = text(page(client, screened.office, "close_screening", screened.edition))
    assert "现在还不能关闭" in shown and "市科技局" in shown
    assert "btn-primary" not in shown
    factories.sign_in(client, screened.office)
    refused = client.post(url("close_screening", screened.edition))
    assert refused.status_code == 200
    assert set(screened.edition.nominations.values_list("state", flat=True)) == {State.SCREENING}
