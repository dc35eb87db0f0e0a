"""Setting ballots aside and restoring them: one person proposes a case, another decides it.

Only an approved case appends an act, and only acts count. Nothing is deleted; undoing is another case.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import BooleanField, Max, QuerySet
from django.db.models.expressions import RawSQL
from django.urls import reverse
from django.utils.translation import gettext as _

from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import require
from voting.models import Alarm, Ballot, Case, Poll, Quarantine
from voting.services.selecting import able

#: What an alarm's rule is called where it is published.
GROUNDS = {
    Alarm.Rule.VELOCITY: Case.Grounds.BURST,
    Alarm.Rule.ADDRESS: Case.Grounds.ADDRESS,
    Alarm.Rule.NETWORK: Case.Grounds.ADDRESS,
    Alarm.Rule.DEVICE: Case.Grounds.DEVICE,
    Alarm.Rule.AREA: Case.Grounds.AREA,
    Alarm.Rule.DWELL: Case.Grounds.DWELL,
    Alarm.Rule.CLIQUE: Case.Grounds.CLIQUE,
    Alarm.Rule.SEQUENCE: Case.Grounds.SEQUENCE,
}
MANY = 5000  # ballots at once, which the planner has to know of
UNTOUCHED_SINCE = """
    NOT EXISTS (SELECT 1 FROM voting_quarantine_ballots later
                WHERE later.ballot_id = voting_ballot.id AND later.quarantine_id > %s)
"""


def seconds(poll: Poll, first: Membership) -> QuerySet[Membership]:
    """The others of the host's office: those who may decide what this person proposes."""
    others = Membership.objects.at(poll.edition.host_id, Role.OFFICE).exclude(user=first.user_id)
    return others.select_related("user")


def undecided(poll: Poll) -> QuerySet[Case]:
    return Case.objects.filter(poll=poll, decision="").order_by("number")


def require_decided(poll: Poll) -> None:
    """委员会决定: nothing is counted while one person's proposal waits for the other's answer."""
    numbers = list(undecided(poll).values_list("number", flat=True))
    if numbers:
        raise Refused(
            "还有 {n} 个异常票处置案没有决定（第 {numbers} 号），决定之前不能计票。"
            "请提出人以外的另一人先作决定。",
            n=len(numbers),
            numbers="、".join(map(str, numbers)),
        )


@transaction.atomic
def propose(
    poll: Poll,
    ballots: QuerySet[Ballot] | Iterable[Ballot | UUID],
    *,
    kind: str,
    grounds: str,
    reason: str,
    by: Membership,
    now: datetime,
    basis: dict | None = None,
    seen: int | None = None,
    undoes: Case | None = None,
) -> Case:
    """Open a case over those of `ballots` that can be set aside (or restored) now; they are fixed here.

    `reason` is published; `basis` says how the ballots were chosen; `seen` is how many the person was shown
    before, so that nobody proposes other ballots than those.
    """
    require(by, "voting.quarantine", poll)
    poll = _held(poll)
    if not reason.strip():
        raise Refused("请写明理由，理由会随结果公布。")
    others = list(seconds(poll, by))
    if not others:
        raise Refused(
            "隔离和恢复选票须由办公室两人办理，现在本办公室只有您一人，没有人可以决定。"
            "请系统管理员为本办公室增加一名人员后再提出。"
        )
    last = Case.objects.filter(poll=poll).aggregate(last=Max("number"))["last"]
    case = Case.objects.create(
        poll=poll,
        number=(last or 0) + 1,
        kind=kind,
        grounds=grounds,
        reason=reason.strip()[:300],
        basis=basis or {"by": "list"},
        proposed_at=now,
        proposed_by=by,
        undoes=undoes,
    )
    number = _fix(case, _queried(ballots))
    if not number:
        raise Refused("所选范围内没有可以处理的选票，请调整后再试。")
    if seen is not None and seen != number:
        raise Refused(
            "所选范围内的选票刚有变化：预览时 {seen} 张，现在 {number} 张。请重新预览后再提出。",
            seen=seen,
            number=number,
        )
    audit.record(
        "voting.quarantine",
        case,
        by=by,
        now=now,
        edition=poll.edition_id,
        case=case.number,
        kind=kind,
        grounds=grounds,
        ballots=number,
        reason=case.reason,
        undoes=undoes and undoes.number,
        # Not the basis itself: it may name a candidate while the totals are hidden.
        basis=hashlib.sha256(_canonical(case.basis)).hexdigest(),
    )
    notify(
        "voting.case_proposed",
        others,
        subject=_("请决定：{name}提出{kind} {n} 张选票（{edition}第 {number} 号案）").format(
            name=by.user, kind=case.get_kind_display(), n=number, edition=poll.edition, number=case.number
        ),
        body=case.reason,
        url=reverse("voting:case", args=[case.pk]),
        now=now,
        edition=poll.edition,
    )
    return case


@transaction.atomic
def propose_from_alarm(alarm: Alarm, *, reason: str, by: Membership, now: datetime) -> Case:
    """Open a case over the ballots an alarm has gathered so far, and settle the alarm with it."""
    require(by, "voting.settle_alarm", alarm)
    alarm = (
        Alarm.objects.select_for_update(of=("self",))
        .select_related("poll__edition", "candidate")
        .get(pk=alarm.pk)
    )
    if alarm.state != Alarm.State.OPEN:
        raise Refused("这一预警已经处理过，请刷新页面查看。")
    case = propose(
        alarm.poll,
        alarm.ballots.all(),
        kind=Quarantine.Kind.SET_ASIDE,
        grounds=GROUNDS[alarm.rule],
        reason=reason,
        basis={
            "by": "alarm",
            "alarm": alarm.pk,
            "rule": alarm.rule,
            "candidate": alarm.candidate and alarm.candidate.number,
            "key": alarm.key,
            "since": alarm.since.isoformat(),
            "until": alarm.until.isoformat(),
            "figures": alarm.figures,
        },
        by=by,
        now=now,
    )
    alarm.state, alarm.case, alarm.settled_at, alarm.settled_by = Alarm.State.CASE, case, now, by
    alarm.save(update_fields=["state", "case", "settled_at", "settled_by"])
    return case


