"""The 1∶1.2 list: asked for by the office, computed by a task from two frozen results, kept with proof."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import structlog
from django.db import connection, transaction

from awards import resultfile
from awards.models import Shortlist, ShortlistRow
from awards.resultform import Edition as EditionFacts
from awards.resultform import Entry, Settings, Sheet
from awards.rules import Row, Rules, explain
from nominations.models import Edition, Nomination
from nominations.rules import is_private, recognised_key_industry
from nominations.services import advance
from nominations.services.editions import rules_of
from nominations.states import State
from portal import audit
from portal.errors import N_, Refused
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import require

log = structlog.get_logger(__name__)

STALE_AFTER = timedelta(minutes=2)
PARTS = (N_("读取冻结的评审和投票结果"), N_("计算综合得分并排序"), N_("写入考察名单"))


@transaction.atomic
def ask_shortlist(edition: Edition, *, by: Membership, now: datetime) -> Shortlist:
    """Ask for the list: one row an edition, however often it is asked. The caller queues the task."""
    require(by, "awards.draw_shortlist", edition)
    Edition.objects.select_for_update().get(pk=edition.pk)
    if not hasattr(edition, "review_result") or not hasattr(edition, "vote_result"):
        raise Refused("专家评审和公众投票的结果都冻结后才能计算考察名单，请先关闭这两个环节。")
    shortlist, made = Shortlist.objects.get_or_create(
        edition=edition, defaults={"asked_at": now, "asked_by": by, "total": len(PARTS)}
    )
    if made:
        audit.record("awards.ask_shortlist", shortlist, by=by, now=now)
    elif shortlist.status == Shortlist.Status.FAILED:
        shortlist.status, shortlist.asked_at, shortlist.asked_by = Shortlist.Status.QUEUED, now, by
        shortlist.save()
        audit.record("awards.ask_shortlist", shortlist, by=by, now=now, again=True)
    return shortlist


def draw_shortlist(shortlist_id: int, *, now: datetime) -> Shortlist:
    """Compute and keep the list, if that is still to be done. Safe to run twice, or again after a crash.

    The progress is shown while it runs; the result, its rows and the moves appear in one transaction.
    """
    try:
        for done, part in enumerate(PARTS[:2]):
            _tell(shortlist_id, done, part)
        return _draw(shortlist_id, now)
    except Refused as refused:
        Shortlist.objects.filter(pk=shortlist_id).exclude(status=Shortlist.Status.DONE).update(
            status=Shortlist.Status.FAILED, message=str(refused)[:300]
        )
        log.warning("shortlist_refused", shortlist=shortlist_id, reason=str(refused))
        return Shortlist.objects.get(pk=shortlist_id)


def resume_stale(*, now: datetime) -> int:
    """Take up lists whose worker was lost: asked for a while ago and still not there."""
    stale = Shortlist.objects.filter(
        status__in=(Shortlist.Status.QUEUED, Shortlist.Status.RUNNING), asked_at__lte=now - STALE_AFTER
    )
    return len([draw_shortlist(pk, now=now) for pk in stale.values_list("pk", flat=True)])


def _tell(shortlist_id, done, part):
    Shortlist.objects.filter(pk=shortlist_id).exclude(status=Shortlist.Status.DONE).update(
        status=Shortlist.Status.RUNNING, done=done, total=len(PARTS), message=part
    )


@transaction.atomic
def _draw(shortlist_id: int, now: datetime) -> Shortlist:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [1_414_213, shortlist_id])
    shortlist = (
        Shortlist.objects.select_for_update(of=("self",))
        .select_related("edition__host", "asked_by__user", "asked_by__organisation")
        .get(pk=shortlist_id)
    )
    if shortlist.status == Shortlist.Status.DONE:
        return shortlist
    edition, by = shortlist.edition, shortlist.asked_by
    require(by, "awards.draw_shortlist", edition)
    settings, entries = settings_of(edition), entries_of(edition)
    result = resultfile.outcome(entries, settings)
    sealed = resultfile.build(EditionFacts(edition.pk, edition.title, edition.year), settings, entries)
    _check_frozen(edition, result.rows)
    ShortlistRow.objects.bulk_create(
        ShortlistRow(
            shortlist=shortlist,
            nomination_id=row.id,
            rank=row.rank,
            expert_score=row.expert_score,
            vote_score=row.vote_score,
            composite=row.composite,
            picks=row.picks,
            shortlisted=row.shortlisted,
            tie=row.tie or "",
        )
        for row in result.rows
    )
    chosen = {row.id: row for row in result.rows if row.shortlisted}
    for nomination in Nomination.objects.filter(pk__in=chosen, state=State.VOTING).order_by("pk"):
        advance(nomination, "shortlist", by=by, now=now, note=f"综合第 {chosen[nomination.pk].rank} 名")
    shortlist.size, shortlist.grew_by = result.size, result.grew_by
    shortlist.warning = str(result.warning) if result.warning else ""
    shortlist.sealed, shortlist.digest = sealed, sealed["sha256"]
    shortlist.inputs = {
        "review": edition.review_result.digest,
        "vote": edition.vote_result.digest,
        "rules": edition.digest,
    }
    shortlist.status, shortlist.drawn_at = Shortlist.Status.DONE, now
    shortlist.done = shortlist.total = len(PARTS)
    shortlist.message = ""
    shortlist.save()
    audit.record(
        "awards.draw_shortlist",
        shortlist,
        by=by,
        now=now,
        size=result.size,
        grew_by=result.grew_by,
        shortlisted=len(chosen),
        digest=shortlist.digest,
    )
    notify(
        "awards.shortlist_drawn",
        Membership.objects.at(edition.host, Role.OFFICE),
        subject=f"{edition.title}：考察名单已生成，共 {len(chosen)} 家",
        now=now,
        edition=edition,
    )
    return shortlist


def settings_of(edition: Edition) -> Settings:
    """The edition's rules as the result file states them."""
    rules = rules_of(edition)
    return Settings(
        rules=Rules(
            seats=edition.seats,
            ratio=Fraction(edition.ratio),
            expert_weight=Fraction(edition.expert_weight),
            vote_weight=Fraction(edition.vote_weight),
            tie_break=tuple(edition.tie_break),
        ),
        dimension_weights={code: Decimal(weight) for code, weight in rules["dimension_weights"].items()},
        min_sheets=edition.min_sheets,
        trim_from=edition.trim_from,
    )


