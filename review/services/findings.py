"""The office's findings: what the rule sees in the declaration, and what a person finds."""

from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import override

from nominations.models import Declaration, Edition, Nomination, Return
from nominations.rules import central_level, out_of_city
from nominations.services.completeness import missing_of_all
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import N_, Refused
from portal.models import Membership, Organisation
from portal.permissions import require
from portal.speech import said
from review import rules
from review.models import Finding, Proof
from review.services.batches import at_screening
from review.services.proofs import store_proof

#: The conditions, as items a finding may be of beside those of the joint check.
POSITIVE = {item.code: item.title for item in rules.CONDITIONS}
CITY_PREFIXES = ("3702",)
VERDICTS = {
    rules.MET: Finding.Verdict.PASSED,
    rules.UNMET: Finding.Verdict.FAILED,
    rules.UNKNOWN: Finding.Verdict.REPAIR,
}
MENDED = N_("已补正，请重新核对：{reason}")


def title_of(item: str) -> str:
    return rules.EVERY[item].title if item in rules.EVERY else item


def divisions() -> set[str]:
    """The names of the city's own divisions."""
    names = Organisation.objects.exclude(division_name="").values_list("division_name", flat=True)
    return set(names)


def lacking(nominations: Iterable[Nomination]) -> dict[int, tuple[str, ...]]:
    """Nomination → the titles of what its declaration still lacks."""
    return {pk: tuple(each.title for each in missing) for pk, missing in missing_of_all(nominations).items()}


def scope_of(nomination: Nomination, divisions: set[str], missing: tuple[str, ...] = ()) -> rules.Scope:
    """What the declaration says. A division not of the city is never taken for a no: a person decides."""
    declaration = getattr(nomination, "declaration", None) or Declaration(nomination=nomination)
    in_city = declaration.division_name in divisions or not out_of_city(
        nomination.enterprise.credit_code, CITY_PREFIXES
    )
    return rules.Scope(
        union_founded=declaration.union_founded_on,
        registered_in_city=True if in_city else None,
        legal_personality=declaration.independent,
        central_level=central_level(declaration.nature),
        missing=missing,
    )


def positive_of(
    found: dict[str, Finding],
    scope: rules.Scope,
    *,
    today: date,
    mended_at: datetime | None = None,
) -> list[rules.Finding]:
    """The conditions: a person's finding where there is one, else the rule's."""
    findings = []
    for finding in rules.positive_findings(scope, today=today):
        own = found.get(finding.code)
        if own is not None and not own.proposed:
            finding = as_rule(own, mended_at)
        findings.append(finding)
    return findings


def as_rule(finding: Finding, mended_at: datetime | None = None) -> rules.Finding:
    """A stored finding in the words of the rule."""
    item = rules.EVERY[finding.item]
    verdict = next(key for key, value in VERDICTS.items() if value == finding.verdict)
    back = is_mended(finding, mended_at)
    reason = rules.sentence(MENDED if back else "{reason}", reason=finding.reason)
    return rules.Finding(item.code, item.title, item.clause, verdict, reason, finding.source, back)


def is_mended(finding: Finding, mended_at: datetime | None) -> bool:
    """A 需补正 that was given before the enterprise mended what was sent back: somebody has to look again."""
    return (
        finding.verdict == Finding.Verdict.REPAIR and mended_at is not None and finding.found_at <= mended_at
    )


def mark_of(finding: Finding | None) -> str:
    """Tells one state of a finding from the next."""
    return finding.found_at.isoformat() if finding and not finding.proposed else ""


def mended(nominations) -> dict[int, datetime]:
    """Nomination → when it last came back mended, for those that were sent back from the screening."""
    rows = Return.objects.filter(
        nomination__in=nominations, from_state=State.SCREENING, mended_at__isnull=False
    )
    return dict(rows.order_by("mended_at").values_list("nomination_id", "mended_at"))


