"""The 1∶1.2 list: asked for by the office, computed by a task from two frozen results, kept with proof."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import structlog
from django.db import DatabaseError, transaction
from django.urls import reverse

from awards import resultfile
from awards.models import Shortlist, ShortlistRow
from awards.resultform import Edition as EditionFacts
from awards.resultform import Entry, Settings, Sheet
from awards.rules import Rules, shortlist_size
from awards.services.board import TIE_CLAUSES, TIE_WORDS
from nominations.models import Edition, Nomination
from nominations.rules import is_private, recognised_key_industry
from nominations.services import advance
from nominations.services.editions import rules_digest, rules_of
from nominations.states import State, StepKind
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

#: Who is still in the selection after the poll: withdrawn and refused ones are ranked no more.
STANDING = (State.VOTING, State.INSPECTION)

STALE_AFTER = timedelta(minutes=2)
PARTS = (N_("正在读取并核对冻结的评审和投票结果。"), N_("正在计算综合得分并排序。"), N_("正在写入考察名单。"))
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


def plan(edition: Edition) -> Plan:
    results = (("review_result", StepKind.REVIEW), ("vote_result", StepKind.VOTING))
    return Plan(
        seats=edition.seats,
        ratio=exact_text(Fraction(edition.ratio)),
        size=shortlist_size(edition.seats, Fraction(edition.ratio)),
        candidates=Nomination.objects.at(State.VOTING).filter(edition=edition).count(),
        expert_weight=edition.expert_weight,
        vote_weight=edition.vote_weight,
        tie_break=[(TIE_WORDS[name], TIE_CLAUSES[name]) for name in edition.tie_break],
        waiting=[str(step.label) for name, step in results if not hasattr(edition, name)],
    )


@transaction.atomic
def ask_shortlist(edition: Edition, *, by: Membership, now: datetime) -> Shortlist:
    """Ask for the list: one row an edition, however often it is asked. The caller queues the task."""
    require(by, "awards.draw_shortlist", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    if edition.concluded_at:
        raise Refused("本届已经办结，不能再计算考察名单。")
    if not hasattr(edition, "review_result") or not hasattr(edition, "vote_result"):
        raise Refused("专家评审和公众投票的结果都冻结后才能计算考察名单，请先关闭这两个环节。")
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
    if (standing := entries_of(edition)) != entries:
        entries, sealed = standing, _sealed(edition, standing)
    result = resultfile.outcome(entries, settings_of(edition))
    _check_scores(edition, result.rows)
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
    shortlist.warning = " ".join(str(each) for each in _warnings(edition, result))[:300]
    shortlist.sealed, shortlist.digest = sealed, sealed["sha256"]
    shortlist.signature, shortlist.key_name = sealed["signature"]["value"], sealed["signature"]["key"]
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
        warning=shortlist.warning,
        digest=shortlist.digest,
        inputs=shortlist.inputs,
    )
    notify(
        "awards.shortlist_drawn",
        Membership.objects.at(edition.host, Role.OFFICE).select_related("user"),
        subject=f"{edition.title}：考察名单已生成，共 {len(chosen)} 家",
        url=reverse("awards:shortlist", args=[edition.pk]),
        now=now,
        edition=edition,
    )
    return shortlist


def _sealed(edition: Edition, entries: list[Entry]) -> dict:
    if not entries:
        raise Refused("没有进入公众投票且仍在评选中的企业，不能计算考察名单。")
    facts = EditionFacts(edition.pk, edition.title, edition.year)
    return resultfile.build(facts, settings_of(edition), entries, keys.result_signer())


def _warnings(edition, result):
    if result.warning:
        yield result.warning
    gone = edition.vote_result.rows.exclude(nomination__state__in=STANDING)
    if names := sorted(gone.values_list("nomination__subject_name", flat=True)):
        yield sentence(
            "{names}在计票后退出评选，不再排序；投票得分以其余企业的最高票为 100 分折算。",
            names="、".join(names),
        )


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
        edition.vote_result.rows.filter(nomination__state__in=STANDING)
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


def check_frozen(edition: Edition) -> None:
    """The rules and both results must still be what they were frozen as."""
    review, vote = edition.review_result, edition.vote_result
    for name, told, held in (
        (N_("评选规则"), edition.digest, rules_digest(edition)),
        (N_("专家评审结果"), review.digest, _digest(review.inputs)),
        (N_("公众投票结果"), vote.digest, _digest(vote.inputs)),
    ):
        if told != held:
            raise Refused("{name}与冻结时的摘要不符，请停止办理并请监督人员核查留痕记录。", name=name)
    picks = dict(vote.rows.values_list("nomination__subject_key", "picks"))
    if any(vote.inputs["picks"].get(key) != number for key, number in picks.items()):
        raise Refused("公众投票各行与冻结的计票不符，请停止办理并请监督人员核查留痕记录。")


def _digest(inputs: dict) -> str:
    return hashlib.sha256(resultfile.canonical(inputs)).hexdigest()


def _check_scores(edition, rows):
    """The sheets of the frozen review must come to the frozen scores; anything else is a broken record."""
    frozen = dict(edition.review_result.rows.values_list("nomination_id", "score"))
    for row in rows:
        if frozen[row.id] != row.expert_score:
            raise Refused("冻结的专家得分与评分表复算不一致，请停止办理并请监督人员核查留痕记录。")


def drawn(edition: Edition) -> Shortlist:
    """The drawn list of an edition; `Refused` while there is none."""
    shortlist = Shortlist.objects.filter(edition=edition, status=Shortlist.Status.DONE).first()
    if shortlist is None:
        raise Refused("考察名单还没有生成，没有可以导出的内容。")
    return shortlist
