"""The checklist of a visit: what was claimed, line by line, and what was found."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from awards.models import CheckLine, Inspection
from awards.services.open_visits import locked, refuse_recorded
from awards.services.standing_signatures import void_signatures
from nominations.declaration import shape_of
from nominations.declaration.facts import facts_of
from nominations.declaration.shape import Field, Section
from nominations.models import Nomination
from nominations.papers.answers import words
from nominations.services.steps import require_open
from nominations.states import StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require

MOST_LINES = 150
#: A figure, a yes, a listing: what can be counted or shown on the spot.
COUNTED = ("integer", "decimal", "money", "percent", "date", "boolean", "choices", "rows")
#: 委员会决定: looked at in any case, as eligibility, the order of equals or the review rest on it.
RESTED_ON = ("nature", "key_industry", "recognitions", "independent", "deeds")
_NEVER = ("name", "note")


def lay_lines(inspection: Inspection) -> list[CheckLine]:
    """Write the lines of a visit nobody has begun yet."""
    lines = build(inspection.nomination)
    for position, line in enumerate(lines, start=1):
        line.inspection, line.position = inspection, position
    return CheckLine.objects.bulk_create(lines)


def build(nomination: Nomination) -> list[CheckLine]:
    """委员会决定: a line for each claim with a figure or evidence, then what each dimension looks at.

    Section by section as the declaration has them; a dimension's own points follow its claims.
    """
    edition = nomination.edition
    declared = facts_of(nomination.subject_name, nomination.declaration)
    papers = {}
    for each in nomination.evidence.current().order_by("pk"):
        papers.setdefault(each.about, each)
    dimensions = {each.code: each for each in edition.dimensions.all()}
    lines, seen = [], set()
    for section in shape_of(edition).sections:
        dimension = dimensions.get(section.dimension)
        heading = dimension.name if dimension else section.title
        lines += _claims(section, heading[:60], declared, papers)
        if dimension:
            seen.add(dimension.code)
            lines += _points(dimension)
    for code, dimension in dimensions.items():
        if code not in seen:
            lines += _points(dimension)
    return lines[:MOST_LINES]


def _claims(section: Section, heading: str, declared, papers) -> Iterator[CheckLine]:
    for each in section.fields:
        value = declared.get(each.key)
        if value is None or each.private or each.key in _NEVER or each.kind in ("details", "evidence"):
            continue
        if each.key == "recognitions":
            yield from _recognitions(each, section, heading, value, declared, papers)
        elif each.kind in COUNTED or each.key in RESTED_ON or each.key in papers:
            bare = replace(each, unit="")
            yield CheckLine(
                key=each.key,
                dimension=heading,
                item=each.title[:160],
                claimed=_rows(each, value) if each.kind == "rows" else words(bare, value, {}),
                unit=each.unit,
                evidence=papers.get(each.key),
            )


def _recognitions(chosen: Field, section: Section, heading, names, declared, papers) -> Iterator[CheckLine]:
    """A line for each recognition, with its certificate as it was declared."""
    details = next((one for one in section.fields if one.kind == "details" and one.of == chosen.key), None)
    given = declared.get(details.key, {}) if details else {}
    for number, name in enumerate(names, start=1):
        cells = _cells(details, given.get(name, {})) if details else ""
        yield CheckLine(
            key=f"{chosen.key}-{number}",
            dimension=heading,
            item=str(name)[:160],
            claimed=cells or chosen.title,
            evidence=papers.get(name) or papers.get(chosen.key),
        )


def _rows(field: Field, rows) -> str:
    return "\n".join(_cells(field, row) for row in rows)


def _cells(field: Field, row) -> str:
    """One row of a list in one line, without its private columns: 名称 甲；级别 市级."""
    told = (
        (column.title, words(column, row.get(column.key), {}))
        for column in field.columns
        if not column.private
    )
    return "；".join(f"{title} {text}" for title, text in told if text)


def _points(dimension) -> Iterator[CheckLine]:
    points = dimension.subpoints or [dimension.guidance.splitlines()[0] if dimension.guidance else ""]
    for number, point in enumerate(points, start=1):
        yield CheckLine(
            key=f"dimension-{dimension.code}-{number}"[:64],
            source=CheckLine.Source.DIMENSION,
            dimension=dimension.name[:60],
            item=(point or f"{dimension.name}的现场情况")[:160],
        )


@transaction.atomic
def add_line(inspection: Inspection, *, item: str, claimed: str, by: Membership, now: datetime) -> CheckLine:
    """A line the office wants looked at beside what was declared."""
    inspection = locked(inspection)
    require(by, "awards.plan_inspection", inspection)
    require_open(inspection.nomination.edition, StepKind.INSPECTION)
    refuse_recorded(inspection)
    item = item.strip()
    if not item:
        raise Refused("请写明要核对的事项。")
    if inspection.lines.filter(item=item).exists():
        raise Refused("“{item}”已在核对清单中，不需要再列。", item=item)
    place = (inspection.lines.aggregate(last=Max("position"))["last"] or 0) + 1
    if place > MOST_LINES:
        raise Refused("核对清单最多 {most} 项，请合并后再列。", most=MOST_LINES)
    line = CheckLine.objects.create(
        inspection=inspection,
        key=f"office-{place}",
        source=CheckLine.Source.OFFICE,
        item=item,
        claimed=claimed.strip(),
        position=place,
    )
    voided = void_signatures(inspection, now=now)
    audit.record(
        "awards.add_line", inspection, by=by, now=now, item=item, claimed=line.claimed, voided=voided
    )
    return line


def refuse_unchecked(inspection: Inspection) -> None:
    """Every line answered, and of each that differs what was found."""
    lines = list(inspection.lines.all())
    open_lines = [line.item for line in lines if line.agrees is None]
    if open_lines:
        raise Refused(
            "核对清单还有 {count} 项没有选择是否相符：{items}。",
            count=len(open_lines),
            items="、".join(open_lines[:5]),
        )
    unsaid = [line.item for line in lines if line.agrees is False and not line.found]
    if unsaid:
        raise Refused("“{items}”与申报不符，请写明核实情况。", items="、".join(unsaid[:5]))


def refuse_unweighed(inspection: Inspection) -> None:
    """Of each line that differs, whether it matters: the office decides by that what becomes of it."""
    unweighed = [line.item for line in inspection.lines.all() if line.agrees is False and not line.weight]
    if unweighed:
        raise Refused("“{items}”与申报不符，请选择差异程度。", items="、".join(unweighed[:5]))
