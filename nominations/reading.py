"""What pages read: an edition's rules beside their basis, a nomination's life, the sections others add."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count
from django.template.loader import render_to_string
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from nominations.bases import BASES, TIE_WORDS
from nominations.folder import kinds_in_words
from nominations.models import Edition, Nomination
from nominations.states import State
from portal.acts import act_word
from portal.figures import decimal_text
from portal.models import AuditEntry, Membership, Role

_READ_ALL = (Role.OFFICE, Role.AUDITOR, Role.SYSTEM)
_CLAUSES = {
    "nominations.recommend": "S1 四.3①",
    "nominations.qualify": "S1 四.3②",
    "nominations.put_to_vote": "S1 四.3③",
    "nominations.shortlist": "S1 四.3⑤",
    "nominations.publish": "S1 四.3⑥",
    "nominations.honour": "S1 四.4",
}


@dataclass(frozen=True)
class RuleRow:
    title: str
    value: str
    clause: str
    says: str


@dataclass(frozen=True)
class LifeLine:
    """One line of `components/lifeline.html`."""

    when: datetime
    who: str
    what: str
    why: str
    clause: str = ""


def rule_rows(edition: Edition) -> list[RuleRow]:
    """The parameters of an edition as a table: title, value, and what it rests on."""
    shown = {
        "ratio": edition.ratio,
        "tie_break": " → ".join(_(TIE_WORDS[key]) for key in edition.tie_break) or _("不设"),
        "ballots_per": edition.get_ballots_per_display(),
        "totals": edition.get_totals_display(),
        "evidence_required": kinds_in_words(edition) or _("不设"),
        "allow_former": _("可以") if edition.allow_former else _("不可以"),
        "grant_amount": f"¥{edition.grant_amount:,.2f}",
    }
    rows = []
    for name, basis in BASES.items():
        if name == "quota":
            continue
        if name == "dimensions":
            weights = (f"{_(each.name)} {decimal_text(each.weight)}%" for each in edition.dimensions.all())
            rows.append(RuleRow(_("评审维度及权重"), "、".join(weights), basis.clause, _(basis.says)))
            continue
        field = Edition._meta.get_field(name)
        value = shown.get(name)
        if value is None:
            value = decimal_text(getattr(edition, name))
            value += basis.unit if basis.unit == "%" else f" {_(basis.unit)}" if basis.unit else ""
        rows.append(RuleRow(str(field.verbose_name), str(value), basis.clause, _(basis.says)))
    return rows


def state_counts(nominations) -> list[tuple[str, int]]:
    """How many are at each state, in the order of the way; states with none are left out."""
    ids = nominations.order_by().values("pk")
    rows = Nomination.objects.filter(pk__in=ids).order_by().values_list("state").annotate(n=Count("pk"))
    found = dict(rows)
    return [(state, found[state]) for state in State.values if state in found]


def life_of(nomination: Nomination, hat: Membership) -> list[LifeLine]:
    """Latest first. Who scored and what a department said is not for those who are judged."""
    entries = AuditEntry.objects.life_of(nomination)
    if hat.role not in _READ_ALL:
        entries = entries.filter(act__startswith="nominations.")
    return lines_of(reversed(entries))


def lines_of(entries: Iterable[AuditEntry]) -> list[LifeLine]:
    roles = dict(Role.choices)
    return [
        LifeLine(
            when=entry.at,
            who=" · ".join(
                part
                for part in (
                    entry.actor_name,
                    entry.organisation_name,
                    str(roles.get(entry.role, entry.role)),
                )
                if part
            ),
            what=act_word(entry.act),
            why=_why(entry),
            clause=_CLAUSES.get(entry.act, ""),
        )
        for entry in entries
    ]


def sections_of(nomination: Nomination, hat: Membership, request) -> list[str]:
    """The sections other floors add to the record page, each rendered; they are named by string."""
    return [
        render_to_string(template, {**context, "nomination": nomination}, request)
        for source in getattr(settings, "NOMINATION_SECTIONS", ())
        for template, context in import_string(source)(hat, nomination)
    ]


def _why(entry: AuditEntry) -> str:
    detail = entry.detail
    if entry.act == "nominations.attach":
        return detail.get("title", "")
    if entry.act == "nominations.rank":
        return _("第 {before} 位 → 第 {after} 位").format(
            before=detail.get("before") or "—", after=detail.get("after")
        )
    if entry.act == "nominations.edit":
        return _("第 {n} 版").format(n=detail.get("version", ""))
    why = detail.get("note") or detail.get("reason") or ""
    return _(why) if why else ""
