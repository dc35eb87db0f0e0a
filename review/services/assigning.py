"""Giving the work out: computed and reproducible, corrected by hand, topped up after a recusal."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from nominations.models import Edition, Nomination
from nominations.services.editions import freeze_rules
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import require
from review import matching
from review.models import Assignment, AssignmentRun, PanelMember
from review.services.conflicts import barred_pairs, find_conflicts, standing

FORMAT = "xuanshu-assignment/1"


@dataclass(frozen=True)
class Gap:
    """A nomination that lacks experts, and those who cannot be asked: in conflict, or with enough to do."""

    nomination: Nomination
    missing: int
    barred: list[PanelMember]
    full: list[PanelMember]


@dataclass(frozen=True)
class AssignmentPreview:
    """What assigning would do: the new pairs, every member's load afterwards, and who would lack whom."""

    edition: Edition
    seed: str
    each: int
    pairs: list[tuple[Nomination, PanelMember]]
    loads: list[tuple[PanelMember, int]]
    matched: int
    gaps: list[Gap]
    inputs: dict

    @property
    def outcome(self) -> list[list[str]]:
        return [[nomination.subject_key, member.code] for nomination, member in self.pairs]

    @property
    def digest(self) -> str:
        return digest_of(self.inputs, self.outcome)

    @property
    def blocked(self) -> Refused | None:
        if not self.loads:
            return Refused("专家组还没有成员，请先聘请专家。")
        if not self.inputs["subjects"]:
            return Refused("还没有进入专家评审的企业，请先关闭资格审查。")
        if self.gaps:
            gap = self.gaps[0]
            return Refused(
                "按每家 {each} 位专家分配，还有 {count} 家缺人：“{name}”缺 {missing} 位"
                "（{barred} 位须回避，{full} 位任务已满）。请增聘专家，或减少每家专家数。",
                each=self.each,
                count=len(self.gaps),
                name=gap.nomination.subject_name,
                missing=gap.missing,
                barred=len(gap.barred),
                full=len(gap.full),
            )
        return None


def preview_assignment(
    edition: Edition, *, seed: str, each: int | None = None, most: int | None = None
) -> AssignmentPreview:
    """Compute it, keeping what is assigned already; writes nothing. `each` 0 is everybody."""
    members = {
        member.code: member
        for member in edition.panel.filter(standing=PanelMember.Standing.SEATED).select_related(
            "expert", "user"
        )
    }
    nominations = {
        nomination.subject_key: nomination
        for nomination in edition.nominations.filter(state=State.REVIEW).select_related(
            "enterprise", "declaration"
        )
    }
    inputs = _inputs(edition, members, nominations, seed, edition.sheets_each if each is None else each, most)
    plan = _compute(inputs)
    pairs = [(nominations[one], members[who]) for one, who in plan.pairs]
    gaps = [
        Gap(
            nominations[gap.subject],
            gap.missing,
            [members[who] for who in gap.barred],
            [members[who] for who in gap.full],
        )
        for gap in plan.shortages
    ]
    loads = [(member, plan.loads.get(key, 0)) for key, member in members.items()]
    return AssignmentPreview(edition, seed, inputs["each"], pairs, loads, plan.matched, gaps, inputs)


def unassigned(edition: Edition) -> list[tuple[Nomination, PanelMember]]:
    """Who would be given what by the rule of the edition, beside what is assigned already."""
    return preview_assignment(edition, seed="0").pairs


def _inputs(edition, members, nominations, seed, each, most) -> dict:
    """All that the outcome follows from, as plain values."""
    # Named as on paper, so that whoever has the paper can compute it again.
    subject = {nomination.pk: key for key, nomination in nominations.items()}
    code = dict(edition.panel.values_list("pk", "code"))
    given = Assignment.objects.filter(nomination__in=subject)
    recused = set(given.filter(recusal__isnull=False).values_list("nomination_id", "member_id"))
    barred = {(one, who) for who, one in barred_pairs(edition)} | recused
    # What a member who left has handed in still counts; the rest of that member's work is given anew.
    counting = Q(member__in=members.values()) | Q(sheet__submitted_at__isnull=False)
    held = set(given.filter(counting, recusal__isnull=True).values_list("nomination_id", "member_id"))
    barred_here = sorted(
        [subject[one], code[who]] for one, who in barred if one in subject and code[who] in members
    )
    open_pairs = sorted([subject[one], code[who]] for one, who in held - barred)
    return {
        "format": FORMAT,
        "seed": seed,
        # Everybody reviews all: each nomination asks for as many as are free of conflict.
        "each": each,
        "most": most,
        "subjects": {key: _fields_of(nomination) for key, nomination in sorted(nominations.items())},
        "reviewers": {key: sorted(member.expert.fields) for key, member in sorted(members.items())},
        "barred": barred_here,
        "held": open_pairs,
    }