@transaction.atomic
def propose_findings(edition: Edition, *, by: Membership, now: datetime) -> list[Finding]:
    """Store what the rule finds for everyone at screening; a person's own conclusion stays as it is."""
    require(by, "review.find", edition)
    require_open(edition, StepKind.SCREENING)
    nominations = list(at_screening(edition).select_related("declaration").select_for_update(of=("self",)))
    before = {
        (each.nomination_id, each.item): each
        for each in Finding.objects.filter(nomination__in=nominations, item__in=POSITIVE)
    }
    today, city, missing = localdate(now), divisions(), lacking(nominations)
    changed = []
    for nomination in nominations:
        scope = scope_of(nomination, city, missing[nomination.pk])
        for proposal in rules.positive_findings(scope, today=today):
            row = before.get((nomination.pk, proposal.code))
            if row and not row.proposed:
                continue
            row = row or Finding(nomination=nomination, item=proposal.code, proposed=True)
            facts = (VERDICTS[proposal.verdict], _kept(proposal.reason)[:500], proposal.source)
            if row.pk and (row.verdict, row.reason, row.source) == facts:
                continue
            row.verdict, row.reason, row.source = facts
            row.looked_up_on, row.found_at, row.found_by = today, now, by
            row.save()
            changed.append(row)
    if changed:
        audit.record(
            "review.find",
            edition,
            by=by,
            now=now,
            findings=[[each.nomination_id, each.item, each.verdict] for each in changed],
        )
    return changed


def _kept(reason) -> str:
    """What is kept is kept in Chinese, whichever language the person reads."""
    with override(settings.LANGUAGE_CODE):
        return said(reason)


@transaction.atomic
def find(
    nomination: Nomination,
    item: str,
    verdict: str,
    reason: str = "",
    *,
    by: Membership,
    now: datetime,
    looked_up_on: date | None = None,
    source: str = "",
    file=None,
    file_title: str = "",
    seen: str | None = None,
) -> Finding:
    """The office's own finding on one item, with the paper it rests on where there is one.

    通过 settles what a department could not verify (with the reason); it never sets a 有问题 aside: that is
    for two (`services.overrules`). `seen` is the `mark_of` the finding that the person had before them (None:
    whatever): refused where somebody else has found something since.
    """
    require(by, "review.find", nomination)
    nomination = (
        Nomination.objects.select_for_update(of=("self",)).select_related("edition").get(pk=nomination.pk)
    )
    require_open(nomination.edition, StepKind.SCREENING)
    if nomination.state != State.SCREENING:
        raise Refused(
            "“{name}”现处于“{state}”环节，不能再作审查结论。",
            name=nomination.subject_name,
            state=str(nomination.state_label),
        )
    if item not in rules.EVERY:
        raise Refused("没有“{item}”这一审查项，请重新选择。", item=item)
    if verdict not in Finding.Verdict.values:
        raise Refused("请选择结论：通过、不通过或需补正。")
    if not reason.strip():
        raise Refused("请写明作出这一结论的理由和依据。")
    looked_up_on = looked_up_on or localdate(now)
    if looked_up_on > localdate(now):
        raise Refused("查询日期 {day} 晚于今天，请核对。", day=looked_up_on)
    if seen is not None and seen != mark_of(nomination.findings.filter(item=item).first()):
        raise Refused(
            "“{name}”的“{item}”刚由他人作过结论，请刷新页面查看后再办。",
            name=nomination.subject_name,
            item=title_of(item),
        )
    finding, _made = Finding.objects.update_or_create(
        nomination=nomination,
        item=item,
        defaults={
            "verdict": verdict,
            "reason": reason.strip()[:500],
            "source": source.strip()[:120],
            "looked_up_on": looked_up_on,
            "found_at": now,
            "found_by": by,
            "proposed": False,
        },
    )
    proof = None
    if file:
        papers = Proof(
            nomination=nomination, finding=finding, title=file_title, uploaded_at=now, uploaded_by=by
        )
        proof = store_proof(papers, file)
    audit.record(
        "review.find",
        finding,
        by=by,
        now=now,
        item=item,
        verdict=verdict,
        reason=finding.reason,
        source=finding.source,
        looked_up_on=looked_up_on,
        proof=proof and [proof.title, proof.sha256],
        note=f"{title_of(item)}，{finding.get_verdict_display()}：{finding.reason}",
    )
    return finding
