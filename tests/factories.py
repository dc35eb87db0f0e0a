"""What tests stand on: organisations, hats, an edition, nominations brought to a state by those who may.

Everything is found again when asked for twice: `hat("office")` is the same hat in one test.
"""

from itertools import count

from django.contrib.auth.hashers import make_password
from stdnum.cn import uscc

from awards.models import Honour
from nominations.models import Category, Declaration, Edition, Enterprise, Nomination
from nominations.services import advance
from nominations.services.editions import create_edition, publish_edition
from nominations.states import State
from portal.ground import lay
from portal.models import Membership, Organisation, Role, User
from tests.moments import NOW

PASSWORD = "correct horse battery 9"
PLACE = {
    "office": "city",
    "auditor": "city",
    "admin": "city",
    "recommender": "370202",
    "department": "dept-kjj",
    "expert": "panel",
    "inspector": "team",
}
# The way through the machine, by hand: from state, move, whose move it is.
WAY = (
    ("draft", "submit", "recommender"),
    ("recommendation", "recommend", "recommender"),
    ("screening", "qualify", "office"),
    ("review", "put_to_vote", "office"),
    ("voting", "shortlist", "office"),
    ("inspection", "publish", "office"),
    ("publicity", "honour", "office"),
    ("named", None, None),
)
_numbers = count(1)


def city() -> Organisation:
    return organisation("city")


def district(name: str = "市南区") -> Organisation:
    return organisation("370211" if name == "青岛西海岸新区" else name)


def organisation(name: str | Organisation) -> Organisation:
    """By code, name, short name or division name; the ground is laid when nothing is there yet."""
    if isinstance(name, Organisation):
        return name
    if not Organisation.objects.filter(code="city").exists():
        lay(NOW)
    for key in ("code", "name", "short_name", "division_name"):
        found = Organisation.objects.filter(**{key: name}).first()
        if found:
            return found
    raise LookupError(name)


def hat(
    role: str = "office", org: str | Organisation | None = None, username: str = "", **user
) -> Membership:
    """The hat of a role: at its usual place, or at `org`. The same username is the same person."""
    if role == Role.SYSTEM:
        return Membership.objects.system()
    if role == Role.PUBLIC:
        return Membership.objects.public()
    if org is None and role == Role.APPLICANT:
        org = enterprise(1, account=True).organisation
    place = organisation(org if org is not None else PLACE[role])
    name = username or f"{role}-{place.code}"
    person, _made = User.objects.get_or_create(
        username=name,
        defaults={"full_name": f"{name}（演示）", "password": make_password(PASSWORD), **user},
    )
    found = Membership.objects.select_related("user", "organisation")
    return found.get_or_create(user=person, role=role, organisation=place)[0]


def sign_in(client, worn: Membership):
    """Sign the person in and put this hat on."""
    client.force_login(worn.user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["hat"] = worn.pk
    session.save()
    return client


def edition(*, host: str | Organisation = "city", published: bool = True, now=NOW, **fields) -> Edition:
    """A small edition (2 seats, 4 nominees) of a host, made and published by its own office."""
    host = organisation(host)
    office = hat("office", host)
    fields = {"year": 2026, "seats": 2, "nominees": 4, "min_picks": 1, "max_picks": 2} | fields
    fields.setdefault("title", f"{host.short_name}演示届 {next(_numbers)}")
    category = fields.setdefault("category", Category.objects.get(code="qycx"))
    if not category.rubric:
        fields.setdefault("dimensions", [("whole", "总体评价", "100")])
    made = create_edition(by=office, now=now, host=host, **fields)
    return publish_edition(made, by=office, now=now) if published else made


def honour(enterprise, **fields):
    """A naming of an enterprise, as it stands in the registry."""
    category = (
        fields.pop("category", None)
        or Category.objects.get_or_create(
            code="qycx", defaults={"name": "全员创新企业", "certificate": True, "medal": True}
        )[0]
    )
    fields = {"level": "city", "title": "演示称号"} | fields
    fields.setdefault("subject_key", enterprise.credit_code)
    fields.setdefault("subject_name", enterprise.name)
    fields.setdefault("division_name", enterprise.division_name)
    return Honour.objects.create(enterprise=enterprise, category=category, **fields)


def credit_code(n: int, division: str = "370202") -> str:
    """The n-th fictional credit code, with its right check character."""
    body = f"91{division}MA{n:07d}"
    return body + uscc.calc_check_digit(body)


def enterprise(n: int | None = None, *, account: bool = False, **fields) -> Enterprise:
    """The n-th fictional enterprise; with an organisation of its own when it has an account."""
    n = next(_numbers) + 1000 if n is None else n
    fields = {"name": f"演示企业{n}（演示）", "division_name": "市南区"} | fields
    made, _new = Enterprise.objects.get_or_create(credit_code=credit_code(n), defaults=fields)
    if account and not made.organisation_id:
        made.organisation = Organisation.objects.create(
            code=f"e{made.credit_code}",
            name=made.name,
            short_name=made.name,
            kind=Organisation.Kind.ENTERPRISE,
            parent=organisation("city"),
            position=1000 + n,
        )
        made.save()
    return made


def nomination(
    of: Edition,
    subject: int | Enterprise | None = None,
    *,
    state: str = "draft",
    recommender: str | Organisation = "市南区",
    rank: int | None = None,
    now=NOW,
    **declared,
) -> Nomination:
    """A nomination of an edition, brought to `state` by the hats whose moves lead there."""
    recommender = organisation(recommender)
    subject = subject if isinstance(subject, Enterprise) else enterprise(subject)
    made = Nomination.objects.create(
        edition=of,
        enterprise=subject,
        subject_key=subject.credit_code,
        subject_name=subject.name,
        recommender=recommender,
        rank=rank,
        created_at=now,
        created_by=hat("recommender", recommender),
    )
    declared = {
        "nature": "民营",
        "industry": "制造业",
        "division_name": subject.division_name,
        "independent": True,
        "employees": 300,
        "union_members": 280,
        "contact_name": "演示联系人",
        "contact_phone": "19900000000",
        "deeds": "演示事迹：开展“五小”活动和师带徒。",
    } | declared
    Declaration.objects.create(nomination=made, **declared)
    return bring(made, state, now=now)


def bring(moved: Nomination, state: str, *, now=NOW) -> Nomination:
    """Take a nomination along the way to `state` through `advance`, each move by the hat that may."""
    office = hat("office", moved.edition.host)
    if state == State.WITHDRAWN:
        return advance(moved, "withdraw", by=office, now=now, note="演示撤回")
    if state == State.REJECTED:
        if moved.state in (State.DRAFT, State.RECOMMENDATION):
            moved = bring(moved, State.SCREENING, now=now)
        return advance(moved, "reject", by=office, now=now, note="演示理由")
    names = [at for at, _move, _whose in WAY]
    if names.index(state) < names.index(moved.state):
        raise ValueError(f"{moved.state} is already past {state}")
    for _at, move, whose in WAY[names.index(moved.state) : names.index(state)]:
        by = office if whose == "office" else hat("recommender", moved.recommender)
        moved = advance(moved, move, by=by, now=now)
    return moved
