"""The shortlist: it recomputes, and who is on it left the vote; where nobody is visited, it moves nobody."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext_lazy as _

from awards.models import Shortlist, ShortlistAddition, ShortlistRow
from awards.services.board import recompute
from awards.services.standing_list import HOLDING
from nominations.models import Nomination
from nominations.services.last_step import without_inspection
from nominations.states import State
from portal.invariants import Checks

CHECKS = Checks()
NOT_YET = (State.DRAFT, State.RECOMMENDATION, State.REVIEW, State.VOTING)


@CHECKS.named(_("考察名单可以从结果文件重新算出，签名有效"))
def shortlist_recomputes() -> Iterator[str]:
    done = Shortlist.objects.filter(status=Shortlist.Status.DONE).select_related("edition")
    for shortlist in done:
        if shortlist.sealed is None:
            yield f"{shortlist.edition}: -"
            continue
        yield from (f"{shortlist.edition}: {difference}" for difference in recompute(shortlist))


@CHECKS.named(_("列入考察名单的企业已离开公众投票环节"))
def listed_have_left_the_vote() -> Iterator[str]:
    added = Exists(ShortlistAddition.objects.filter(row=OuterRef("pk")))
    rows = ShortlistRow.objects.filter(nomination__state__in=NOT_YET).exclude(
        without_inspection("shortlist__edition")
    )
    for row in rows.filter(shortlisted=True) | rows.filter(added):
        yield str(row)


@CHECKS.named(_("递补考察的企业接替的是已退出的企业"))
def an_addition_takes_the_place_of_one_that_left() -> Iterator[str]:
    standing = ShortlistAddition.objects.filter(instead_of__isnull=False).exclude(
        instead_of__state__in=(State.REJECTED, State.WITHDRAWN)
    )
    yield from (str(addition) for addition in standing.select_related("row__nomination"))


@CHECKS.named(_("递补考察按综合名次进行，没有越过名次在前的企业"))
def additions_follow_the_rank() -> Iterator[str]:
    passed_over = ShortlistRow.objects.filter(
        shortlist=OuterRef("row__shortlist"),
        rank__lt=OuterRef("row__rank"),
        shortlisted=False,
        addition__isnull=True,
        nomination__state__in=(State.REVIEW, State.VOTING),
    )
    wrong = ShortlistAddition.objects.filter(Exists(passed_over), row__rank__gt=F("row__shortlist__size"))
    yield from (str(addition) for addition in wrong.select_related("row__nomination"))


@CHECKS.named(_("不设差额考察的届次没有递补考察，公示和命名的企业都在综合排序中"))
def without_visits_the_ranking_counts() -> Iterator[str]:
    added = ShortlistAddition.objects.filter(without_inspection("row__shortlist__edition"))
    yield from (str(addition) for addition in added.select_related("row__nomination"))
    listed = Nomination.objects.filter(without_inspection(), state__in=HOLDING, shortlist_row__isnull=True)
    yield from (f"#{pk} {name}" for pk, name in listed.values_list("pk", "subject_name"))
