"""命名奖励: when it may be done, and who is named with what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from awards import rules
from awards.models import Grant, Honour, Notice, NoticeRow, Objection
from awards.services import publishing
from nominations.models import Edition, Nomination
from nominations.services import advance
from nominations.services.steps import close_step
from nominations.states import State, StepKind
from portal import audit
from portal.errors import N_, Refused
from portal.models import Membership, Organisation
from portal.permissions import require
from portal.sentences import Sentence, sentence
from review.services.expiry import lapsed
from review.services.rechecks import standing_problems

LEVELS = {
    Organisation.Kind.CITY: Honour.Level.CITY,
    Organisation.Kind.ENTERPRISE: Honour.Level.ENTERPRISE,
}


@dataclass(frozen=True)
class Candidate:
    """One in publicity, and every reason why it may not be named yet."""

    nomination: Nomination
    notice: Notice
    reasons: tuple[Sentence, ...]


@dataclass(frozen=True)
class NamingPreview:
    candidates: list[Candidate]
    # What stands in the way of the whole decision, or should be known before it.
    blocks: list[Sentence] = field(default_factory=list)
    warnings: list[Sentence] = field(default_factory=list)
    stale: list[tuple[str, date]] = field(default_factory=list)

    @property
    def blocked(self) -> bool:
        return bool(self.reasons)

    @property
    def reasons(self) -> list[Sentence]:
        """Each reason once: by itself where it holds for all, else with the names it holds for."""
        held: dict[str, tuple[Sentence, list[str]]] = {}
        for candidate in self.candidates:
            for reason in candidate.reasons:
                held.setdefault(str(reason), (reason, []))[1].append(candidate.nomination.subject_name)
        return self.blocks + [
            reason
            if len(names) == len(self.candidates)
            else sentence(N_("{names}：{reason}"), names="、".join(names), reason=reason)
            for reason, names in held.values()
        ]


def preview_naming(edition: Edition, today: date, *, rechecked: bool = False) -> NamingPreview:
    """S1 四.4: who would be named today, and what stands in the way. Reads only."""
    rows = list(_published(edition))
    fresh = _fresh(rows, today)
    objections: dict[int, list[rules.ObjectionFacts]] = {}
    for each in Objection.objects.filter(notice__edition=edition).only("nomination_id", "state", "upheld"):
        facts = rules.ObjectionFacts(each.state, bool(each.upheld))
        objections.setdefault(each.nomination_id, []).append(facts)
    candidates = [
        Candidate(
            row.nomination,
            row.notice,
            rules.may_name(
                today=today,
                ends=row.notice.ends_on,
                objections=objections.get(row.nomination_id, ()),
                rechecked=rechecked or row.nomination_id in fresh,
            ),
        )
        for row in rows
    ]
    blocks = []
    if not candidates:
        blocks.append(sentence(N_("公示名单上没有可以命名的企业。")))
    step = edition.steps.get(kind=StepKind.PUBLICITY)
    if not step.enabled or step.closed_at:
        blocks = [sentence(N_("“提名公示”环节已经关闭或未启用，不能再办理命名。"))]
    blocks += [
        sentence(
            N_("“{name}”再次核查有问题（{department}：{explanation}），请先作不予通过或不采纳这一意见。"),
            name=each.nomination.subject_name,
            department=each.question.department.short_name,
            explanation=each.opinion.explanation,
        )
        for each in standing_problems([row.nomination_id for row in rows])
    ]
    waiting = publishing.propose_replacement(edition)
    warnings = []
    if waiting.seats and waiting.passed:
        warnings.append(
            sentence(
                N_("还有 {seats} 个空出的名额可以递补，候补企业 {reserves} 家；命名后不再递补。"),
                seats=waiting.seats,
                reserves=len(waiting.passed),
            )
        )
    stale = publishing.stale_findings(
        [row.nomination_id for row in rows if row.nomination_id not in fresh], today
    )
    return NamingPreview(candidates, blocks, warnings, stale)


def _published(edition):
    """Who is in publicity, each with the newest notice it stands on: the list first, then replacements."""
    return (
        NoticeRow.objects.filter(
            notice__edition=edition,
            notice__superseded_by__isnull=True,
            nomination__state=State.PUBLICITY,
        )
        .select_related("notice", "nomination__edition", "nomination__enterprise", "nomination__recommender")
        .order_by("notice__published_at", "notice_id", "position")
    )


def _fresh(rows, today) -> set[int]:
    """委员会决定: a look-up counts for the edition's days; so does the one confirmed at publishing."""
    expired = lapsed([row.nomination_id for row in rows], today)
    return {
        row.nomination_id
        for row in rows
        if row.nomination_id not in expired or _rechecked_until(row.notice, row.nomination.edition) >= today
    }


