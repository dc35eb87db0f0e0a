"""命名奖励: when it may be done, and who is named with what."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from awards import rules
from awards.models import Grant, Honour, Notice, NoticeRow, Objection
from awards.services import looks, publishing, registry
from awards.services.deciding import issue_decision
from awards.services.ending_publicity import close_when_over
from awards.services.numbering import honour_numbers, new_token
from awards.services.periods import provisional_now
from nominations.models import Category, Edition, Nomination
from nominations.services import advance
from nominations.states import State, StepKind
from portal import audit, calendar
from portal.errors import N_, Refused
from portal.models import Membership, Organisation
from portal.permissions import require
from portal.sentences import Sentence, sentence
from review.services.rechecks import standing_problems


@dataclass(frozen=True)
class Candidate:
    """One in publicity, and every reason why it may not be named yet."""

    nomination: Nomination
    notice: Notice
    reasons: tuple[Sentence, ...]
    # Its own period runs, or its last day is not sure yet: a decision of its own will follow.
    waits: bool = False
    # An exclusion has to be looked up again first.
    stale: bool = False


@dataclass(frozen=True)
class NamingPreview:
    """All who are in publicity, and those of them this decision would name."""

    candidates: list[Candidate]
    named: list[Candidate]
    # What stands in the way of the whole decision, or should be known before it.
    blocks: list[Sentence] = field(default_factory=list)
    warnings: list[Sentence] = field(default_factory=list)

    @property
    def left(self) -> list[Candidate]:
        """Those who stay in publicity for a later decision."""
        taken = {each.nomination.pk for each in self.named}
        return [each for each in self.candidates if each.nomination.pk not in taken]

    @property
    def left_out(self) -> list[Candidate]:
        """Those of them who could be named now: leaving one out needs a reason."""
        return [each for each in self.left if not each.waits]

    @property
    def stale(self) -> bool:
        return any(each.stale for each in self.named)

    @property
    def blocked(self) -> bool:
        return bool(self.reasons)

    @property
    def reasons(self) -> list[Sentence]:
        """Each reason once: by itself where it holds for all, else with the names it holds for."""
        held: dict[str, tuple[Sentence, list[str]]] = {}
        for candidate in self.named:
            for reason in candidate.reasons:
                held.setdefault(str(reason), (reason, []))[1].append(candidate.nomination.subject_name)
        return self.blocks + [
            reason
            if len(names) == len(self.named) or names[0] in said
            else sentence(N_("{names}：{reason}"), names="、".join(names), reason=reason)
            for said, (reason, names) in held.items()
        ]


def preview_naming(edition: Edition, today: date, *, chosen: Iterable[int] | None = None) -> NamingPreview:
    """S1 四.4: who would be named today, and what stands in the way. Reads only.

    `chosen`: ids of nominations; without it everybody whose own period is over.
    """
    candidates = _candidates(edition, today)
    named = _named(candidates, chosen)
    blocks = list(_edition_blocks(edition, candidates, named))
    return NamingPreview(candidates, named, blocks, _warnings(edition, candidates, named))


def _candidates(edition, today) -> list[Candidate]:
    rows = list(_published(edition))
    ids = [row.nomination_id for row in rows]
    fresh, problems = looks.fresh(ids, today), _problems(ids)
    upheld = set(
        Objection.objects.filter(notice__edition=edition, upheld=True).values_list("nomination_id", flat=True)
    )
    days, found = calendar.published(), []
    for row in rows:
        unsure = provisional_now(row.notice, days)
        reasons = rules.may_name(
            today=today,
            ends=row.notice.ends_on,
            upheld=row.nomination_id in upheld,
            stale=fresh[row.nomination_id].reasons,
            provisional=unsure,
        )
        waits = unsure or rules.in_period(today, row.notice.ends_on)
        lacks = not fresh[row.nomination_id].ok
        reasons = (*reasons, *problems[row.nomination_id])
        found.append(Candidate(row.nomination, row.notice, reasons, waits, lacks))
    return found


def _named(candidates, chosen) -> list[Candidate]:
    if chosen is not None:
        wanted = set(chosen)
        return [each for each in candidates if each.nomination.pk in wanted]
    # Where all still wait, the reasons of all are what is to be said.
    return [each for each in candidates if not each.waits] or candidates


def _edition_blocks(edition, candidates, named):
    step = edition.steps.get(kind=StepKind.PUBLICITY)
    if not step.enabled or step.closed_at:
        yield sentence(N_("“提名公示”环节已经关闭或未启用，不能再办理命名。"))
        return
    if not candidates:
        yield sentence(N_("公示名单上没有可以命名的企业。"))
    elif not named:
        yield sentence(N_("没有选择要命名的企业。"))
    yield from rules.may_name_any(open_objections(edition))


def _problems(ids) -> dict[int, list[Sentence]]:
    """What a re-check found and nobody has set aside, by nomination."""
    found = defaultdict(list)
    for each in standing_problems(ids):
        found[each.nomination.pk].append(
            sentence(
                N_("“{name}”再次核查有问题（{department}：{explanation}），请先作不予通过或不采纳这一意见。"),
                name=each.nomination.subject_name,
                department=each.question.department.short_name,
                explanation=each.opinion.explanation,
            )
        )
    return found


def _warnings(edition, candidates, named):
    found = []
    waiting = publishing.propose_replacement(edition)
    if waiting.seats and waiting.passed:
        found.append(
            sentence(
                N_("还有 {seats} 个空出的名额可以递补，候补企业 {reserves} 家。递补公示期满后另行命名。"),
                seats=waiting.seats,
                reserves=len(waiting.passed),
            )
        )
    taken = {each.nomination.pk for each in named}
    for each in candidates:
        if each.waits and each.nomination.pk not in taken:
            found.append(
                sentence(
                    N_("“{name}”的公示期到 {ends} 24:00 结束，其后另行命名。"),
                    name=each.nomination.subject_name,
                    ends=each.notice.ends_on,
                )
            )
    return found


def open_objections(edition: Edition) -> int:
    """How many objections of the edition are not answered yet."""
    return Objection.objects.open().filter(notice__edition=edition).count()


def _published(edition):
    """Who is in publicity, each with the notice in force it stands on: the list first, then replacements."""
    return (
        NoticeRow.objects.filter(
            notice__edition=edition, notice__in_force=True, nomination__state=State.PUBLICITY
        )
        .select_related(
            "notice__supersedes",
            "nomination__edition",
            "nomination__enterprise",
            "nomination__recommender",
            "nomination__declaration",
        )
        .order_by("notice__published_at", "notice_id", "position")
    )


@transaction.atomic
def name_winners(
    edition: Edition,
    *,
    decision: str,
    chosen: Iterable[int] | None = None,
    left_reason: str = "",
    minute: str = "",
    medals: Mapping[int, tuple[str, str, str]] | None = None,
    by: Membership,
    now: datetime,
) -> list[Honour]:
    """Name by one decision those whose own period is over; its number may still be empty.

    `chosen`: ids of nominations, where not all of these; why is `left_reason`.
    `medals`: nomination id → (name, "head" | "deputy", position).
    """
    require(by, "awards.name", edition)
    edition = (
        Edition.objects.select_for_update(of=("self",)).select_related("host", "category").get(pk=edition.pk)
    )
    # What is found against one of them waits now: the preview sees it, or it comes after the naming.
    publishing.lock_nominations(
        edition.nominations.filter(state=State.PUBLICITY).values_list("pk", flat=True)
    )
    # Two editions of a host draw their numbers from one row of numbers.
    Organisation.objects.select_for_update(no_key=True).get(pk=edition.host_id)
    today = timezone.localdate(now)
    chosen = None if chosen is None else list(chosen)
    preview = preview_naming(edition, today, chosen=chosen)
    _check(preview, chosen, left_reason)
    medals = dict(medals or {})
    named = [candidate.nomination for candidate in preview.named]
    if strangers := set(medals) - {each.pk for each in named}:
        raise Refused("五一劳动奖章人选中有 {count} 人不属于命名企业，请核对。", count=len(strangers))
    level = Honour.Level(edition.level)
    people = {
        each.pk: medal_of(edition.category, level, *medals.get(each.pk, ("", "", ""))) for each in named
    }
    for nomination in sorted(named, key=lambda each: each.pk):
        advance(nomination, "honour", by=by, now=now, note=decision.strip())
    paper, honours = _write(edition, named, people, decision.strip(), minute.strip(), by, now)
    for honour in honours:
        audit.record(
            "awards.name",
            honour,
            by=by,
            now=now,
            number=honour.number,
            decision=honour.decision,
            minute=paper.minute,
            medal=bool(honour.medal_name),
            left=[each.nomination.subject_key for each in preview.left],
            left_reason=left_reason.strip(),
        )
    registry.changed()
    close_when_over(edition, by=by, now=now, named=len(honours), decision=decision.strip())
    return honours


def _check(preview, chosen, left_reason):
    known = {each.nomination.pk for each in preview.candidates}
    if preview.candidates and chosen is not None and (strangers := set(chosen) - known):
        raise Refused("所选企业中有 {count} 家不在公示中，请刷新页面后重新选择。", count=len(strangers))
    if preview.blocked:
        raise Refused("暂不能命名：{reason}", reason=preview.reasons[0])
    if preview.left_out and not left_reason.strip():
        raise Refused(
            "{names}公示期已满，这次没有列入命名，请写明暂不命名的理由。",
            names="、".join(each.nomination.subject_name for each in preview.left_out),
        )


def _write(edition, named, people, number, minute, by, now):
    """The decision, its honours and their grants."""
    today = timezone.localdate(now)
    level = Honour.Level(edition.level)
    of_city = level == Honour.Level.CITY
    honours = [
        Honour(
            nomination=nomination,
            enterprise=nomination.enterprise,
            category=edition.category,
            subject_key=nomination.subject_key,
            subject_name=nomination.subject_name,
            division_name=nomination.declaration.division_name or nomination.enterprise.division_name,
            industry=nomination.declaration.industry,
            host=edition.host,
            level=level,
            year=edition.year,
            title=edition.title,
            number=honour_number,
            decision=number,
            token=new_token(),
            certificate=of_city and edition.category.certificate,
            named_on=today,
            named_by=by,
            **people[nomination.pk],
        )
        for nomination, honour_number in zip(named, honour_numbers(edition, len(named)), strict=True)
    ]
    paper = issue_decision(edition, honours, number=number, minute=minute, by=by, now=now)
    for honour in honours:
        honour.naming = paper
        honour.full_clean()
        honour.save()
        if of_city and edition.grant_amount > 0:
            Grant.objects.create(honour=honour, amount=edition.grant_amount)
    return paper, honours


def medal_of(category: Category, level: str, name: str, office: str, position: str) -> dict[str, str]:
    """S1 四.4: a person for the medal, with a naming at city level in a category that has one."""
    name, position = name.strip(), position.strip()
    if not name:
        return {"medal_name": "", "medal_office": "", "medal_position": ""}
    if level != Honour.Level.CITY:
        raise Refused("五一劳动奖章人选只在市级命名时填写。")
    if not category.medal:
        raise Refused("“{category}”的命名不推荐五一劳动奖章人选。", category=category.name)
    if office not in Honour.MedalOffice.values:
        raise Refused("“{name}”须注明是企业负责人还是分管负责人。", name=name)
    return {"medal_name": name, "medal_office": office, "medal_position": position}
