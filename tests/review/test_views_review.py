"""The expert's pages, and that nobody reads another's sheet on any surface."""

import re

import pytest
from django.urls import reverse

from nominations.states import State
from review import sections, services
from review.models import Recusal, ScoreSheet
from review.todo import todos as own_todos
from tests import factories
from tests.moments import NOW
from tests.review.conftest import assignment, declare, page, submit, text, url

pytestmark = pytest.mark.django_db


def test_the_file_opens_only_after_declaring_and_never_after_recusing(client, reviewed):
    task, hat = assignment(reviewed, 0, 0), reviewed.experts[0]
    closed = page(client, hat, "sheet", task)
    assert closed.status_code == 302 and closed.url == url("recuse", task)
    assert "演示事迹" not in text(client.get(url("recuse", task)))
    client.post(url("recuse", task), {"choice": "clear", "clear-signature": hat.user.full_name})
    assert "演示事迹" in text(client.get(url("sheet", task)))
    client.post(
        url("recuse", task),
        {"choice": "recuse", "recuse-kind": "kinship", "recuse-signature": hat.user.full_name},
    )
    assert Recusal.objects.get().kind == "kinship"
    shown = client.get(url("sheet", task))
    assert shown.status_code == 200 and "演示事迹" not in text(shown) and "回避" in text(shown)


def test_a_false_signature_is_an_error_at_the_form(client, reviewed):
    task, hat = assignment(reviewed, 0, 0), reviewed.experts[0]
    factories.sign_in(client, hat)
    shown = client.post(url("recuse", task), {"choice": "clear", "clear-signature": "别人"})
    assert "签名应为您本人的姓名" in text(shown)


def test_several_are_declared_with_one_signature(client, reviewed):
    hat = reviewed.experts[0]
    factories.sign_in(client, hat)
    picks = [assignment(reviewed, 0, n).pk for n in (0, 2)] + [assignment(reviewed, 1, 1).pk]
    client.post(url("declare"), {"pick": picks, "signature": hat.user.full_name})
    declared = [bool(assignment(reviewed, who, n).declared_at) for who, n in ((0, 0), (0, 1), (0, 2), (1, 1))]
    assert declared == [True, False, True, False]


def test_scoring_saving_and_handing_in(client, reviewed):
    declare(reviewed, 0, 0)
    task = assignment(reviewed, 0, 0)
    factories.sign_in(client, reviewed.experts[0])
    data = {"version": 0, "points_mechanism": "90.5", "points_platform": "80.5", "comment": "好"}
    quiet = client.post(url("sheet", task), data, headers={"X-Requested-With": "fetch"})
    # 90.5·35 + 80.5·30 = 5582.5, over 100.
    assert quiet.json()["version"] == 1 and quiet.json()["total"] == "55.83"
    # Asked again because the answer was lost: it is the same save.
    again = client.post(url("sheet", task), data, headers={"X-Requested-With": "fetch"})
    assert again.status_code == 200 and again.json()["version"] == 1
    other = {"version": 0, "points_mechanism": "60"}
    stale = client.post(url("sheet", task), other, headers={"X-Requested-With": "fetch"})
    assert stale.status_code == 409 and "另一个窗口" in stale.json()["error"]
    assert stale.json()["stands"]["points_mechanism"] == "90.5"
    data |= {"version": 1, "points_effect": "69.5", "action": "submit"}
    assert client.post(url("sheet", task), data).url == url("submit_sheet", task)
    shown = client.get(url("submit_sheet", task))
    assert "80.15" in text(shown) and "不能再修改" in text(shown)
    client.post(url("submit_sheet", task), {"version": shown.context["sheet"].version})
    assert ScoreSheet.objects.get().submitted_at
    assert "已提交" in text(client.get(url("sheet", task)))


def test_the_office_neither_reads_nor_hands_in_a_draft(client, reviewed):
    declare(reviewed, 0, 0)
    services.save_sheet(
        assignment(reviewed, 0, 0),
        scores={"effect": "61.5"},
        comment="草稿里的话",
        version=0,
        by=reviewed.experts[0],
        now=NOW,
    )
    task = assignment(reviewed, 0, 0)
    shown = text(page(client, reviewed.office, "sheet", task))
    assert "61.5" not in shown and "草稿里的话" not in shown
    for name in ("sheet", "submit_sheet"):
        assert client.post(url(name, task), {"version": 1}).status_code == 403
    assert ScoreSheet.objects.get().submitted_at is None


