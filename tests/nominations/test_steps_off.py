"""Which steps an edition has: decided on its form, changed until the recommendation is closed."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from nominations.invariants import nothing_is_at_a_step_left_out
from nominations.models import Edition
from nominations.reading import rule_rows
from nominations.services.conclusion import close_recommendation
from nominations.services.editions import change_edition, freeze_rules, rules_digest, rules_of
from nominations.services.steps import close_step
from nominations.stepper import stepper
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories
from tests.moments import NOW

pytestmark = pytest.mark.django_db
PANEL_ALONE = {"expert_weight": Decimal(100), "vote_weight": Decimal(0)}
VOTE_ALONE = {"expert_weight": Decimal(0), "vote_weight": Decimal(100)}
BOTH = {"expert_weight": Decimal(70), "vote_weight": Decimal(30)}
DAYS = {"voting": (NOW, NOW.replace(month=9)), "publicity": (NOW, None)}


@pytest.fixture
def office():
    return factories.hat("office")


@pytest.fixture
def edition(office):
    return change_edition(factories.edition(), by=office, now=NOW, dates=DAYS)


def change(edition, office, **fields):
    return change_edition(edition, by=office, now=NOW, **fields)


# What is left out → the weights that go with it, and what the edition then has.
LEFT_OUT = [
    (("review",), VOTE_ALONE, ("voting", "inspection")),
    (("voting",), PANEL_ALONE, ("review", "inspection")),
    (("inspection",), BOTH, ("review", "voting")),
    (("voting", "inspection"), PANEL_ALONE, ("review",)),
    (("review", "inspection"), VOTE_ALONE, ("voting",)),
]


@pytest.mark.parametrize(("off", "weights", "left"), LEFT_OUT)
def test_steps_are_left_out_and_taken_back(edition, office, off, weights, left):
    change(edition, office, off=off, **weights)
    made = Edition.objects.get(pk=edition.pk)
    assert made.enabled == ("recommendation", "screening", *left, "publicity")
    assert [line.phase for line in stepper(made, office, now=NOW)].count("off") == len(off)
    assert all(not line.url for line in stepper(made, office, now=NOW) if line.phase == "off")
    step = made.step("voting")
    assert (step.opens is None) is ("voting" in off)
    told = AuditEntry.objects.filter(act="nominations.change_edition").latest("pk").detail["changed"]
    assert told["off"] == [[], sorted(off, key=("review", "voting", "inspection").index)]
    change(edition, office, off=(), **BOTH)
    assert len(Edition.objects.get(pk=edition.pk).enabled) == 6
    told = AuditEntry.objects.filter(act="nominations.change_edition").latest("pk").detail["changed"]
    assert told["off"][1] == []


@pytest.mark.parametrize(
    ("off", "weights", "why"),
    [
        (("publicity",), {}, "不能停用"),
        (("review", "voting"), {}, "至少启用一项"),
        (("voting",), {}, "权重应为 0"),
        (("review",), PANEL_ALONE, "权重应为 0"),
    ],
)
def test_what_cannot_be_held_is_refused_whole(edition, office, off, weights, why):
    with pytest.raises(Refused, match=why):
        change(edition, office, off=off, seats=1, **weights)
    made = Edition.objects.get(pk=edition.pk)
    assert (len(made.enabled), made.seats) == (6, 2)
    assert made.step("voting").opens == NOW


def test_after_the_recommendation_is_closed_the_steps_stay(edition, office):
    factories.nomination(edition, 1, state="screening")
    close_recommendation(edition, by=office, now=NOW)
    with pytest.raises(Refused, match="组织推荐已经关闭"):
        change(edition, office, off=("voting",), **PANEL_ALONE)
    # As it is may be said again.
    change(edition, office, off=(), seats=1)


def test_frozen_rules_have_their_steps_in_the_digest(office):
    edition = factories.edition(off=("voting",), **PANEL_ALONE)
    assert rules_of(edition)["off"] == ["voting"] and "off" not in rules_of(factories.edition())
    digest = freeze_rules(edition, by=office, now=NOW)
    with pytest.raises(Refused, match="冻结"):
        change(edition, office, off=(), **BOTH)
    edition.steps.filter(kind="voting").update(enabled=True)
    assert rules_digest(Edition.objects.get(pk=edition.pk)) != digest


def test_without_a_vote_the_nominees_are_not_asked_about(edition, office):
    with pytest.raises(Refused, match="提名家数"):
        change(edition, office, seats=5)
    change(edition, office, seats=5, off=("voting",), **PANEL_ALONE)


def test_the_rules_of_a_step_left_out_are_not_shown(office):
    titles = {row.title for row in rule_rows(factories.edition(off=("voting", "inspection"), **PANEL_ALONE))}
    assert titles.isdisjoint({"提名家数", "差额比例", "公众投票权重", "每票最多选", "投票次数", "票数公布"})
    assert {"专家评审权重", "最少有效评分表", "评审维度及权重", "命名名额"} <= titles
    titles = {row.title for row in rule_rows(factories.edition(off=("review",), **VOTE_ALONE))}
    assert titles.isdisjoint({"提名家数", "专家评审权重", "最少有效评分表", "评审维度及权重", "设讨论轮"})
    assert {"公众投票权重", "差额比例", "每票最多选"} <= titles


def test_who_stands_at_a_step_left_out_is_found(office):
    edition = factories.edition(off=("voting",), **PANEL_ALONE)
    assert list(nothing_is_at_a_step_left_out()) == []
    made = factories.nomination(edition, 1, state="review")
    with connection.cursor() as cursor:
        # Past the machine, which leads nobody there.
        cursor.execute("UPDATE nominations_nomination SET state = 'voting' WHERE id = %s", [made.pk])
    assert list(nothing_is_at_a_step_left_out()) == [f"#{made.pk} {made.subject_name}: voting"]
    Edition.objects.filter(pk=edition.pk).update(expert_weight=60, vote_weight=40)
    assert f"{edition}: voting" in list(nothing_is_at_a_step_left_out())


def test_the_steps_before_are_closed_past_the_one_left_out(office):
    edition = factories.edition(off=("review",), **VOTE_ALONE)
    for kind in ("recommendation", "screening"):
        close_step(edition, kind, by=office, now=NOW)
    with pytest.raises(Refused, match="已经关闭或未启用"):
        close_step(edition, "review", by=office, now=NOW)
    assert Edition.objects.get(pk=edition.pk).current_step.kind == "voting"


# The form, as a browser sends it.


def typed(form):
    return {name: value for name in form.fields if (value := form[name].value()) not in (None, False, "")}


def test_the_form_sets_up_an_edition_without_a_vote(client, office):
    factories.sign_in(client, office)
    url = reverse("nominations:edition_new")
    form = client.get(url).context["form"]
    assert form["steps"].value() == ["review", "voting", "inspection"]
    given = typed(form) | {
        "title": "2031年度演示届",
        "steps": ["review", "inspection"],
        # What belongs to the step that is left out is not read, right or wrong.
        "max_picks": "",
        "nominees": "0",
        "voting_opens": "不是日期",
        "voting_closes": "2031-05-01T09:00",
    }
    answer = client.post(url, given, follow=True)
    made = Edition.objects.get(title="2031年度演示届")
    assert made.enabled == ("recommendation", "screening", "review", "inspection", "publicity")
    assert (made.expert_weight, made.vote_weight) == (100, 0)
    assert (made.nominees, made.max_picks) == (20, 10)
    assert made.step("voting").closes is None
    assert "本届不设公众投票，已将专家评审权重设为 100%，公众投票权重设为 0%。" in answer.content.decode()


def test_the_form_sets_up_an_edition_without_a_panel(client, office):
    factories.sign_in(client, office)
    url = reverse("nominations:edition_new")
    given = typed(client.get(url).context["form"]) | {
        "title": "2031年度演示届",
        "steps": ["voting"],
        "weight_effect": "99",
        "min_sheets": "",
        "ratio": "",
    }
    answer = client.post(url, given, follow=True)
    made = Edition.objects.get(title="2031年度演示届")
    assert made.enabled == ("recommendation", "screening", "voting", "publicity")
    assert (made.expert_weight, made.vote_weight, made.ratio) == (0, 100, "6/5")
    assert [(each.code, each.weight) for each in made.dimensions.all()] == [
        ("mechanism", 35),
        ("platform", 30),
        ("effect", 35),
    ]
    assert "专家评审权重设为 0%" in answer.content.decode()


def test_the_form_refuses_an_edition_that_nobody_scores(client, office):
    factories.sign_in(client, office)
    url = reverse("nominations:edition_new")
    given = typed(client.get(url).context["form"]) | {"title": "2031年度演示届"}
    for steps in ([], ["inspection"]):
        answer = client.post(url, given | {"steps": steps})
        assert "专家评审和公众投票至少启用一项" in answer.content.decode()
        assert answer.context["form"]["steps"].value() == steps
    assert not Edition.objects.filter(title="2031年度演示届").exists()


def test_the_form_of_an_edition_asks_only_what_its_steps_need(client, office):
    edition = factories.edition(off=("voting", "inspection"), **PANEL_ALONE)
    factories.sign_in(client, office)
    url = reverse("nominations:edition_edit", args=[edition.pk])
    form = client.get(url).context["form"]
    absent = {"nominees", "min_picks", "max_picks", "ballots_per", "totals", "ratio", "voting_opens"}
    assert absent.isdisjoint(form.fields) and "inspection_closes" not in form.fields
    assert {"min_sheets", "weight_effect", "expert_weight", "vote_weight", "review_opens"} <= set(form.fields)
    assert client.post(url, typed(form) | {"seats": "3"}).status_code == 302
    made = Edition.objects.get(pk=edition.pk)
    assert (made.seats, made.nominees, made.enabled) == (3, 4, edition.enabled)


def test_a_step_taken_back_must_be_given_its_weight(client, office):
    edition = factories.edition(off=("voting",), **PANEL_ALONE)
    factories.sign_in(client, office)
    url = reverse("nominations:edition_edit", args=[edition.pk])
    given = typed(client.get(url).context["form"]) | {"steps": ["review", "voting", "inspection"]}
    words = client.post(url, given).content.decode()
    assert "新设了公众投票，权重还是 0" in words
    assert not Edition.objects.get(pk=edition.pk).has("voting")
    weighed = given | {"expert_weight": "60", "vote_weight": "40"}
    assert (
        "本届新设了公众投票，请核对它的规则和日期。"
        in client.post(url, weighed, follow=True).content.decode()
    )
    made = Edition.objects.get(pk=edition.pk)
    assert made.has("voting") and (made.expert_weight, made.vote_weight) == (60, 40)


def test_once_settled_the_boxes_are_locked_and_the_rest_may_be_saved(client, office):
    edition = factories.edition(off=("voting",), **PANEL_ALONE)
    close_step(edition, "recommendation", by=office, now=NOW)
    factories.sign_in(client, office)
    url = reverse("nominations:edition_edit", args=[edition.pk])
    form = client.get(url).context["form"]
    assert form.fields["steps"].disabled
    given = typed(form) | {"seats": "3", "steps": ["review", "voting", "inspection"]}
    assert client.post(url, given).status_code == 302
    made = Edition.objects.get(pk=edition.pk)
    assert made.seats == 3 and not made.has("voting")


def test_the_edition_page_says_what_is_left_out_in_as_many_queries(client, office):
    whole, short = factories.edition(), factories.edition(off=("voting", "inspection"), **PANEL_ALONE)
    factories.sign_in(client, office)
    counts = []
    for edition in (whole, whole, short, short):
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(edition.get_absolute_url())
        counts.append(len(asked))
    assert answer.content.decode().count("本届不设") == 2 + 2 * 2  # the table; the stepper, seen and heard
    assert counts[3] <= counts[1]
