"""The office's conclusions: what the rule sees in the declaration, and what a person finds."""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from nominations.models import Declaration, Edition, Nomination
from nominations.rules import central_level, out_of_city
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Organisation
from portal.permissions import require
from review import rules
from review.models import Finding
from review.services.opinions import at_screening

#: The conditions, as items a finding may be of beside those of the joint check.
POSITIVE = {item.code: item.title for item in rules.CONDITIONS}
CITY_PREFIXES = ("3702",)
VERDICTS = {
    rules.MET: Finding.Verdict.PASSED,
    rules.UNMET: Finding.Verdict.FAILED,
    rules.UNKNOWN: Finding.Verdict.REPAIR,
}


def title_of(item: str) -> str:
    return rules.EVERY[item].title if item in rules.EVERY else item


def divisions() -> set[str]:
    """The names of the city's own divisions."""
    names = Organisation.objects.exclude(division_name="").values_list("division_name", flat=True)
    return set(names)


def scope_of(nomination: Nomination, divisions: set[str]) -> rules.Scope:
    """What the declaration says. A division not of the city is never taken for a no: a person decides."""
    declaration = getattr(nomination, "declaration", None) or Declaration()
    in_city = declaration.division_name in divisions or not out_of_city(
        nomination.enterprise.credit_code, CITY_PREFIXES
    )
    return rules.Scope(
        union_founded=declaration.union_founded_on,
        registered_in_city=True if in_city else None,
        legal_personality=declaration.independent,
        central_level=central_level(declaration.nature),
    )


def positive_of(nomination: Nomination, found: dict, divisions: set[str], *, today) -> list[rules.Finding]:
    """The positive conditions: a person's conclusion where there is one, else the rule's."""
    findings = []
    for finding in rules.positive_findings(scope_of(nomination, divisions), today=today):
        own = found.get(finding.code)
        if own is not None and not own.proposed:
            finding = as_rule(own)
        findings.append(finding)
    return findings


def as_rule(finding: Finding) -> rules.Finding:
    """A stored finding in the words of the rule."""
    verdict = next(key for key, value in VERDICTS.items() if value == finding.verdict)
    reason = rules.sentence("{reason}", reason=finding.reason)
    return rules.Finding(
        finding.item,
        title_of(finding.item),
        rules.EVERY[finding.item].clause,
        verdict,
        reason,
        finding.source,
    )


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
    today, city = localdate(now), divisions()
    changed = []
    for nomination in nominations:
        for proposal in rules.positive_findings(scope_of(nomination, city), today=today):
            row = before.get((nomination.pk, proposal.code))
            if row and not row.proposed:
                continue
            row = row or Finding(nomination=nomination, item=proposal.code, proposed=True)
            facts = (VERDICTS[proposal.verdict], str(proposal.reason))
            if row.pk and (row.verdict, row.reason) == facts:
                continue
            row.verdict, row.reason = facts
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


@transaction.atomic
def find(
    nomination: Nomination,
    item: str,
    verdict: str,
    reason: str = "",
    *,
    by: Membership,
    now: datetime,
    looked_up_on=None,
) -> Finding:
    """The office's own conclusion on one item.

    通过 settles what a department could not verify (with the reason); it never overrules a 有问题, which only
    the department that said so may take back.
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
    if item not in POSITIVE and item not in rules.ITEM:
        raise Refused("没有“{item}”这一审查项，请重新选择。", item=item)
    if verdict not in Finding.Verdict.values:
        raise Refused("请选择结论：通过、不通过或需补正。")
    if not reason.strip():
        raise Refused("请写明作出这一结论的理由和依据。")
    looked_up_on = looked_up_on or localdate(now)
    if looked_up_on > localdate(now):
        raise Refused("查询日期 {day} 晚于今天，请核对。", day=looked_up_on)
    finding, _made = Finding.objects.update_or_create(
        nomination=nomination,
        item=item,
        defaults={
            "verdict": verdict,
            "reason": reason.strip()[:500],
            "looked_up_on": looked_up_on,
            "found_at": now,
            "found_by": by,
            "proposed": False,
        },
    )
    audit.record("review.find", finding, by=by, now=now, item=item, verdict=verdict, reason=finding.reason)
    return finding