def undoable(case: Case) -> QuerySet[Ballot]:
    """Those ballots of an approved case that no later act has touched: what undoing it is about."""
    return case.act.ballots.filter(RawSQL(UNTOUCHED_SINCE, [case.act.pk], BooleanField()))


@transaction.atomic
def propose_undo(case: Case, *, reason: str, by: Membership, now: datetime, seen: int | None = None) -> Case:
    """Open the opposite case over what an approved one did and nobody has touched since."""
    require(by, "voting.quarantine", case)
    poll = _held(case.poll)
    case = Case.objects.select_related("act").get(pk=case.pk)
    if case.decision != Case.Decision.APPROVED:
        raise Refused("第 {number} 号案没有同意过，没有可以撤销的。", number=case.number)
    pending = undecided(poll).filter(undoes=case).first()
    if pending:
        raise Refused(
            "第 {number} 号案已经提出撤销（第 {pending} 号案），正等待决定。",
            number=case.number,
            pending=pending.number,
        )
    aside = case.kind == Quarantine.Kind.SET_ASIDE
    return propose(
        poll,
        undoable(case),
        kind=Quarantine.Kind.RESTORE if aside else Quarantine.Kind.SET_ASIDE,
        grounds=case.grounds,
        reason=reason,
        basis={"by": "undo", "case": case.number},
        by=by,
        now=now,
        seen=seen,
        undoes=case,
    )


@transaction.atomic
def decide(case: Case, *, approved: bool, by: Membership, now: datetime, note: str = "") -> Case:
    """Approve or decline, once, by another person than the one who proposed.

    Approving appends one act over those of the case's ballots that can still be set aside (or restored):
    another case may have come first.
    """
    require(by, "voting.decide_quarantine", case)
    poll = _held(case.poll)
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("proposed_by__user", "decided_by__user")
        .get(pk=case.pk)
    )
    if case.decision:
        raise Refused(
            "第 {number} 号案已由{name}决定，请刷新页面查看。",
            number=case.number,
            name=str(case.decided_by.user),
        )
    if case.proposed_by.user_id == by.user_id:
        raise Refused("这一案由您提出，须由办公室的另一人决定，您换一个身份也不能决定。")
    if not approved and not note.strip():
        raise Refused("不同意的，请写明理由。")
    fixed = case.ballots.count()
    act, number = _act(case, by, now) if approved else (None, 0)
    case.decision = Case.Decision.APPROVED if approved else Case.Decision.DECLINED
    case.decided_at, case.decided_by, case.note = now, by, note.strip()[:300]
    case.save(update_fields=["decision", "decided_at", "decided_by", "note"])
    audit.record(
        "voting.decide_quarantine",
        case,
        by=by,
        now=now,
        edition=poll.edition_id,
        case=case.number,
        kind=case.kind,
        approved=approved,
        quarantine=act and act.pk,
        proposed=fixed,
        ballots=number,
        proposed_by=str(case.proposed_by.user),
        note=case.note,
    )
    notify(
        "voting.case_decided",
        [case.proposed_by],
        subject=_("{edition}第 {number} 号案：{name}{decision}").format(
            edition=poll.edition, number=case.number, name=by.user, decision=case.get_decision_display()
        ),
        body=case.note,
        url=reverse("voting:case", args=[case.pk]),
        now=now,
        edition=poll.edition,
    )
    return case


def _held(poll) -> Poll:
    """The poll, held against closing, counting and every other case, but not against ballots of voters."""
    found = Poll.objects.select_for_update(of=("self",), no_key=True).select_related("edition__host")
    poll = found.get(pk=poll.pk)
    if poll.closed_at:
        raise Refused("投票已经计票，结果已冻结，不能再隔离或恢复选票。")
    return poll


def _queried(ballots) -> QuerySet[Ballot]:
    if isinstance(ballots, QuerySet):
        return ballots
    return Ballot.objects.filter(pk__in=[getattr(each, "pk", each) for each in ballots])


def _fix(case, ballots) -> int:
    """Note the ballots of a case; how many they are."""
    return _link("voting_case_ballots (case_id, ballot_id)", case.pk, able(ballots, case.poll, case.kind))


def _act(case, by, now):
    act = Quarantine.objects.create(
        poll=case.poll, kind=case.kind, reason=case.reason, done_at=now, done_by=by, case=case
    )
    still = able(case.ballots.all(), case.poll, case.kind)
    number = _link("voting_quarantine_ballots (quarantine_id, ballot_id)", act.pk, still)
    if not number:
        raise Refused(
            "这一案的选票都已由其他案处理过，没有可以{kind}的，请选“不同意”。", kind=case.get_kind_display()
        )
    return act, number


def _link(table: str, pk: int, ballots: QuerySet[Ballot]) -> int:
    """Write the ballots of a query beside a row, however many: none of them comes through here.

    `table` is its name and its two columns. After many the planner is told at once, not when the database
    gets round to it: until then it would ask for the ballots of a big case one by one.
    """
    try:
        sql, params = ballots.order_by().values("id").query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} SELECT %s, id FROM ({sql}) chosen", [pk, *params])
        number = cursor.rowcount
        if number >= MANY:
            cursor.execute(f"ANALYZE {table}")
    return number


def _canonical(basis) -> bytes:
    return json.dumps(basis, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