def _fields_of(nomination) -> list[str]:
    facts = nomination.declaration
    return sorted({word for word in (facts.industry, facts.key_industry) if word})


def _compute(inputs: dict) -> matching.Plan:
    """From the inputs alone: what anybody gets who runs it again."""
    barred = {tuple(pair) for pair in inputs["barred"]}
    held = {tuple(pair) for pair in inputs["held"]}
    if not inputs["each"]:
        pairs = tuple(
            (one, who)
            for one in sorted(inputs["subjects"])
            for who in sorted(inputs["reviewers"])
            if (one, who) not in barred | held
        )
        all_pairs = [*pairs, *held]
        loads = {who: sum(pair[1] == who for pair in all_pairs) for who in inputs["reviewers"]}
        return matching.Plan(pairs, loads, 0)
    return matching.match(
        [matching.Subject(key, frozenset(fields)) for key, fields in inputs["subjects"].items()],
        [
            matching.Reviewer(key, frozenset(fields), inputs["most"])
            for key, fields in inputs["reviewers"].items()
        ],
        each=inputs["each"],
        barred=barred,
        held=held,
        seed=inputs["seed"],
    )


@transaction.atomic
def assign(
    edition: Edition,
    *,
    seed: str,
    each: int | None = None,
    most: int | None = None,
    shown: str = "",
    by: Membership,
    now: datetime,
) -> AssignmentRun | None:
    """Give the work out as previewed; None when there is nothing left to give. Refused when anyone lacks.

    `shown` is the digest of the preview that was looked at; refused when it comes to something else by now.
    """
    require(by, "review.assign", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.REVIEW)
    if not seed.strip():
        raise Refused("请填写随机种子。")
    find_conflicts(edition, by=by, now=now)
    preview = preview_assignment(edition, seed=seed.strip(), each=each, most=most)
    if preview.blocked:
        raise preview.blocked
    if shown and shown != preview.digest:
        raise Refused("专家组、利害关系或企业在预览之后有变动，本次没有分配。请重新预览。")
    if not preview.pairs:
        return None
    freeze_without_vote(edition, by=by, now=now)
    run = _write_run(preview, by, now)
    _write(run, preview.pairs, now)
    audit.record(
        "review.assign",
        edition,
        by=by,
        now=now,
        digest=run.digest,
        seed=run.seed,
        each=preview.each,
        assignments=sorted([member.code, nomination.subject_key] for nomination, member in preview.pairs),
    )
    _tell(edition, {member.pk: member for _nomination, member in preview.pairs}.values(), now)
    return run


def freeze_without_vote(edition: Edition, *, by: Membership, now: datetime) -> None:
    """委员会决定: where no poll will freeze the rules, the first review task does."""
    if not edition.has(StepKind.VOTING):
        freeze_rules(edition, by=by, now=now)


def _write_run(preview: AssignmentPreview, by, now) -> AssignmentRun:
    last = preview.edition.assignment_runs.aggregate(last=Max("number"))["last"] or 0
    return AssignmentRun.objects.create(
        edition=preview.edition,
        number=last + 1,
        seed=preview.seed,
        inputs=preview.inputs,
        outcome=preview.outcome,
        digest=preview.digest,
        run_at=now,
        run_by=by,
    )


def _write(run, pairs, now) -> None:
    Assignment.objects.bulk_create(
        Assignment(member=member, nomination=nomination, assigned_at=now, run=run)
        for nomination, member in pairs
    )


