"""Before the step is closed nobody learns what an expert scored, who has no business to: on any surface.

Each person walks through every address before and after an expert hands in a sheet. What may not be known may
not show in any way: not the figure, the words, the number of the expert, a count, nor the order of a list. So
the pages have to be the same, letter by letter.
"""

import difflib
import io
import re
import zipfile
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from nominations.reading import life_of
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from review import sections, services
from review.models import Assignment, OfficeRecusal
from review.services import reminders
from review.services.office_sight import hidden_from
from review.todo import todos
from tests import factories
from tests.address_book import ROWS
from tests.moments import NOW
from tests.review.conftest import assignment, declare, submit, text, url

pytestmark = pytest.mark.django_db

COMMENT, REMARK = "评语不得外露之甲", "分项评语不得外露之乙"
#: 77.5 in every dimension: 77.5 whatever the weights; 60.5 of the one who saves only.
MARKS = ("77.5", "60.5", COMMENT, REMARK)
THINGS = ("", "edition", "nomination", "assignment")
#: Papers that are set and pages that cost seconds: they hold nothing of a review and have their own tests.
LEFT_OUT = ("print", "report", "healthz", "readyz", "awards:", "voting:", "template", "_workbook", "_out")
BACK_ROOM = (
    "admin:index",
    "admin:portal_auditentry_changelist",
    "admin:review_assignment_changelist",
    "admin:review_recusal_changelist",
    "admin:review_resultrow_changelist",
)
NOISE = re.compile(
    r'csrfmiddlewaretoken" value="[^"]*"|csrf-token" content="[^"]*"|clause-[0-9a-f]+'
    r'|链首：第 \d+ 条|<p class="mono">[0-9a-f]{64}</p>'
)


def addresses(place):
    things = {
        "edition": place.edition.pk,
        "nomination": place.nominations[0].pk,
        "assignment": assignment(place, 2, 0).pk,
    }
    for wanted, _answers, group in ROWS:
        if wanted in THINGS:
            args = [things[wanted]] if wanted else []
            for name in group.split():
                if not any(part in name for part in LEFT_OUT):
                    yield name, reverse(name, args=args)
    yield from ((name, reverse(name)) for name in BACK_ROOM)
    yield "search", reverse("nominations:desk", args=[place.edition.pk]) + "?q=" + "演示企业"


def walk(client, place) -> dict[str, str]:
    return {name: shown(client.get(address)) for name, address in addresses(place)}


def shown(answer) -> str:
    """The answer as somebody reads it: words of a page, cells of a workbook."""
    if answer.status_code != 200:
        return str(answer.status_code)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            names = [name for name in parts.namelist() if not name.startswith("docProps/")]
            return "".join(parts.read(name).decode("utf-8", "replace") for name in names)
    return NOISE.sub("", content.decode("utf-8", "replace"))


def difference(before, after) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return "\n".join(line[:300] for line in lines)


def person(role, place):
    match role:
        case "another expert":
            return place.experts[0]
        case "applicant":
            return factories.hat("applicant")
        case "department":
            return place.science
        case "another office":
            return factories.hat("office", "市北区")
        case "administrator":
            return factories.hat("admin", is_staff=True, is_superuser=True)
        case "office that stepped aside":
            hat = factories.hat("office", username="office-aside")
            step_aside(hat, place)
            return hat
        case "supervision that stepped aside":
            hat = factories.hat("auditor", username="auditor-aside")
            step_aside(hat, place)
            return hat
        case "expert with an office's hat":
            return factories.hat("office", username="expert4")
    return factories.hat(role)


def step_aside(hat, place, number=0):
    return OfficeRecusal.objects.create(
        user=hat.user,
        nomination=place.nominations[number],
        reason="演示：亲属在该企业任职",
        recorded_at=NOW,
        recorded_by=place.office,
    )


def hand_in(place):
    """The third expert hands in, has it opened again and hands it in once more; the second saves a draft."""
    task = assignment(place, 2, 0)
    given = {
        "scores": dict.fromkeys(("mechanism", "platform", "effect"), "77.5"),
        "comment": COMMENT,
        "remarks": {"effect": REMARK},
        "by": place.experts[2],
        "now": NOW,
    }
    sheet = services.submit_sheet(task, version=0, **given)
    services.reopen_sheet(sheet, reason="演示理由", by=place.office, now=NOW)
    sheet.refresh_from_db()
    services.submit_sheet(task, version=sheet.version, **given)
    services.save_sheet(
        assignment(place, 1, 0), scores={"effect": "60.5"}, version=0, by=place.experts[1], now=NOW
    )