SECRET, POINTS = "只有乙知道的评语", "61.5"


@pytest.fixture
def scored(reviewed):
    """The second expert has handed in; the first has only declared."""
    declare(reviewed, 1, 0)
    services.submit_sheet(
        assignment(reviewed, 1, 0),
        scores={"mechanism": POINTS, "platform": POINTS, "effect": POINTS},
        comment=SECRET,
        version=0,
        by=reviewed.experts[1],
        now=NOW,
    )
    declare(reviewed, 0, 0)
    return reviewed


def test_an_expert_reads_nothing_of_another_on_any_surface(client, scored):
    hat, task = scored.experts[0], assignment(scored, 0, 0)
    factories.sign_in(client, hat)
    colleague = scored.experts[1].user.full_name
    # pages, lists, forms, errors
    surfaces = [
        client.get(url("sheets")),
        client.get(url("declare")),
        client.get(url("sheet", task)),
        client.get(url("recuse", task)),
        client.post(url("sheet", task), {"version": 7, "points_effect": "50"}),
        client.post(url("sheet", task), {"version": 7}, headers={"X-Requested-With": "fetch"}),
        client.get("/"),
        # others' sheets, the office's pages, exports
        client.get(url("sheet", assignment(scored, 1, 0))),
        client.get(url("progress", scored.edition)),
        client.get(url("scores_export", scored.edition)),
        client.get(url("panel", scored.edition)),
        # the record page, and the back room
        client.get(reverse("nominations:nomination", args=[scored.nominations[0].pk])),
        client.get("/admin/review/assignment/", follow=True),
    ]
    for answer in surfaces:
        for secret in (SECRET, POINTS, colleague):
            assert secret not in text(answer), answer.request["PATH_INFO"]
    assert sections.sections(hat, scored.nominations[0]) == []
    assert all(POINTS not in line.object for line in own_todos(hat, now=NOW))


def test_nothing_on_an_experts_pages_tells_whether_others_have_scored(client, reviewed):
    """Before and after a colleague hands in, the pages are the same to the letter."""
    declare(reviewed, 0, 0)
    task = assignment(reviewed, 0, 0)
    factories.sign_in(client, reviewed.experts[0])

    def shown():
        pages = [text(client.get(address)) for address in (url("sheets"), url("sheet", task))]
        return [re.sub(r'csrf[^>]*>|clause-[0-9a-f]{8}|name="csrf-token"[^>]*', "", each) for each in pages]

    before = shown()
    submit(reviewed, 1, 0, 61, 61, 61)
    submit(reviewed, 2, 0, 99, 99, 99)
    assert shown() == before


def test_who_is_judged_reads_no_scores_before_the_result(scored):
    recommender = factories.hat("recommender")
    assert sections.sections(recommender, scored.nominations[0]) == []
    names = [name for name, _context in sections.sections(scored.office, scored.nominations[0])]
    assert names == ["review/section_screening.html", "review/section_scores.html"]


def test_closing_the_review_names_the_nominees_and_how_far_the_others_are(client, reviewed):
    for nomination, points in enumerate((90, 80, 70)):
        for expert in range(3):
            submit(reviewed, expert, nomination, points, points, points)
    shown = page(client, reviewed.office, "close_review", reviewed.edition)
    assert [each.split("（第")[0] for each in shown.context["moves"]] == [
        each.subject_name for each in reviewed.nominations[:2]
    ]
    assert "低于提名的最后得分 80.00，相差 10.00" in text(shown)
    assert "还有 3 份评分表没有提交" in text(shown)
    client.post(url("close_review", reviewed.edition))
    assert reviewed.edition.nominations.filter(state=State.VOTING).count() == 2
    after = text(client.get(url("progress", reviewed.edition)))
    assert "成绩已冻结" in after and "90.00" in after