def digest_of(inputs: dict, outcome: list) -> str:
    text = json.dumps(
        {"inputs": inputs, "outcome": outcome}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(text.encode()).hexdigest()


def recompute(run: AssignmentRun) -> bool:
    """Whether its inputs still give its outcome, and its digest is theirs."""
    again = [list(pair) for pair in _compute(run.inputs).pairs]
    return again == run.outcome and digest_of(run.inputs, run.outcome) == run.digest


@transaction.atomic
def give(member: PanelMember, nomination: Nomination, *, by: Membership, now: datetime) -> Assignment:
    """One pair by hand, under the same checks as the computed ones."""
    edition = nomination.edition
    require(by, "review.assign", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.REVIEW)
    find_conflicts(edition, by=by, now=now)
    # As they are now, whatever the page was showing.
    member = PanelMember.objects.get(pk=member.pk)
    nomination = edition.nominations.select_for_update(of=("self",)).get(pk=nomination.pk)
    name = nomination.subject_name
    if member.edition_id != edition.pk or member.standing != PanelMember.Standing.SEATED:
        raise Refused("专家 {code} 不在本届已接受聘请的专家中，不能分配。", code=member.code)
    if nomination.state != State.REVIEW:
        raise Refused("“{name}”不在专家评审环节，不能分配。", name=name)
    if conflict := standing(edition).get((member.pk, nomination.pk)):
        raise Refused(
            "专家 {code} 须回避“{name}”：{reason}", code=member.code, name=name, reason=conflict.reason
        )
    there = Assignment.objects.filter(member=member, nomination=nomination).first()
    if there is not None:
        if hasattr(there, "recusal"):
            raise Refused("专家 {code} 已回避“{name}”，不能再分配。", code=member.code, name=name)
        raise Refused("“{name}”已经分配给专家 {code}。", code=member.code, name=name)
    freeze_without_vote(edition, by=by, now=now)
    made = Assignment.objects.create(member=member, nomination=nomination, assigned_at=now)
    audit.record("review.assign", made, by=by, now=now, expert=member.code, by_hand=True)
    _tell(edition, [member], now)
    return made


@transaction.atomic
def take_back(assignment: Assignment, *, reason: str, by: Membership, now: datetime) -> None:
    """Take one pair back while nothing was written on its sheet."""
    require(by, "review.assign", assignment)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=assignment.nomination.edition_id)
    require_open(edition, StepKind.REVIEW)
    row = Assignment.objects.select_for_update().select_related("member", "nomination").get(pk=assignment.pk)
    if hasattr(row, "sheet") or hasattr(row, "recusal"):
        raise Refused(
            "专家 {code} 已对“{name}”评分或回避，这份任务不能收回；有利害关系的，请认定回避。",
            code=row.member.code,
            name=row.nomination.subject_name,
        )
    if not reason.strip():
        raise Refused("请写明收回任务的理由。")
    audit.record(
        "review.take_back",
        row.nomination,
        by=by,
        now=now,
        expert=row.member.code,
        reason=reason.strip(),
    )
    row.delete()


@transaction.atomic
def top_up(edition: Edition, *, by: Membership, now: datetime) -> AssignmentRun | None:
    """After a recusal: whoever now lacks an expert gets one, and nobody else's work changes.

    May run as often as one likes. Where somebody is lacking and nobody is free, the office is told.
    """
    require(by, "review.assign", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    step = edition.steps.get(kind=StepKind.REVIEW)
    last = edition.assignment_runs.order_by("-number").first()
    if step.closed_at or not step.enabled or last is None or not last.inputs["each"]:
        return None
    find_conflicts(edition, by=by, now=now)
    inputs = last.inputs
    seed = f"{inputs['seed'].split('+', 1)[0]}+{last.number}"
    preview = preview_assignment(edition, seed=seed, each=inputs["each"], most=inputs["most"])
    if preview.gaps:
        _tell_office(preview, now)
    if not preview.pairs:
        return None
    freeze_without_vote(edition, by=by, now=now)
    run = _write_run(preview, by, now)
    _write(run, preview.pairs, now)
    audit.record(
        "review.assign",
        edition,
        by=by,
        now=now,
        digest=run.digest,
        seed=run.seed,
        topped_up=True,
        assignments=sorted([member.code, nomination.subject_key] for nomination, member in preview.pairs),
    )
    _tell(edition, {member.pk: member for _nomination, member in preview.pairs}.values(), now)
    return run


def _tell(edition, members, now):
    users = [member.user_id for member in members if member.user_id]
    hats = Membership.objects.active().filter(user__in=users, role=Role.EXPERT).select_related("user")
    notify(
        "review.assign",
        hats,
        subject=_("《{title}》的评审材料已分配给您").format(title=edition.title),
        body=_("请先逐家声明有无回避情形，再打开材料评分。"),
        url=reverse("review:sheets"),
        now=now,
        edition=edition,
    )


def _tell_office(preview, now):
    names = "、".join(gap.nomination.subject_name for gap in preview.gaps)
    notify(
        "review.assign_short",
        Membership.objects.at(preview.edition.host, Role.OFFICE).select_related("user"),
        subject=_("{title}：有 {n} 家缺评审专家").format(title=preview.edition.title, n=len(preview.gaps)),
        body=_("回避后无人可以补派：{names}。请增聘专家。").format(names=names),
        url=reverse("review:panel", args=[preview.edition.pk]),
        now=now,
        edition=preview.edition,
    )