def _rechecked_until(notice, edition) -> date:
    if not notice.rechecked:
        return date.min
    return timezone.localdate(notice.published_at) + timedelta(days=edition.finding_days)


@transaction.atomic
def name_winners(
    edition: Edition,
    *,
    decision: str,
    medals: Mapping[int, tuple[str, str, str]] | None = None,
    rechecked: bool = False,
    recheck_note: str = "",
    by: Membership,
    now: datetime,
) -> list[Honour]:
    """Name all who are in publicity by one decision; its number may still be empty.

    `medals`: nomination id → (name, "head" | "deputy", position).
    """
    require(by, "awards.name", edition)
    edition = (
        Edition.objects.select_for_update(of=("self",)).select_related("host", "category").get(pk=edition.pk)
    )
    # Two editions of a host draw their numbers from one row of numbers.
    Organisation.objects.select_for_update().get(pk=edition.host_id)
    if rechecked and not recheck_note.strip():
        raise Refused("请写明排除条件的复核情况。")
    today = timezone.localdate(now)
    preview = preview_naming(edition, today, rechecked=rechecked)
    if preview.blocked:
        raise Refused("暂不能命名：{reason}", reason=preview.reasons[0])
    medals = dict(medals or {})
    named = [candidate.nomination for candidate in preview.candidates]
    if strangers := set(medals) - {each.pk for each in named}:
        raise Refused("五一劳动奖章人选中有 {count} 人不属于命名企业，请核对。", count=len(strangers))
    of_city = edition.host.kind == Organisation.Kind.CITY
    honours = []
    for nomination, number in zip(named, _numbers(edition, len(named)), strict=True):
        medal = medal_of(edition.host, *medals.get(nomination.pk, ("", "", "")))
        honour = Honour(
            nomination=nomination,
            enterprise=nomination.enterprise,
            host=edition.host,
            level=LEVELS.get(edition.host.kind, Honour.Level.DISTRICT),
            year=edition.year,
            title=edition.title,
            number=number,
            decision=decision.strip(),
            certificate=of_city,
            named_on=today,
            named_by=by,
            **medal,
        )
        honour.full_clean()
        honour.save()
        if of_city and edition.grant_amount > 0:
            Grant.objects.create(honour=honour, amount=edition.grant_amount)
        honours.append(honour)
    for nomination in sorted(named, key=lambda each: each.pk):
        advance(nomination, "honour", by=by, now=now, note=decision.strip())
    for honour in honours:
        audit.record(
            "awards.name",
            honour,
            by=by,
            now=now,
            number=honour.number,
            decision=honour.decision,
            medal=bool(honour.medal_name),
            rechecked=rechecked,
            recheck_note=recheck_note.strip(),
        )
    close_step(edition, StepKind.PUBLICITY, by=by, now=now, named=len(honours), decision=decision.strip())
    return honours


def _numbers(edition, count) -> list[str]:
    """2026-QYCX-01 for the city; a union below it has its own code in between."""
    parts = [str(edition.year), edition.category.code.upper()]
    if edition.host.kind != Organisation.Kind.CITY:
        parts.append(edition.host.division_code or edition.host.code)
    stem = "-".join(parts)
    taken = [
        int(tail)
        for number in Honour.objects.filter(number__startswith=f"{stem}-").values_list("number", flat=True)
        if (tail := number.removeprefix(f"{stem}-")).isdigit()
    ]
    first = max(taken, default=0) + 1
    return [f"{stem}-{number:02d}" for number in range(first, first + count)]


def medal_of(host, name, office, position) -> dict[str, str]:
    name, position = name.strip(), position.strip()
    if not name:
        return {"medal_name": "", "medal_office": "", "medal_position": ""}
    if host.kind != Organisation.Kind.CITY:
        raise Refused("五一劳动奖章人选只在市级命名时填写。")
    if office not in Honour.MedalOffice.values:
        raise Refused("“{name}”须注明是企业负责人还是分管负责人。", name=name)
    return {"medal_name": name, "medal_office": office, "medal_position": position}
