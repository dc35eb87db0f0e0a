"""What the portal already knows of a credit code, and taking over what was declared before."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from nominations import rules
from nominations.declaration import ENTERPRISE, Field, shape_of
from nominations.declaration.cleaning import is_blank
from nominations.models import Declaration, Edition, Enterprise, Nomination
from nominations.services.completeness import facts_of
from nominations.services.declaring import declares_itself, locked, save_declaration
from nominations.services.duplicates import duplicates
from nominations.subjects import is_enterprise
from portal.errors import Refused
from portal.models import Membership, Role
from portal.permissions import require

#: What is much the same from year to year; recognitions, figures and deeds are declared afresh.
TAKEN_OVER = ("basics", "kind", "company", "contact")


@dataclass(frozen=True)
class Known:
    """`taken` is its live nomination in this edition, `earlier` what this hat may see of other editions.

    Where the subject is not the enterprise, `others` are what this hat may see of the same enterprise here.
    """

    code: str
    name: str = ""
    division: str = ""
    taken: Nomination | None = None
    earlier: list[Nomination] = field(default_factory=list)
    others: list[Nomination] = field(default_factory=list)
    honours: list = field(default_factory=list)
    barred: bool = False
    out_of_city: bool = False


def read_known(edition: Edition, text: str, *, by: Membership) -> Known:
    """Refused, saying where, when the code is wrong; an enterprise's account asks only about itself."""
    require(by, "nominations.create", edition)
    code = rules.credit_code(text)
    if by.role == Role.APPLICANT and not declares_itself(code, by):
        raise Refused("只能为本企业申报。统一社会信用代码“{code}”不是本企业账户登记的代码。", code=code)
    division = edition.host.division_code
    outside = bool(division) and rules.out_of_city(code, (division[:4],))
    subject = Enterprise.objects.filter(credit_code=code).first()
    if subject is None:
        return Known(code, out_of_city=outside)
    found = duplicates(edition, code)
    seen = Nomination.objects.visible_to(by).filter(enterprise=subject)
    others = [] if is_enterprise(edition) else seen.filter(edition=edition).live().order_by("pk")
    earlier = (
        seen.exclude(edition=edition)
        .select_related("edition", "recommender")
        .order_by("-edition__year", "-pk")
    )
    honours = subject.honours.filter(revoked_on__isnull=True).exclude(nomination__edition__published=False)
    return Known(
        code,
        subject.name,
        subject.division_name,
        taken=found.nomination,
        earlier=list(earlier[:10]),
        others=list(others[:10]),
        honours=list(honours.order_by("-year", "pk")[:10]),
        barred=bool(found.honours),
        out_of_city=outside,
    )


def last_declared(nomination: Nomination, hat: Membership) -> Nomination | None:
    """The newest earlier nomination of the same enterprise that this hat may see."""
    return (
        Nomination.objects.visible_to(hat)
        .filter(enterprise=nomination.enterprise_id, created_at__lte=nomination.created_at)
        .exclude(pk=nomination.pk)
        .select_related("edition__category", "declaration")
        .order_by("-created_at", "-pk")
        .first()
    )


@transaction.atomic
def take_over(nomination: Nomination, *, by: Membership, now: datetime) -> Declaration:
    """Fill what is still blank of the basics from the last declaration; nothing that is there is changed."""
    nomination = locked(nomination)
    require(by, "nominations.edit", nomination)
    source = last_declared(nomination, by)
    if source is None:
        raise Refused("没有可以带入的往届申报。")
    old, new = facts_of(source), facts_of(nomination)
    given = {
        each: old[each.key]
        for each in _taken_over(nomination, source)
        if each.key in old and is_blank(new.get(each.key))
    }
    core = {each.key: value for each, value in given.items() if each.core}
    answers = {each.key: value for each, value in given.items() if not each.core}
    version = Declaration.objects.values_list("version", flat=True).get(nomination=nomination)
    return save_declaration(nomination, by=by, now=now, version=version, answers=answers, **core)


def _taken_over(nomination: Nomination, source: Nomination) -> list[Field]:
    """What both forms ask; of another subject only what is the enterprise's: keys may mean other things."""
    shape, asked = shape_of(nomination.edition), shape_of(source.edition).by_key
    if nomination.subject_key == source.subject_key:
        parts = [part for part in shape.sections if part.key in TAKEN_OVER]
        return [each for part in parts for each in part.fields if each.key in asked]
    of_enterprise = {
        each.key
        for part in ENTERPRISE.sections
        if part.key in TAKEN_OVER
        for each in part.fields
        if each.core
    }
    return [each for each in shape if each.key in of_enterprise - {"name"} and each.key in asked]
