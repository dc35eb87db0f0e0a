"""专家库: one register for the whole city. The city's office keeps it; every office draws from it and reads
it, contacts included, and so does the auditor. Nobody else sees it.

Who has an account is decided by the system administrator (`portal.appointing`); here it is only tied to the
person. A register says where somebody has sat and how many sheets were handed in, never what was scored.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from nominations.rules import credit_code
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Organisation, Role, User
from portal.permissions import require
from portal.workbook import name_key
from review.models import Expert, PanelMember

#: What is kept of an expert, in the order of form and workbook.
FACTS = (
    *("name", "employer", "employer_code", "fields", "title", "division_name"),
    *("phone", "mail", "note", "active", "user"),
)
#: Changes of these are recorded without what they say: the record is read by more than the register is.
PRIVATE = ("phone", "mail")
SAT = (PanelMember.Standing.INVITED, PanelMember.Standing.SEATED)


def found(
    *, q: str = "", field: str = "", district: str = "", active: bool | None = None
) -> QuerySet[Expert]:
    """Those of the register that fit, by name; `sat` is on how many panels."""
    rows = Expert.objects.select_related("user").annotate(
        sat=Count("panels", filter=Q(panels__standing__in=SAT))
    )
    if q := q.strip():
        rows = rows.filter(Q(name__icontains=q) | Q(employer__icontains=q) | Q(title__icontains=q))
    if field:
        rows = rows.filter(fields__contains=[field])
    if district:
        rows = rows.filter(division_name=district)
    if active is not None:
        rows = rows.filter(active=active)
    return rows.order_by("-active", "name", "pk")


def past(expert: Expert) -> QuerySet[PanelMember]:
    """The panels this expert was drawn for, latest first; `reviews` is how many sheets were handed in."""
    return (
        expert.panels.select_related("edition__host")
        .annotate(
            reviews=Count(
                "assignments",
                filter=Q(assignments__sheet__submitted_at__isnull=False, assignments__recusal__isnull=True),
            )
        )
        .order_by("-edition__year", "-edition")
    )


def free_accounts(expert: Expert | None = None) -> QuerySet[User]:
    """Accounts with an expert's hat that no other expert of the register has."""
    mine = Q(expert__isnull=True) | (Q(expert=expert) if expert else Q())
    return (
        User.objects.filter(mine, memberships__role=Role.EXPERT, memberships__active=True, is_active=True)
        .distinct()
        .order_by("full_name", "username")
    )


@transaction.atomic
def add_expert(*, by: Membership, now: datetime, **facts) -> Expert:
    """A new person in the register; one of the same name at the same employer is there already."""
    require(by, "review.manage_register")
    _lock()
    expert = _checked(Expert(), facts)
    expert.save()
    audit.record("review.manage_register", expert, by=by, now=now, added=_shown(expert, FACTS))
    return expert


@transaction.atomic
def change_expert(expert: Expert, *, by: Membership, now: datetime, **facts) -> Expert:
    """Change what is known of a person; panels that are under way learn of a new account."""
    require(by, "review.manage_register")
    _lock()
    expert = Expert.objects.select_for_update(of=("self",)).select_related("user").get(pk=expert.pk)
    before = {name: getattr(expert, name) for name in FACTS}
    expert = _checked(expert, facts)
    changed = [name for name in FACTS if getattr(expert, name) != before[name]]
    if not changed:
        return expert
    expert.save()
    if "user" in changed:
        running = expert.panels.filter(edition__concluded_at__isnull=True)
        running.update(user=expert.user)
    audit.record(
        "review.manage_register",
        expert,
        by=by,
        now=now,
        changed={name: [_plain(name, before[name]), _plain(name, getattr(expert, name))] for name in changed},
    )
    return expert


def set_active(expert: Expert, active: bool, *, by: Membership, now: datetime) -> Expert:
    """Out of the register, or back into it: who is out is not drawn; panels that sit stay as they are."""
    return change_expert(expert, active=active, by=by, now=now)


def districts() -> list[str]:
    """The districts an expert may be of, in the city's own order."""
    places = Organisation.objects.filter(kind=Organisation.Kind.DISTRICT, active=True)
    return list(dict.fromkeys(places.order_by("position").values_list("division_name", flat=True)))


def split_fields(text: str) -> list[str]:
    """Fields as people write them: between any comma, semicolon, 、 or line break; each once."""
    for mark in "，,；;\n/":
        text = text.replace(mark, "、")
    return list(dict.fromkeys(part.strip() for part in text.split("、") if part.strip()))


def _lock() -> None:
    """Two offices at once wait for one another: who is the same person is judged over all."""
    list(Expert.objects.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def _checked(expert: Expert, facts: dict) -> Expert:
    """The row with its facts, nothing saved; refused where they do not fit."""
    unknown = set(facts) - set(FACTS)
    if unknown:
        raise TypeError(f"not kept of an expert: {unknown}")
    held = expert.user_id
    for name, value in facts.items():
        setattr(expert, name, value.strip() if isinstance(value, str) else value)
    if not expert.name:
        raise Refused("请填写专家姓名。")
    if expert.employer_code:
        credit_code(expert.employer_code)
    others = Expert.objects.exclude(pk=expert.pk)
    key = person_key(expert.name, expert.employer)
    for other in others.filter(name__iexact=expert.name):
        if person_key(other.name, other.employer) == key and _same_person(other, expert):
            raise Refused(
                "专家库中已有{employer}的{name}，请在原有记录上修改。",
                employer=expert.employer or "同一工作单位",
                name=expert.name,
            )
    if expert.user_id and expert.user_id != held:
        if others.filter(user=expert.user_id).exists():
            raise Refused("账户“{user}”已属于另一位专家。", user=expert.user.username)
        if not Membership.objects.active().filter(user=expert.user_id, role=Role.EXPERT).exists():
            raise Refused("{name}的账户没有专家身份，请系统管理员先设置。", name=expert.name)
    expert.full_clean()
    return expert


def _same_person(one: Expert, other: Expert) -> bool:
    """Two of one name without an employer are told apart by their accounts."""
    return bool(other.employer) or not (one.user_id and other.user_id and one.user_id != other.user_id)


def person_key(name: str, employer: str) -> tuple[str, str]:
    return name_key(name), name_key(employer or "")


def _shown(expert: Expert, names) -> dict:
    facts = {name: _plain(name, getattr(expert, name)) for name in names}
    return {name: value for name, value in facts.items() if value not in ("", None, [])}


def _plain(name: str, value):
    if name in PRIVATE:
        return "…" if value else ""
    return value.username if isinstance(value, User) else value
