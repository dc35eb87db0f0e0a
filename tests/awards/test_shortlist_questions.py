"""The pages that ask of a drawn list: any two compared, what if, a file handed in, the next in line."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from awards import resultfile
from awards.models import ShortlistAddition
from awards.services import inspecting, shortlist_papers
from awards.todos import todos
from nominations.models import Nomination
from nominations.services import advance
from tests import factories as make
from tests.awards.test_shortlist_views import drawn, page, send, text
from tests.awards.test_whatif import counted, every_row
from tests.awards.voted import FIELD
from tests.moments import NOW
from tests.voting import ground
from voting.models import Case
from voting.rules.notes import Signer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def named(edition, letter):
    return Nomination.objects.get(edition=edition, subject_name=f"演示{letter}企业（演示）")


def leaves(edition, letter):
    return advance(named(edition, letter), "withdraw", by=make.hat("office"), now=NOW, note="演示原因")


def pair(edition, a, b):
    return f"?a={named(edition, a).pk}&b={named(edition, b).pk}"


# --- why


def test_at_first_the_two_at_the_cut_are_compared(client):
    said = text(page(client, "shortlist_why", drawn().pk, "auditor"))
    assert "第 3 名“演示D企业（演示）”（前者）列入，第 4 名“演示C企业（演示）”（后者）没有列入。" in said
    assert "按专家得分（委员会决定）：前者 73.00，后者 70.00。" in said


@pytest.mark.parametrize(
    ("a", "b", "heading"),
    [
        (
            "B",
            "A",
            "第 1 名“演示A企业（演示）”（前者）和第 2 名“演示B企业（演示）”（后者）都列入，前者在前。",
        ),
        ("A", "E", "第 1 名“演示A企业（演示）”（前者）列入，第 5 名“演示E企业（演示）”（后者）没有列入。"),
        (
            "E",
            "C",
            "第 4 名“演示C企业（演示）”（前者）和第 5 名“演示E企业（演示）”（后者）都没有列入，前者在前。",
        ),
    ],
)
def test_any_two_are_compared_whichever_is_named_first(client, a, b, heading):
    edition = drawn()
    said = text(page(client, "shortlist_why", edition.pk, query=pair(edition, a, b)))
    assert heading in said
    assert "前者综合得分" in said


def test_equals_are_said_to_be_equal(client):
    edition = drawn(FIELD | {"F": ("73", 63, {})})
    said = text(page(client, "shortlist_why", edition.pk, query=pair(edition, "F", "D")))
    assert "名次相同，去留也相同。" in said
    assert "综合得分和同分规则各项都相同，并列第 3 名。" in said


@pytest.mark.parametrize("query", ["?a=x&b=1", "?a=1", "?a=999999&b=999998"])
def test_two_that_are_not_there_are_answered_at_the_field(client, query):
    answer = page(client, "shortlist_why", drawn().pk, query=query)
    assert answer.status_code == 200
    assert 'role="alert"' in text(answer)


def test_one_is_not_compared_with_itself(client):
    edition = drawn()
    assert "两处选了同一家" in text(page(client, "shortlist_why", edition.pk, query=pair(edition, "A", "A")))


# --- what if


def test_at_first_nothing_is_supposed(client):
    said = text(page(client, "shortlist_what_if", drawn().pk, "auditor"))
    assert 'name="expert" value="70"' in said
    assert 'name="ratio" value="1.2"' in said
    assert "试算的排序" not in said
    assert "异常票处置案" not in said


def test_other_weights_show_who_would_move(client):
    said = text(page(client, "shortlist_what_if", drawn().pk, query="?expert=0&ratio=1.2"))
    assert "“演示C企业（演示）”由第 4 名到第 2 名，由候补变为列入考察。" in said
    assert "“演示B企业（演示）”由第 2 名到第 4 名，由列入考察变为候补。" in said
    assert "专家∶投票 0∶100" in said


def test_half_a_percent_is_said_as_a_decimal(client):
    said = text(page(client, "shortlist_what_if", drawn().pk, query="?expert=72.5&ratio=1.2"))
    assert "专家∶投票 72.5∶27.5" in said
    assert "列入考察的企业不变。" in said


@pytest.mark.parametrize(
    "query",
    [
        "?expert=101&ratio=1.2",
        "?expert=x&ratio=1.2",
        "?expert=70&ratio=0.5",
        "?expert=70",
        "?expert=NaN&ratio=1",
    ],
)
def test_what_cannot_be_supposed_is_said_at_the_field(client, query):
    said = text(page(client, "shortlist_what_if", drawn().pk, query=query))
    assert 'role="alert"' in said
    assert "试算的排序" not in said


def test_a_case_decided_otherwise(client):
    edition, poll = counted(aside=(6, 7, 8, 9), declined=(1,))
    approved, declined = Case.objects.filter(poll=poll).order_by("number")
    said = text(page(client, "shortlist_what_if", edition.pk))
    assert "第 1 号案（隔离，已同意）：假如没有办理" in said
    assert "第 2 号案（隔离，未同意）：假如同意了" in said
    said = text(
        page(client, "shortlist_what_if", edition.pk, query=f"?expert=70&ratio=1&case=without-{approved.pk}")
    )
    assert "原 0" in said
    said = text(
        page(client, "shortlist_what_if", edition.pk, query=f"?expert=70&ratio=1&case=with-{declined.pk}")
    )
    assert "原 3" in said
    for other in (f"with-{approved.pk}", "without-0"):
        said = text(page(client, "shortlist_what_if", edition.pk, query=f"?expert=70&ratio=1&case={other}"))
        assert "试算的排序" not in said


def test_nothing_is_taken_from_whoever_posts_and_nothing_is_kept(client):
    edition, poll = counted(aside=(6,))
    case = Case.objects.get(poll=poll)
    office = ground.office(edition)
    make.sign_in(client, office)
    url = reverse("awards:shortlist_what_if", args=[edition.pk])
    before = {name: held for name, held in every_row().items() if "session" not in name}
    for query in ("", "?expert=10&ratio=2", f"?expert=70&ratio=1&case=without-{case.pk}", "?expert=-1"):
        assert client.get(url + query).status_code == 200
    assert client.post(url, {"expert": "10", "ratio": "2"}).status_code == 405
    assert {name: held for name, held in every_row().items() if "session" not in name} == before


# --- a file handed in


def upload(client, edition, content, hat="auditor"):
    return text(
        send(
            client, "shortlist_verify", edition.pk, {"file": SimpleUploadedFile("result.json", content)}, hat
        )
    )


def test_the_file_of_the_list_holds(client):
    edition = drawn()
    said = upload(client, edition, shortlist_papers.result_bytes(edition.shortlist))
    assert "每一家的得分、名次和去留都与重新计算的相同，摘要相符。" in said
    assert "签名有效，由本平台签署。" in said
    assert "就是本届考察名单的结果文件。" in said


def changed(edition, change):
    data = json.loads(shortlist_papers.result_bytes(edition.shortlist))
    return json.dumps(change(data) or data, ensure_ascii=False).encode()


def test_a_changed_file_says_where_it_differs(client):
    edition = drawn()
    said = upload(
        client, edition, changed(edition, lambda data: data["result"]["rows"][3].update(shortlisted=True))
    )
    assert "“演示C企业（演示）”的是否列入考察不符：文件写 是，重新计算为 否。" in said
    assert "内容不能由签名证明" in said
    assert "就是本届" not in said


def test_a_file_somebody_else_signed_says_so(client):
    edition = drawn()

    def forge(data):
        data["nominations"][0]["enterprise"] = "演示Z企业（演示）"
        return resultfile.sign(resultfile.seal(data), Signer("别处/result", "演示"))

    said = upload(client, edition, changed(edition, forge))
    assert "摘要相符" in said
    assert "签名公钥不是本平台的" in said
    assert "不是本届考察名单的结果文件" in said


def test_the_list_signed_anew_by_somebody_else_is_not_the_file_of_the_list(client):
    edition = drawn()
    said = upload(
        client, edition, changed(edition, lambda data: resultfile.sign(data, Signer("别处/result", "演示")))
    )
    assert "签名公钥不是本平台的" in said
    assert "就是本届" not in said
    assert "摘要或签名公钥与本届的不同" in said


def test_a_file_of_the_first_form_says_that_nobody_signed_it(client):
    edition = drawn()

    def old(data):
        del data["signature"], data["sha256"]
        return resultfile.seal(data | {"format": "xuanshu-result/1"})

    assert "文件没有签名，不能确认由谁生成。" in upload(client, edition, changed(edition, old))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "不是完整的 JSON"),
        (b"\xff", "不是 UTF-8"),
        (b"[]", "不是结果文件"),
        (b"{}", "不是结果文件"),
        (b'{"edition": {}, "signature": 1, "nominations": 2}', "文件缺少 format 一项"),
        (b'{"edition": {}, "signature": {"key": ["x"]}}', "不是结果文件"),
        (b'{"a": 1, "a": 2}', "重复出现"),
    ],
)
def test_what_is_no_result_file_is_said(client, content, says):
    assert says in upload(client, drawn(), content)


def test_without_a_file_it_asks_for_one(client):
    edition = drawn()
    said = text(send(client, "shortlist_verify", edition.pk, {}, "auditor"))
    assert 'role="alert"' in said


def test_a_file_handed_in_leaves_nothing(client, settings, tmp_path):
    edition = drawn()
    content = shortlist_papers.result_bytes(edition.shortlist)
    make.sign_in(client, make.hat("auditor"))
    before = {name: held for name, held in every_row().items() if "session" not in name}
    big = content[:-1] + b" " * 3_000_000 + content[-1:]  # larger than what is held in memory
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    for each in (content, big, b"{"):
        client.post(
            reverse("awards:shortlist_verify", args=[edition.pk]),
            {"file": SimpleUploadedFile("r.json", each)},
        )
    assert {name: held for name, held in every_row().items() if "session" not in name} == before
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


# --- 递补


def top_up_page(client, edition, leaver, hat="office", data=None):
    url = reverse("awards:top_up", args=[edition.pk, leaver.pk])
    client = make.sign_in(client, make.hat(hat))
    return client.get(url, follow=True) if data is None else client.post(url, data, follow=True)


def test_the_next_in_line_is_taken_in_in_the_browser(client):
    edition = drawn()
    leaver = leaves(edition, "B")
    assert [todo.verb for todo in todos(make.hat("office"), now=NOW) if "递补" in todo.verb] == [
        "办理递补考察"
    ]
    said = text(page(client, "shortlist", edition.pk))
    assert "“演示B企业（演示）”已退出（撤回），没有递补。退出理由：演示原因" in said
    assert "办理递补" in said
    assert "办理递补" not in text(page(client, "shortlist", edition.pk, "auditor"))
    form = text(top_up_page(client, edition, leaver))
    assert "按综合名次，下一家是第 4 名。" in form
    answer = top_up_page(
        client,
        edition,
        leaver,
        data={"chosen": str(named(edition, "C").pk), "reason": "演示理由", "minute": "纪要 9"},
    )
    said = text(answer)
    assert "演示C企业（演示）已递补列入考察名单。" in said
    assert (
        "第 4 名“演示C企业（演示）”因“演示B企业（演示）”退出递补列入考察。理由：演示理由（会议纪要 纪要 9）"
        in said
    )
    assert named(edition, "C").state == "inspection"
    assert [todo.verb for todo in todos(make.hat("office"), now=NOW) if "递补" in todo.verb] == []
    said = text(make.sign_in(client, make.hat("office")).get(named(edition, "C").get_absolute_url()))
    assert "递补列入考察名单。理由：演示理由" in said


def test_what_was_typed_stays_where_it_is_refused_and_the_page_shows_who_is_next_now(client):
    edition = drawn()
    leaver = leaves(edition, "B")
    old = str(named(edition, "C").pk)
    leaves(edition, "C")  # meanwhile
    said = text(top_up_page(client, edition, leaver, data={"chosen": old, "reason": "演示理由写了很长"}))
    assert "按名次应递补的是演示E企业（演示），与您确认的不同。" in said
    assert "演示理由写了很长" in said
    assert f'name="chosen" value="{named(edition, "E").pk}"' in said
    assert not ShortlistAddition.objects.exists()


def test_there_is_no_topping_up_for_one_who_is_there_and_none_by_others(client):
    edition = drawn()
    answer = top_up_page(client, edition, named(edition, "A"))
    assert answer.redirect_chain
    assert "没有空出考察名额" in text(answer)
    leaver = leaves(edition, "B")
    for role in ("auditor", "inspector", "recommender"):
        assert top_up_page(client, edition, leaver, role).status_code == 403
        assert top_up_page(client, edition, leaver, role, {"reason": "x"}).status_code == 403
    elsewhere = drawn(host="市南区")
    assert top_up_page(client, elsewhere, leaver).status_code == 403


def test_how_many_queries_the_pages_take_does_not_grow(client):
    """Not with the number of enterprises; the first page warms what is cached."""
    taken = {}
    for host, n in (("city", 4), ("市南区", 14)):
        edition = drawn({chr(65 + k): (str(90 - k), 90 - 3 * k, {}) for k in range(n)}, host=host)
        hat = make.hat("office", host)
        leaver = Nomination.objects.filter(edition=edition, state="inspection").first()
        advance(leaver, "withdraw", by=hat, now=NOW, note="演示")
        for name in ("shortlist", "shortlist_why", "shortlist_what_if"):
            query = "?expert=10&ratio=1.5" if name == "shortlist_what_if" else ""
            page(client, name, edition.pk, hat, query=query)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(reverse(f"awards:{name}", args=[edition.pk]) + query)
            taken.setdefault(name, []).append(len(queries))
    assert all(one == other for one, other in taken.values()), taken


def test_a_visit_to_one_that_left_waits_for_nobody(client):
    edition = drawn()
    office = make.hat("office")
    inspecting.plan_inspections(edition, by=office, now=NOW)
    leaver = leaves(edition, "B")
    visits = list(inspecting.visits_of(edition, office))
    figures = inspecting.figures_of(visits, today=NOW.date())
    assert (figures.total, figures.without_team) == (2, 2)
    said = text(page(client, "inspections", edition.pk))
    assert said.count("data-pick=") == 2
    assert "撤回" in said
    left = next(visit for visit in visits if visit.nomination_id == leaver.pk)
    answer = page(client, "inspection_team", edition.pk, query=f"?visit={left.pk}")
    assert answer.status_code == 302
