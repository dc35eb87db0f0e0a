"""What pages read: an edition's rules beside their basis, a nomination's life, the sections others add."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import Count
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from nominations.bases import TIE_WORDS, bases_of
from nominations.declaration import ENTERPRISE, Shape, shape_of
from nominations.declaration.cleaning import is_blank
from nominations.declaration.concerns import concerns
from nominations.declaration.facts import facts_of
from nominations.declared import value_words
from nominations.folder import kinds_in_words, standing_for
from nominations.models import Edition, Evidence, Nomination
from nominations.states import State, StepKind
from nominations.subjects import is_enterprise
from portal.acts import act_word
from portal.figures import decimal_text
from portal.models import AuditEntry, Membership, Role
from portal.speech import said
from portal.templatetags.portal import cndatetime

#: Who reads contact data; experts, departments and the public do not.
CONTACT_READERS = (Role.OFFICE, Role.RECOMMENDER, Role.APPLICANT, Role.INSPECTOR, Role.AUDITOR)
#: And who needs to know what figures do not go together.
_CHECKERS = (Role.OFFICE, Role.RECOMMENDER, Role.APPLICANT)
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


@dataclass(frozen=True)
class ReadCell:
    """A cell of a small table: a document, where it is one that may be opened, or words."""

    title: str
    words: str
    document: Evidence | None = None


@dataclass(frozen=True)
class ReadRow:
    """One answer as it is read. `table` has rows of cells; `lead` is what a row of details is of."""

    key: str
    title: str
    words: str
    clause: str = ""
    is_long: bool = False
    note: str = ""
    worries: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    table: list[tuple[str, list[ReadCell]]] = field(default_factory=list)


@dataclass(frozen=True)
class ReadSection:
    """`anchor` is `dim-<code>` where experts score by this section; `blank`, what was not filled in."""

    key: str
    title: str
    anchor: str
    rows: list[ReadRow]
    blank: list[str]


def declared_sections(
    nomination: Nomination,
    hat: Membership,
    *,
    notes: Mapping[str, str] | None = None,
    contacts: bool = True,
) -> list[ReadSection]:
    """All that was declared, as this hat may read it; contact data on request, for CONTACT_READERS only."""
    shape, notes = shape_of(nomination.edition), notes or {}
    facts = facts_of(nomination.subject_name, nomination.declaration)
    documents = _documents(nomination, hat, shape)
    worries = {}
    for each in concerns(facts) if hat.role in _CHECKERS else ():
        worries.setdefault(each.field, []).append(said(each))
    contacts = contacts and hat.role in CONTACT_READERS
    sections = []
    for section in shape.sections:
        asked = [each for each in section.fields if each.key != "name" and _is_open(each, contacts)]
        rows = [
            _row(each, facts, notes.get(each.key, ""), worries.get(each.key, []), documents, contacts)
            for each in asked
            if not is_blank(facts.get(each.key)) or each.need == "submit" or each.key in notes
        ]
        there = {row.key for row in rows}
        blank = [_(each.title) for each in asked if each.key not in there]
        if asked:
            anchor = f"dim-{section.dimension}" if section.dimension else f"section-{section.key}"
            sections.append(ReadSection(section.key, _(section.title), anchor, rows, blank))
    return sections


def _is_open(asked, contacts) -> bool:
    """A table is, where one of its columns is."""
    if contacts:
        return True
    return not asked.private and not (asked.columns and all(each.private for each in asked.columns))


def _row(asked, facts, note, worries, documents, contacts) -> ReadRow:
    value = facts.get(asked.key)
    columns = [each for each in asked.columns if contacts or not each.private]
    heads, table = [], []
    if asked.kind == "rows" and value:
        table = [("", _cells(columns, row, documents)) for row in value]
    elif asked.kind == "details" and value:
        chosen = facts.get(asked.of, ())
        table = [(_(of), _cells(columns, value[of], documents)) for of in chosen if of in value]
    if table:
        heads = [_(each.title) for each in columns]
    return ReadRow(
        asked.key,
        _(asked.title),
        "" if asked.columns else value_words(asked, value),
        asked.clause,
        asked.kind == "long",
        note,
        worries,
        heads,
        table,
    )


def _cells(columns, row, documents) -> list[ReadCell]:
    found = []
    for column in columns:
        value, document = row.get(column.key), None
        words = value_words(column, value)
        if column.kind == "evidence":
            document = documents.get(value)
            words = _("已作废") if value and document is None else ""
        found.append(ReadCell(_(column.title), words, document))
    return found


def _documents(nomination, hat, shape) -> dict[int, Evidence]:
    """By the number an answer names: the document, or the one that has taken its place since."""
    if not any(column.kind == "evidence" for each in shape for column in each.columns):
        return {}
    found = standing_for(Evidence.objects.visible_to(hat).filter(nomination=nomination))
    return {pk: each for pk, each in found.items() if each.voided_at is None}


@dataclass(frozen=True)
class Gap:
    """Something missing, and where it is filled in."""

    field: str
    title: str
    href: str


def gaps_of(nomination: Nomination, missing: Iterable, *, here: bool = False) -> list[Gap]:
    """What is missing with the address of its field, or of the evidence page; `here` is the form itself."""
    form = "" if here else reverse("nominations:nomination_edit", args=[nomination.pk])
    folder = reverse("nominations:attach", args=[nomination.pk])
    gaps = []
    for each in missing:
        _evidence, is_kind, kind = each.field.partition("evidence:")
        href = f"{folder}?kind={kind}#upload" if is_kind else f"{form}#id_{each.field}"
        gaps.append(Gap(each.field, _(each.title), href))
    return gaps


def saved_words(declaration) -> str:
    """When and by whom it was last saved, in words."""
    if declaration.saved_at is None:
        return ""
    when = cndatetime(declaration.saved_at)
    if declaration.saved_by is None:
        return _("已保存 {when}").format(when=when)
    return _("已保存 {when}，{who}").format(when=when, who=declaration.saved_by.user)


def rule_rows(edition: Edition) -> list[RuleRow]:
    """The parameters of an edition as a table: title, value, and what it rests on."""
    shown = {
        "ratio": edition.ratio,
        "tie_break": " → ".join(_(TIE_WORDS[key]) for key in edition.tie_break) or _("不设"),
        "ballots_per": edition.get_ballots_per_display(),
        "totals": edition.get_totals_display(),
        "evidence_required": kinds_in_words(edition) or _("不设"),
        "allow_former": _("可以") if edition.allow_former else _("不可以"),
        "sheets_each": _("每位专家评全部企业") if not edition.sheets_each else None,
        "comment_below": _("不要求") if edition.comment_below is None else None,
        "comment_above": _("不要求") if edition.comment_above is None else None,
        "same_district_conflict": _("须回避") if edition.same_district_conflict else _("不须回避"),
        "discussion": _("设") if edition.discussion else _("不设"),
        "grant_amount": f"¥{edition.grant_amount:,.2f}",
    }
    rows, enabled = [], edition.enabled
    for name, basis in bases_of(enterprise=is_enterprise(edition)).items():
        if name in ("steps", "quota", "guidance") or not all(step in enabled for step in basis.steps):
            continue
        if name == "dimensions":
            weights = (f"{_(each.name)} {decimal_text(each.weight)}%" for each in edition.dimensions.all())
            rows.append(RuleRow(_("评审维度及权重"), "、".join(weights), basis.clause, _(basis.says)))
            continue
        column = Edition._meta.get_field(name)
        value = shown.get(name)
        if value is None:
            value = decimal_text(getattr(edition, name))
            value += basis.unit if basis.unit == "%" else f" {_(basis.unit)}" if basis.unit else ""
        rows.append(RuleRow(str(column.verbose_name), str(value), basis.clause, _(basis.says)))
    return rows


def freezing_words(edition: Edition) -> str:
    """When the rules are fixed, for pages that are read before that."""
    if edition.has(StepKind.VOTING):
        if edition.has(StepKind.REVIEW):
            return _(
                "规则在投票开启时冻结。此前委员会可以修改，但评分的规则和名额在下发第一份评审任务后、"
                "权重和排序的规则在专家评审关闭后不能再改。"
            )
        return _("规则在投票开启时冻结，此前委员会可以修改。")
    return _("规则在下发第一份评审任务时冻结，此前委员会可以修改。")


def state_counts(nominations) -> list[tuple[str, int]]:
    """How many are at each state, in the order of the way; states with none are left out."""
    ids = nominations.order_by().values("pk")
    rows = Nomination.objects.filter(pk__in=ids).order_by().values_list("state").annotate(n=Count("pk"))
    found = dict(rows)
    return [(state, found[state]) for state in State.values if state in found]


def life_of(nomination: Nomination, hat: Membership) -> list[LifeLine]:
    """Latest first. Who scored and what a department said is not for those who are judged."""
    entries = AuditEntry.objects.life_of(nomination).open_to(hat)
    if hat.role not in _READ_ALL:
        entries = entries.filter(act__startswith="nominations.")
    return lines_of(reversed(entries), shape_of(nomination.edition))


def lines_of(entries: Iterable[AuditEntry], shape: Shape = ENTERPRISE) -> list[LifeLine]:
    """The entries in their order; `shape` has the titles of the fields that were changed."""
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
            why=_why(entry, shape),
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


def _why(entry: AuditEntry, shape: Shape) -> str:
    detail = entry.detail
    if entry.act == "nominations.attach":
        return detail.get("title", "")
    if entry.act == "nominations.rank":
        return _("第 {before} 位 → 第 {after} 位").format(
            before=detail.get("before") or "—", after=detail.get("after")
        )
    if entry.act == "nominations.edit":
        return _edited(detail, shape)
    why = detail.get("note") or detail.get("reason") or ""
    return _(why) if why else ""


def _edited(detail: dict, shape: Shape) -> str:
    """Which version, and which fields; a long list is cut."""
    version = _("第 {n} 版").format(n=detail.get("version", ""))
    titles = [_(shape.by_key[key].title) for key in detail.get("changed", ()) if key in shape.by_key]
    if not titles:
        return version
    shown = "、".join(titles[:6])
    if len(titles) > 6:
        return _("{version}：{fields}等 {n} 项").format(version=version, fields=shown, n=len(titles))
    return _("{version}：{fields}").format(version=version, fields=shown)
