"""The expert's screen: what shuts it, what it shows of a dimension, two versions, the list of mine."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nominations.models import Dimension, Edition
from review import services
from review.mine import first_of, tasks_of
from review.models import Expert, PanelMember, Reopening, ScoreSheet
from review.services.conflicts import pin
from tests import factories
from tests.moments import NOW
from tests.review.conftest import assignment, declare, page, submit, text, url

pytestmark = pytest.mark.django_db
QUIET = {"X-Requested-With": "fetch"}


def save(place, version=0, nomination=0, comment=None, remarks=None, **scores):
    return services.save_sheet(
        assignment(place, 0, nomination),
        scores=scores,
        comment=comment,
        remarks=remarks,
        version=version,
        by=place.experts[0],
        now=NOW,
    )


@pytest.fixture
def begun(reviewed):
    """The first expert has declared for the first nomination and written a little."""
    declare(reviewed, 0, 0)
    save(reviewed, mechanism="80", comment="写了一点")
    return reviewed


def test_a_conflict_shuts_the_page_at_once(client, begun):
    task = assignment(begun, 0, 0)
    factories.sign_in(client, begun.experts[0])
    assert "演示事迹" in text(client.get(url("sheet", task)))
    pin(
        task.member,
        task.nomination,
        conflict=True,
        reason="任职单位有业务往来",
        by=begun.office,
        now=NOW,
    )
    for answer in (client.get(url("sheet", task)), client.post(url("sheet", task), {"version": 1})):
        assert answer.status_code == 200
        assert "演示事迹" not in text(answer) and "写了一点" not in text(answer)
        assert "任职单位有业务往来" in text(answer)
    quiet = client.post(url("sheet", task), {"version": 1, "points_effect": "1"}, headers=QUIET)
    assert quiet.status_code == 422 and quiet.json()["stop"] is True
    assert client.post(url("submit_sheet", task), {"version": 1}).url == url("sheet", task)
    assert ScoreSheet.objects.get().version == 1
    listed = text(client.get(url("sheets")))
    assert "已回避" in listed
    assert first_of(tasks_of(begun.experts[0])).nomination != task.nomination


def test_the_pane_shows_what_the_edition_says_of_a_dimension(client, begun):
    Edition.objects.update(comment_below=60, comment_above=95)
    Dimension.objects.filter(code="effect").update(guidance="看三年数据", subpoints=["效益", "推广"])
    shown = text(page(client, begun.experts[0], "sheet", assignment(begun, 0, 0)))
    for words in (
        "效益 · 推广",
        "看三年数据",
        "低于 60 分或高于 95 分的，须在该项写明理由",
        'href="#dim-mechanism"',
        'id="dim-mechanism"',
        "Ctrl",
    ):
        assert words in shown
    assert "19900000000" not in shown and "演示联系人" not in shown


def test_a_field_that_is_not_sent_is_not_touched(client, begun):
    factories.sign_in(client, begun.experts[0])
    sent = {"version": 1, "remark_mechanism": "制度健全"}
    answer = client.post(url("sheet", assignment(begun, 0, 0)), sent, headers=QUIET)
    assert answer.json()["version"] == 2
    sheet = ScoreSheet.objects.get()
    assert (sheet.comment, sheet.remarks, sheet.scores.count()) == ("写了一点", {"mechanism": "制度健全"}, 1)


@pytest.mark.parametrize(
    ("sent", "status", "stop"),
    [
        ({"version": 1, "points_effect": "八十"}, 422, False),
        ({"version": 1, "points_effect": "80.3"}, 422, False),
        ({"version": 1, "comment": "长" * 2001}, 422, False),
        ({"version": "x", "points_effect": "80"}, 422, True),
        ({"version": 9, "points_effect": "80"}, 409, None),
    ],
)
def test_what_the_page_is_told_when_nothing_was_kept(client, begun, sent, status, stop):
    factories.sign_in(client, begun.experts[0])
    answer = client.post(url("sheet", assignment(begun, 0, 0)), sent, headers=QUIET)
    assert (answer.status_code, answer.json().get("stop")) == (status, stop)
    assert answer.json()["error"]
    assert ScoreSheet.objects.get().version == 1


def test_a_sheet_handed_in_elsewhere_stops_the_page(client, reviewed):
    submit(reviewed, 0, 0, 80, 80, 80)
    factories.sign_in(client, reviewed.experts[0])
    answer = client.post(
        url("sheet", assignment(reviewed, 0, 0)), {"version": 1, "points_effect": "1"}, headers=QUIET
    )
    assert (answer.status_code, answer.json()["stop"]) == (422, True)
    assert "已经提交" in answer.json()["error"]


def test_two_versions_are_shown_and_the_chosen_are_saved(client, begun):
    task = assignment(begun, 0, 0)
    save(begun, 1, mechanism="85", comment="后来写的", platform="70")
    factories.sign_in(client, begun.experts[0])
    mine = {"version": 1, "points_mechanism": "60", "points_platform": "70.0", "comment": "后来写的"}
    shown = client.post(url("sheet", task), mine | {"points_effect": "90"})
    rows = {row.name: (row.mine, row.theirs) for row in shown.context["rows"]}
    assert rows["points_mechanism"] == ("60", "85")
    assert rows["points_effect"] == ("90", "")
    assert "comment" not in rows
    settle = {
        "action": "settle",
        "version": 2,
        "base": "1",
        "mine-points_mechanism": "60",
        "mine-points_effect": "90",
        "choose-points_effect": "mine",
    }
    again = client.post(url("sheet", task), settle)
    assert "还有没有选定的" in text(again) and ScoreSheet.objects.get().version == 2
    done = client.post(url("sheet", task), settle | {"choose-points_mechanism": "theirs"})
    assert done.url == url("sheet", task) + "?settled=1"
    points = {each.dimension.code: str(each.points) for each in ScoreSheet.objects.get().scores.all()}
    assert points == {"mechanism": "85.0", "platform": "70.0", "effect": "90.0"}
    # A third was there in between: asked again, nothing written.
    third = client.post(url("sheet", task), settle | {"choose-points_mechanism": "mine"})
    assert third.status_code == 200 and "核对两份评分" in text(third)
    assert ScoreSheet.objects.get().version == 3


def test_the_office_reopens_on_a_page_that_says_what_it_does(client, reviewed):
    submit(reviewed, 0, 0, 80, 80, 80)
    task = assignment(reviewed, 0, 0)
    shown = page(client, reviewed.office, "sheet", task)
    assert url("reopen_sheet", task) in text(shown)
    assert "还没有" not in text(client.get(url("reopen_sheet", task)))
    refused = client.post(url("reopen_sheet", task), {"reason": " "})
    assert refused.status_code == 200 and not Reopening.objects.exists()
    done = client.post(url("reopen_sheet", task), {"reason": "评语写错了企业"})
    assert done.status_code == 302 and Reopening.objects.get().reason == "评语写错了企业"
    assert "还没有提交，不需要重开" in text(client.get(url("reopen_sheet", task)))
    assert url("reopen_sheet", task) not in text(client.get(url("sheet", task)))
    assert "评语写错了企业" in text(page(client, reviewed.experts[0], "sheet", task))
    assert "已重开，待重新提交" in text(client.get(url("sheets")))
    auditor = factories.hat("auditor")
    assert client.post(url("reopen_sheet", task)).status_code == 403
    assert page(client, auditor, "reopen_sheet", task).status_code == 403


def test_an_invitation_is_answered_once(client, reviewed):
    edition = factories.edition()
    hat = reviewed.experts[0]
    expert = Expert.objects.get(user=hat.user)
    member = PanelMember.objects.create(
        edition=edition, expert=expert, code="E01", user=hat.user, standing="invited", invited_at=NOW
    )
    assert url("invitation", member) in text(page(client, hat, "sheets"))
    shown = client.post(url("invitation", member), {"answer": "decline", "reason": ""})
    assert "谢绝邀请请写明理由" in text(shown)
    client.post(url("invitation", member), {"answer": "decline", "reason": "时间冲突"})
    member.refresh_from_db()
    assert (member.standing, member.reason) == ("declined", "时间冲突")
    again = text(client.get(url("invitation", member)))
    assert "已谢绝" in again and "csrfmiddlewaretoken" not in again.split('id="main"')[1].split("</main>")[0]
    assert url("invitation", member) not in text(client.get(url("sheets")))
    assert page(client, reviewed.experts[1], "invitation", member).status_code == 404
    assert page(client, reviewed.office, "invitation", member).status_code == 403


def test_the_next_is_the_least_finished_that_may_be_opened(reviewed):
    hat = reviewed.experts[0]
    declare(reviewed, 0, 0)
    declare(reviewed, 0, 1)
    save(reviewed, nomination=0, mechanism="80")
    assert first_of(tasks_of(hat)).nomination == reviewed.nominations[1]
    save(reviewed, nomination=1, mechanism="80", platform="80")
    # Of two drafts the less finished; the third waits for its declaration.
    assert first_of(tasks_of(hat)).nomination == reviewed.nominations[0]


def test_the_list_of_mine_asks_as_often_for_one_as_for_many(client, reviewed, django_assert_max_num_queries):
    hat = reviewed.experts[0]
    submit(reviewed, 0, 0, 80, 80, 80)
    factories.sign_in(client, hat)
    client.get(url("sheets"))
    with CaptureQueriesContext(connection) as few:
        client.get(url("sheets"))
    for n in range(11, 19):
        factories.nomination(reviewed.edition, n, state="review")
    services.assign_all(reviewed.edition, by=reviewed.office, now=NOW)
    with django_assert_max_num_queries(len(few)):
        client.get(url("sheets"))