@pytest.fixture
def open_review(reviewed):
    """Everybody has declared, and the first and the fourth expert have scored what they have."""
    for number in range(4):
        declare(reviewed, number, 0, 1, 2)
    submit(reviewed, 0, 0, 81, 82, 83)
    return reviewed


ROLES = (
    *("another expert", "recommender", "applicant", "department", "inspector", "administrator"),
    *("another office", "office that stepped aside", "supervision that stepped aside"),
    "expert with an office's hat",
)


@pytest.mark.parametrize("role", ROLES)
def test_nothing_shows_that_an_expert_has_scored(open_review, role):
    hat = person(role, open_review)
    client = factories.sign_in(Client(), hat)
    # What there was to read is read: the bell is not what is compared.
    client.get(reverse("portal:notices"))
    before = walk(client, open_review)
    hand_in(open_review)
    after = walk(client, open_review)
    assert {
        name: difference(before[name], after[name]) for name in before if before[name] != after[name]
    } == {}
    assert [(name, mark) for name in after for mark in MARKS if mark in after[name]] == []
    assert sum(1 for page in after.values() if len(page) > 3) > 4


@pytest.mark.parametrize("role", [role for role in ROLES if role != "office that stepped aside"])
def test_who_is_on_the_panel_is_named_to_nobody_else(open_review, role):
    if "office" in role or "supervision" in role or role == "administrator":
        pytest.skip("offices, supervision and administration know the panel, not what it scored")
    hand_in(open_review)
    pages = walk(factories.sign_in(Client(), person(role, open_review)), open_review)
    assert [name for name in pages if "E03" in pages[name]] == []


def test_the_office_and_supervision_see_it_all(open_review):
    """The other side of the same test: the marks do show where they may."""
    hand_in(open_review)
    for hat in (open_review.office, factories.hat("auditor")):
        pages = walk(factories.sign_in(Client(), hat), open_review)
        for name in ("review:progress", "review:scores_export", "nominations:nomination", "portal:record"):
            assert "77.5" in pages[name], (hat.role, name)


def test_an_expert_has_no_back_room(client, open_review):
    factories.sign_in(client, open_review.experts[0])
    answers = [client.get(reverse(name)) for name in BACK_ROOM]
    assert {answer.status_code for answer in answers} <= {302, 403}


def test_the_answer_to_a_save_tells_of_the_own_sheet_alone(client, open_review):
    task = assignment(open_review, 0, 1)
    factories.sign_in(client, open_review.experts[0])
    quiet = {"X-Requested-With": "fetch"}
    first = client.post(url("sheet", task), {"version": 0, "points_effect": "70"}, headers=quiet)
    hand_in(open_review)
    second = client.post(url("sheet", task), {"version": 1, "points_effect": "70"}, headers=quiet)
    assert first.status_code == second.status_code == 200
    assert not [mark for mark in MARKS if mark in text(first) + text(second)]
    other = client.post(url("sheet", assignment(open_review, 2, 1)), {"version": 0}, headers=quiet)
    assert other.status_code == 404


def test_what_people_are_told_has_no_figure_in_it(open_review):
    hand_in(open_review)
    reminders.remind_experts(
        open_review.edition,
        [each.pk for each in open_review.edition.panel.all()],
        by=open_review.office,
        now=NOW,
    )
    told = [f"{each.subject} {each.body}" for each in Notification.objects.all()]
    assert told and not [each for each in told for mark in (*MARKS, "E03") if mark in each]


def test_a_refusal_tells_nothing_of_others(open_review):
    """The sentences of refusal an expert can bring about are the same, whoever has scored."""
    declare(open_review, 0, 1)

    def refusals():
        found = []
        for scores, version in (({"effect": "101"}, 0), ({}, 0), ({"effect": "70"}, 9)):
            with pytest.raises(Refused) as refused:
                services.submit_sheet(
                    assignment(open_review, 0, 1),
                    scores=scores,
                    version=version,
                    by=open_review.experts[0],
                    now=NOW,
                )
            found.append(str(refused.value))
        return found

    before = refusals()
    hand_in(open_review)
    assert refusals() == before


# --- who stepped aside