def entries_of(edition: Edition) -> list[Entry]:
    """Those that went to the vote, with the sheets and the picks as they were frozen.

    One that withdrew or was refused since the poll closed is no longer among them.
    """
    sheets = edition.review_result.inputs["nominations"]
    rows = (
        edition.vote_result.rows.filter(nomination__state__in=(State.VOTING, State.INSPECTION))
        .select_related("nomination__enterprise", "nomination__declaration")
        .order_by("nomination_id")
    )
    return [
        Entry(
            id=row.nomination_id,
            enterprise=row.nomination.subject_name,
            credit_code=row.nomination.enterprise.credit_code,
            private=is_private(row.nomination.declaration.nature),
            recognised_key_industry=recognised_key_industry(
                row.nomination.declaration.key_industry, row.nomination.declaration.recognitions
            ),
            sheets=tuple(_sheet(sheet) for sheet in sheets[str(row.nomination_id)]["sheets"]),
            picks=row.picks,
        )
        for row in rows
    ]


def _sheet(facts: dict) -> Sheet:
    scores = facts.get("scores")
    return Sheet(
        expert=facts["expert"],
        valid=facts["valid"],
        scores={code: Decimal(points) for code, points in scores.items()} if scores else None,
    )


def _check_frozen(edition, rows):
    """The sheets of the frozen review must come to the frozen scores; anything else is a broken record."""
    frozen = dict(edition.review_result.rows.values_list("nomination_id", "score"))
    for row in rows:
        if frozen[row.id] != row.expert_score:
            raise Refused("冻结的专家得分与评分表复算不一致，请停止办理并联系监督人员核查留痕记录。")


def recompute(shortlist: Shortlist) -> list:
    """Compute the sealed file again from itself alone; the differences, none when it is what it says."""
    return resultfile.verify(shortlist.sealed)


def rows_of(shortlist: Shortlist) -> list[Row]:
    """The list as the rules hand it out, from the stored rows."""
    facts = {each["id"]: each for each in shortlist.sealed["nominations"]}
    return [
        Row(
            id=row.nomination_id,
            rank=row.rank,
            expert_score=row.expert_score,
            vote_score=row.vote_score,
            composite=row.composite,
            shortlisted=row.shortlisted,
            tie=row.tie or None,
            private=facts[row.nomination_id]["private"],
            recognised_key_industry=facts[row.nomination_id]["recognised_key_industry"],
            picks=row.picks,
        )
        for row in shortlist.rows.order_by("rank", "nomination__subject_key")
    ]


def reasons(shortlist: Shortlist) -> dict[int, tuple]:
    """For each row but the first, why it stands after the one before it (`awards.rules.explain`)."""
    rules = settings_of(shortlist.edition).rules
    rows = rows_of(shortlist)
    return {after.id: explain(before, after, rules) for before, after in pairwise(rows)}
