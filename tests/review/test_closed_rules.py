"""With a vote: what scores is closed from the first task on, the order from the closing of the review."""

from decimal import Decimal

import pytest
from django.urls import reverse

from nominations.models import Edition
from nominations.services.editions import change_edition, rules_of
from nominations.services.steps import close_step
from portal.errors import Refused
from review import services
from review.models import PanelMember
from review.services.assigning import give
from tests import factories
from tests.moments import NOW

SCORED = [
    ({"min_sheets": 2}, "最少有效评分表"),
    ({"trim_from": 4}, "去最高最低的起始份数"),
    ({"nominees": 3}, "提名家数"),
    ({"seats": 1}, "命名名额"),
    (
        {"dimensions": [("mechanism", "甲", "40"), ("platform", "乙", "30"), ("effect", "丙", "30")]},
        "评审维度及权重",
    ),
    ({"dimensions": [("whole", "总体", "100")]}, "评审维度及权重"),
]
ORDERED = [
    ({"expert_weight": Decimal(60), "vote_weight": Decimal(40)}, "专家评审权重、公众投票权重"),
    ({"ratio": "3/2"}, "差额比例"),
    ({"tie_break": ["expert_score"]}, "同分次序"),
]
OF_THE_POLL = {"min_picks": 2, "max_picks": 3, "ballots_per": "day"}


@pytest.mark.parametrize(("change", "rule"), SCORED)
def test_from_the_first_task_on_what_scores_is_closed(all_clear, change, rule):
    """Else the office changes them with all sheets in, and sees the order flip."""
    place = all_clear
    services.close_screening(place.edition, by=place.office, now=NOW)
    expert = factories.hat("expert", username="expert1")
    seat = services.Seat("E01", expert.user.full_name, expert.user)
    services.seat_panel(place.edition, [seat], by=place.office, now=NOW)
    change_edition(place.edition, by=place.office, now=NOW, sheets_each=2, min_sheets=4)
    give(PanelMember.objects.get(), place.nominations[0], by=place.office, now=NOW)
    before = rules_of(Edition.objects.get(pk=place.edition.pk))
    with pytest.raises(Refused, match=f"评审任务已经下发，不能再改的有：{rule}。"):
        change_edition(place.edition, by=place.office, now=NOW, **change)
    assert rules_of(Edition.objects.get(pk=place.edition.pk)) == before
    # What follows only after the review is open still, and what stays as it is may be said again.
    again = {"seats": 2, "min_sheets": 4, "ratio": "3/2"}
    change_edition(place.edition, by=place.office, now=NOW, **again, **OF_THE_POLL)
    for change, _rule in ORDERED[::2]:
        change_edition(place.edition, by=place.office, now=NOW, **change)


@pytest.mark.parametrize(("change", "rule"), SCORED + ORDERED)
def test_from_the_closing_on_only_what_the_poll_is_held_by_is_open(reviewed, change, rule):
    close_step(reviewed.edition, "review", by=reviewed.office, now=NOW)
    with pytest.raises(Refused, match=f"专家评审已经关闭，不能再改的有：{rule}。"):
        change_edition(reviewed.edition, by=reviewed.office, now=NOW, **change)
    change_edition(reviewed.edition, by=reviewed.office, now=NOW, notice_workdays=6, **OF_THE_POLL)
    assert Edition.objects.get(pk=reviewed.edition.pk).ballots_per == "day"


def test_the_form_shows_what_is_closed_and_why(client, reviewed):
    factories.sign_in(client, reviewed.office)
    address = reverse("nominations:edition_edit", args=[reviewed.edition.pk])

    def closed():
        answer = client.get(address)
        form = answer.context["form"]
        return {name for name, field in form.fields.items() if field.disabled}, answer.content.decode()

    names, words = closed()
    weights = {"weight_mechanism", "weight_platform", "weight_effect"}
    scored = {"min_sheets", "trim_from", "nominees", "seats", *weights}
    dates = {f"{kind}_{end}" for kind in ("recommendation", "screening") for end in ("opens", "closes")}
    assert names == scored | dates | {"steps"}
    assert words.count("评审任务已经下发，不能再改。") == len(scored)
    close_step(reviewed.edition, "review", by=reviewed.office, now=NOW)
    names, words = closed()
    ordered = {"expert_weight", "vote_weight", "ratio", "tie_1", "tie_2", "tie_3"}
    assert names == scored | ordered | dates | {"steps", "review_opens", "review_closes"}
    assert words.count("专家评审已经关闭，不能再改。") == len(scored | ordered)
    given = {
        name: value
        for name in names ^ set(client.get(address).context["form"].fields)
        if (value := client.get(address).context["form"][name].value()) not in (None, False, "")
    }
    assert client.post(address, given | {"seats": "9", "max_picks": "3"}).status_code == 302
    made = Edition.objects.get(pk=reviewed.edition.pk)
    assert (made.seats, made.max_picks) == (2, 3)