def test_the_one_who_stepped_aside_reads_a_line_in_its_place(open_review):
    hat = person("office that stepped aside", open_review)
    hand_in(open_review)
    client, kept = factories.sign_in(Client(), hat), open_review.nominations[0]
    page = text(client.get(url("progress", open_review.edition)))
    row = re.search(
        rf"<tr class=\"is-kept\"><th scope=\"row\">{kept.subject_name}</th>(.*?)</tr>", page
    ).group(1)
    assert "您已回避，不显示" in row and not re.search(r"\d", re.sub(r'colspan="\d+"', "", row))
    assert "您已回避，不显示" in text(client.get(reverse("nominations:nomination", args=[kept.pk])))
    assert sections._scores(hat, open_review.nominations[0]) == [
        ("review/section_scores.html", {"kept": True})
    ]
    assert hidden_from(hat, open_review.edition) == {kept.pk}
    assert client.get(url("sheet", assignment(open_review, 2, 0))).status_code == 404
    assert not [line for line in life_of(kept, hat) if "评分" in line.what]


def test_another_of_the_office_closes(client, open_review):
    hat = person("office that stepped aside", open_review)
    for expert in range(3):
        for number in range(3):
            if (expert, number) != (0, 0):
                submit(open_review, expert, number, 80 + expert, 80, 70 + number)
    with pytest.raises(Refused, match="办公室其他工作人员"):
        services.close_review(open_review.edition, by=hat, now=NOW)
    factories.sign_in(client, hat)
    page = text(client.get(url("close_review", open_review.edition)))
    assert (
        "办公室其他工作人员" in page
        and "提名" not in re.sub(r"<nav.*?</nav>|<aside.*?</aside>", "", page)[:0]
    )
    assert client.post(url("close_review", open_review.edition)).status_code == 200
    assert not hasattr(open_review.edition, "review_result")
    services.close_review(open_review.edition, by=open_review.office, now=NOW)


def test_another_of_the_office_enters_the_paper(open_review):
    hat = person("office that stepped aside", open_review)
    for act in (
        lambda: services.read_scores(open_review.edition, b"", by=hat, now=NOW),
        lambda: services.apply_scores(open_review.edition, [object()], by=hat, now=NOW),
    ):
        with pytest.raises(Refused, match="办公室其他工作人员"):
            act()


def test_lifted_is_lifted(open_review):
    hat = person("office that stepped aside", open_review)
    OfficeRecusal.objects.update(lifted_at=NOW)
    assert hidden_from(hat, open_review.edition) == frozenset()


def test_the_curtain_costs_the_same_for_a_long_record(open_review):
    hat = person("office that stepped aside", open_review)
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            list(AuditEntry.objects.open_to(hat))
        counts.append(len(queries))
        if not _round:
            hand_in(open_review)
    assert counts == [1, 1]


# --- after closing


def closed(place):
    for expert in range(4):
        for number in range(3):
            if (expert, number) != (0, 0):
                submit(place, expert, number, 70 + 4 * expert, 70, 70 + number)
    services.close_review(place.edition, by=place.office, now=NOW)
    return place


def test_after_closing_own_scores_stand_beside_the_panels_mean_without_names(client, open_review):
    factories.sign_in(client, open_review.experts[1])
    assert "还没有关闭" in text(client.get(url("compared", open_review.edition)))
    place = closed(open_review)
    page = text(client.get(url("compared", place.edition)))
    # 74·35 + 70·30 + 71·35, over 100, of the second expert for the second enterprise.
    assert Decimal("71.75") == (74 * 35 + 70 * 30 + 71 * 35) / Decimal(100) and "71.75" in page
    names = [each.user.full_name for each in place.experts if each != place.experts[1]]
    assert not [word for word in (*names, "E01", "E02", "E03", "E04") if word in page.split("<main", 1)[1]]
    # The third expert's own total for the same enterprise: 78·35 + 70·30 + 71·35.
    assert "73.15" not in page


def test_nominations_of_others_are_not_in_it(client, open_review):
    place = closed(open_review)
    Assignment.objects.filter(member__user=place.experts[1].user, nomination=place.nominations[2])
    stranger = factories.hat("expert", username="expert9")
    factories.sign_in(client, stranger)
    assert client.get(url("compared", place.edition)).status_code == 404


def test_what_waits_for_an_expert_counts_the_own_sheets(open_review):
    before = [(line.object, line.count) for line in todos(open_review.experts[0], now=NOW)]
    hand_in(open_review)
    assert [(line.object, line.count) for line in todos(open_review.experts[0], now=NOW)] == before
