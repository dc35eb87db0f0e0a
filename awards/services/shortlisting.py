"""The 1∶1.2 list: asked for by the office, computed by a task from the frozen results, kept with proof.

In an edition without 差额考察 the same run is its 综合排序: nobody is moved, and the cut is at the seats.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import structlog
from django.db import DatabaseError, transaction
from django.urls import reverse

from awards import resultfile
from awards.models import Shortlist, ShortlistRow
from awards.resultform import Edition as EditionFacts
from awards.resultform import Entry
from awards.rules import shortlist_size
from awards.services.board import TIE_CLAUSES, TIE_WORDS
from awards.services.frozen_results import (
    check_frozen,
    check_scores,
    digests,
    entries_of,
    name_of,
    rows_of,
    settings_of,
    speaking,
    standing,
    waiting,
)
from nominations.models import Edition, Nomination
from nominations.services import advance
from nominations.services.last_step import ranked_at
from nominations.states import StepKind
from nominations.subjects import measured
from portal import audit
from portal.errors import N_, Refused
from portal.figures import exact_text
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import require
from portal.sentences import sentence
from portal.speech import said
from voting.services import keys

log = structlog.get_logger(__name__)

STALE_AFTER = timedelta(minutes=2)
PARTS = (N_("正在读取并核对冻结的结果。"), N_("正在计算综合得分并排序。"), N_("正在写入名单。"))
UNEXPECTED = N_("计算没有完成，原有内容没有改动。请再试一次；仍不成功，请联系系统管理员查看运行日志。")


@dataclass(frozen=True)
class Plan:
    """What drawing the list would do, said before it is done. `waiting`: the steps still to be closed."""

    seats: int
    ratio: str
    size: int
    candidates: int
    expert_weight: Decimal
    vote_weight: Decimal
    tie_break: list[tuple[str, str]]
    waiting: list[str]
    reviewed: bool = True
    voted: bool = True
    inspected: bool = True


def plan(edition: Edition) -> Plan:
    rules = settings_of(edition).rules
    return Plan(
        seats=edition.seats,
        ratio=exact_text(rules.ratio),
        size=shortlist_size(edition.seats, rules.ratio),
        candidates=Nomination.objects.at(ranked_at(edition).kind).filter(edition=edition).count(),
        expert_weight=edition.expert_weight,
        vote_weight=edition.vote_weight,
        tie_break=[(TIE_WORDS[name], TIE_CLAUSES[name]) for name in speaking(edition)],
        waiting=[str(StepKind(kind).label) for kind in waiting(edition)],
        reviewed=edition.has(StepKind.REVIEW),
        voted=edition.has(StepKind.VOTING),
        inspected=edition.has(StepKind.INSPECTION),
    )


@transaction.atomic
def ask_shortlist(edition: Edition, *, by: Membership, now: datetime) -> Shortlist:
    """Ask for the list: one row an edition, however often it is asked. The caller queues the task."""
    require(by, "awards.draw_shortlist", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    if edition.concluded_at:
        raise Refused("本届已经办结，不能再计算{list}。", list=name_of(edition))
    if missing := waiting(edition):
        raise Refused(
            "{steps}的结果都冻结后才能计算{list}，请先关闭该环节。",
            steps="、".join(str(StepKind(kind).label) for kind in missing),
            list=name_of(edition),
        )
    shortlist, made = Shortlist.objects.select_for_update().get_or_create(
        edition=edition, defaults={"asked_at": now, "asked_by": by, "total": len(PARTS)}
    )
    if made:
        audit.record("awards.ask_shortlist", shortlist, by=by, now=now)
    elif shortlist.status == Shortlist.Status.FAILED:
        shortlist.status, shortlist.asked_at, shortlist.asked_by = Shortlist.Status.QUEUED, now, by
        shortlist.done, shortlist.message = 0, ""
        shortlist.save()
        audit.record("awards.ask_shortlist", shortlist, by=by, now=now, again=True)
    return shortlist


def draw_shortlist(shortlist_id: int, *, now: datetime) -> Shortlist:
    """Compute and keep the list, if that is still to be done. Safe to run twice, or again after a crash.

    The progress is shown while it runs; the result, its rows and the moves appear in one transaction.
    A worker that is lost leaves no trace but the progress, and `resume_stale` takes the list up again.
    """
    shortlist = Shortlist.objects.select_related("edition").get(pk=shortlist_id)
    if shortlist.status == Shortlist.Status.DONE:
        return shortlist
    edition = shortlist.edition
    try:
        _tell(shortlist_id, 0)
        check_frozen(edition)
        entries = entries_of(edition)
        _tell(shortlist_id, 1)
        sealed = _sealed(edition, entries)
        _tell(shortlist_id, 2)
        return _write(shortlist_id, entries, sealed, now)
    except Refused as refused:
        log.warning("shortlist_refused", shortlist=shortlist_id, reason=str(refused))
        return _fail(shortlist_id, said(refused))
    except DatabaseError:
        # Nothing can be said in a database that does not answer; the sweep takes the list up again.
        raise
    except Exception:
        _fail(shortlist_id, UNEXPECTED)
        raise


def resume_stale(*, now: datetime) -> int:
    """Take up lists whose worker was lost: asked for a while ago and still not there."""
    stale = Shortlist.objects.filter(
        status__in=(Shortlist.Status.QUEUED, Shortlist.Status.RUNNING), asked_at__lte=now - STALE_AFTER
    )
    taken_up = 0
    for pk in stale.values_list("pk", flat=True):
        try:
            draw_shortlist(pk, now=now)
        except Exception:  # one that fails must not keep the others waiting
            log.exception("shortlist_not_resumed", shortlist=pk)
        taken_up += 1
    return taken_up


def _tell(shortlist_id, done):
    Shortlist.objects.filter(pk=shortlist_id).exclude(status=Shortlist.Status.DONE).update(
        status=Shortlist.Status.RUNNING, done=done, total=len(PARTS), message=PARTS[done]
    )


def _fail(shortlist_id, sentence):
    Shortlist.objects.filter(pk=shortlist_id).exclude(status=Shortlist.Status.DONE).update(
        status=Shortlist.Status.FAILED, message=sentence[:300]
    )
    return Shortlist.objects.get(pk=shortlist_id)


@transaction.atomic
def _write(shortlist_id: int, entries: list[Entry], sealed: dict, now: datetime) -> Shortlist:
    shortlist = (
        Shortlist.objects.select_for_update(of=("self",))
        .select_related("edition__host", "asked_by__user", "asked_by__organisation")
        .get(pk=shortlist_id)
    )
    if shortlist.status == Shortlist.Status.DONE:
        return shortlist
    edition, by = shortlist.edition, shortlist.asked_by
    require(by, "awards.draw_shortlist", edition)
    # Who withdraws meanwhile is waited for, and counted out.
    list(Nomination.objects.filter(edition=edition).select_for_update(of=("self",)).order_by("pk"))
    if (there := entries_of(edition)) != entries:
        entries, sealed = there, _sealed(edition, there)
    result = resultfile.outcome(entries, settings_of(edition))
    check_scores(edition, result.rows)
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
    if edition.has(StepKind.INSPECTION):
        scored = Nomination.objects.filter(pk__in=chosen, state=ranked_at(edition).kind)
        for nomination in scored.order_by("pk"):
            advance(nomination, "shortlist", by=by, now=now, note=f"综合第 {chosen[nomination.pk].rank} 名")
    shortlist.size, shortlist.grew_by = result.size, result.grew_by
    shortlist.warning = " ".join(str(each) for each in _warnings(edition, result))[:300]
    shortlist.sealed, shortlist.digest = sealed, sealed["sha256"]
    shortlist.signature, shortlist.key_name = sealed["signature"]["value"], sealed["signature"]["key"]
    shortlist.inputs = digests(edition)
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
        warning=shortlist.warning,
        digest=shortlist.digest,
        inputs=shortlist.inputs,
    )
    if edition.has(StepKind.INSPECTION):
        count = f"共 {measured(edition, len(chosen))}"
    else:
        count = f"参加排序 {measured(edition, len(result.rows))}"
    notify(
        "awards.shortlist_drawn",
        Membership.objects.at(edition.host, Role.OFFICE).select_related("user"),
        subject=f"{edition.title}：{name_of(edition)}已生成，{count}",
        url=reverse("awards:shortlist", args=[edition.pk]),
        now=now,
        edition=edition,
    )
    return shortlist


def _sealed(edition: Edition, entries: list[Entry]) -> dict:
    if not entries:
        raise Refused("没有可以排序且仍在评选中的企业，不能计算{list}。", list=name_of(edition))
    facts = EditionFacts(edition.pk, edition.title, edition.year)
    return resultfile.build(facts, settings_of(edition), entries, keys.result_signer())


def _warnings(edition, result):
    if result.warning:
        yield result.warning
    gone = rows_of(edition).exclude(nomination__state__in=standing(edition))
    if not (names := "、".join(sorted(gone.values_list("nomination__subject_name", flat=True)))):
        return
    if edition.has(StepKind.VOTING):
        yield sentence(
            "{names}在计票后退出评选，不再排序；投票得分以其余企业的最高票为 100 分折算。", names=names
        )
    else:
        yield sentence("{names}在专家评审后退出评选，不再排序。", names=names)


def drawn(edition: Edition) -> Shortlist:
    """The drawn list of an edition; `Refused` while there is none."""
    shortlist = Shortlist.objects.filter(edition=edition, status=Shortlist.Status.DONE).first()
    if shortlist is None:
        raise Refused("{list}还没有生成，没有可以导出的内容。", list=name_of(edition))
    return shortlist
