"""Former winners: who was named before, and what offices enter from the years before the portal."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import ProtectedError

from awards.models import Honour
from awards.services import registry
from awards.services.former_checks import World, faults_of, keys_of, world_of
from awards.services.numbering import new_token
from awards.services.revoking import locked, refuse_revoked
from nominations import rules
from nominations.models import Category, Enterprise, Nomination
from portal import audit
from portal.errors import N_, Refused
from portal.models import Membership
from portal.permissions import require
from portal.workbook.text import clean_line

#: What the other rows say is known to be there; a naming itself is looked through by `former_checks`.
_RELATIONS = ["nomination", "enterprise", "category", "host", "naming", "named_by", "revoked_by"]
#: What a correction sets side by side on the record.
_SAID = (
    *("level", "year", "title", "subject_name", "division_name", "industry", "number", "decision"),
    *("named_on", "namer"),
)


def former_of(nominations: Iterable[Nomination]) -> dict[int, list[Honour]]:
    """Nomination → what its subject was named before by any host, one query for all."""
    nominations = list(nominations)
    by_enterprise = defaultdict(list)
    rows = Honour.objects.public().filter(enterprise__in={each.enterprise_id for each in nominations})
    for honour in rows.select_related("host").order_by("-year", "number"):
        by_enterprise[honour.enterprise_id].append(honour)
    found = {}
    for each in nominations:
        keys = keys_of(each.subject_key, each.subject_name)
        found[each.pk] = [
            honour
            for honour in by_enterprise[each.enterprise_id]
            if honour.nomination_id != each.pk and keys & keys_of(honour.subject_key, honour.subject_name)
        ]
    return {pk: honours for pk, honours in found.items() if honours}


def named_before(nominations: Iterable[Nomination]) -> list[tuple[Nomination, list[Honour]]]:
    """Those of them who were, in the order given, each with its earlier honours."""
    there = list(nominations)
    found = former_of(there)
    return [(each, found[each.pk]) for each in there if each.pk in found]


@transaction.atomic
def enter_former(*, by: Membership, now: datetime, **values) -> Honour:
    """One naming of former years, from its paper; it has no nomination here. `values` as of `values_of`."""
    require(by, "awards.enter_former")
    values = values_of(**values)
    hold()
    world = world_of([values], host=by.organisation, now=now)
    _refuse(values, world)
    (honour,) = write_all([values], enterprises_of([values], world), by=by)
    registry.changed()
    audit.record(
        "awards.enter_former",
        honour,
        by=by,
        now=now,
        credit_code=values["credit_code"],
        number=honour.number,
        year=honour.year,
        level=honour.level,
        decision=honour.decision,
    )
    return honour


@transaction.atomic
def correct_former(honour: Honour, *, reason: str, by: Membership, now: datetime, **values) -> Honour:
    """What was entered wrongly is put right as the paper has it; the record has both, and the reason."""
    honour = _own(honour, by)
    reason = _reason(reason)
    values = values_of(**values)
    hold()
    world = world_of([values], host=by.organisation, now=now, besides=honour)
    _refuse(values, world)
    before, fields = said_of(honour), _fields(values, enterprises_of([values], world))
    _refuse_moved(honour, fields)
    for key, value in fields.items():
        setattr(honour, key, value)
    after = said_of(honour)
    changed = {key: [before[key], after[key]] for key in before if before[key] != after[key]}
    if not changed:
        raise Refused("没有改动，请先修改要更正的内容。")
    _check(honour)
    honour.save()
    registry.changed()
    audit.record("awards.enter_former", honour, by=by, now=now, changed=changed, reason=reason)
    return honour


@transaction.atomic
def withdraw_former(honour: Honour, *, reason: str, by: Membership, now: datetime) -> None:
    """What never was a naming leaves the registry: the row goes, all it said stays on the record.

    That is no revocation: one that was named and lost it is revoked, and is shown as such.
    """
    honour = _own(honour, by)
    reason = _reason(reason)
    audit.record("awards.enter_former", honour, by=by, now=now, withdrawn=said_of(honour), reason=reason)
    registry.changed()
    try:
        honour.delete()
    except ProtectedError:
        raise Refused("这项命名已有后续办理的记录，不能撤回登记。") from None


def values_of(
    *,
    credit_code: str,
    name: str,
    level: str,
    year: int,
    title: str,
    number: str,
    named_on: date,
    category: Category | str = "qycx",
    subject: str = "",
    division_name: str = "",
    industry: str = "",
    decision: str = "",
    namer: str = "",
) -> dict:
    """A naming as it is written on its paper, by the keys of the workbook; raises `Refused` for a code."""
    if level not in Honour.Level.values:
        raise Refused("没有“{level}”这一级别。", level=level)
    if not isinstance(category, Category):
        found = Category.objects.filter(code=category).first()
        if found is None:
            raise Refused("没有编码为“{code}”的类别。", code=category)
        category = found
    texts = {
        "name": name,
        "title": title,
        "number": clean_line(number),
        "subject": subject,
        "division_name": division_name,
        "industry": industry,
        "decision": decision,
        "namer": namer,
    }
    return {
        "credit_code": rules.credit_code(credit_code),
        "level": level,
        "year": year,
        "category": category,
        "named_on": named_on,
        **{key: text.strip() for key, text in texts.items()},
    }


def hold() -> None:
    """One entry of former years at a time: two at once would not see the numbers of each other."""
    list(Category.objects.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


def write_all(rows: Iterable[Mapping], enterprises: dict[str, Enterprise], *, by: Membership) -> list[Honour]:
    """Namings that were looked through become rows; the enterprises are those of `enterprises_of`."""
    honours = []
    for values in rows:
        honour = Honour(**_fields(values, enterprises), host=by.organisation, named_by=by, token=new_token())
        _check(honour)
        honours.append(honour)
    return Honour.objects.bulk_create(honours)


def said_of(honour: Honour) -> dict:
    """All a naming of former years says, as the record keeps it."""
    said = {key: str(getattr(honour, key)) for key in _SAID}
    return said | {"credit_code": honour.enterprise.credit_code, "category": honour.category.code}


def _fields(values: Mapping, enterprises: dict[str, Enterprise]) -> dict:
    enterprise, category = enterprises[values["credit_code"]], values["category"]
    of_enterprise = category.subject == Category.Subject.ENTERPRISE
    subject = values["name"] if of_enterprise else values["subject"]
    namer = values["namer"] or ""
    if not namer and values["level"] == Honour.Level.ENTERPRISE:
        namer = values["name"]
    return {
        "enterprise": enterprise,
        "category": category,
        "subject_key": rules.subject_key(enterprise.credit_code, "" if of_enterprise else subject),
        "subject_name": subject,
        "division_name": values["division_name"] or enterprise.division_name,
        "industry": values["industry"] or "",
        "namer": namer,
        "level": values["level"],
        "year": values["year"],
        "title": values["title"],
        "number": values["number"],
        "decision": values["decision"] or "",
        "named_on": values["named_on"],
    }


def enterprises_of(rows: list[Mapping], world: World) -> dict[str, Enterprise]:
    """By code; one that is not there is made under the name of its latest naming among these."""
    fresh = {}
    for values in sorted(rows, key=lambda each: each["year"]):
        code = values["credit_code"]
        if code not in world.enterprises:
            division = values["division_name"] or getattr(fresh.get(code), "division_name", "")
            fresh[code] = Enterprise(credit_code=code, name=values["name"], division_name=division)
    for each in fresh.values():
        _check(each)
    # Somebody else may have entered it this moment, for a nomination: then it is theirs.
    Enterprise.objects.bulk_create(fresh.values(), ignore_conflicts=True)
    made = Enterprise.objects.filter(credit_code__in=fresh)
    return {**world.enterprises, **{each.credit_code: each for each in made}}


def _own(honour: Honour, by: Membership) -> Honour:
    """The row, locked, where this office entered it from a paper and it stands."""
    honour = locked(honour)
    require(by, "awards.enter_former", honour)
    if honour.host_id != by.organisation_id:
        raise PermissionDenied
    if honour.nomination_id is not None:
        raise Refused("这项命名是在本系统评选产生的，不是登记的历年命名，不能在这里更改。")
    refuse_revoked(honour)
    return honour


def _refuse_moved(honour: Honour, fields: Mapping) -> None:
    """What hangs on a naming was decided of this subject, at this level."""
    if all(getattr(honour, key) == fields[key] for key in ("enterprise", "category", "subject_key", "level")):
        return
    hanging = (
        each.related_model.objects.filter(**{each.field.name: honour}).exists()
        for each in Honour._meta.related_objects
    )
    if honour.medal_name or any(hanging):
        raise Refused("这项命名已有后续办理的记录，不能更改企业、命名对象、类别和级别。")


def _reason(reason: str) -> str:
    if not reason.strip():
        raise Refused("请写明理由。")
    return reason.strip()


def _refuse(values: Mapping, world: World) -> None:
    for fault in faults_of(values, world):
        raise Refused(N_("{problem}。{expected}。"), problem=fault.problem, expected=fault.expected)


def _check(row: Honour | Enterprise) -> None:
    try:
        row.clean_fields(exclude=_RELATIONS)
    except ValidationError as invalid:
        words = "；".join(word for words in invalid.message_dict.values() for word in words)
        raise Refused("填写的内容不正确：{words}", words=words) from None
