"""Who plays in the demonstration: one account a role under a friendly name, and the others it needs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db.models import F

from portal import audit
from portal.errors import N_
from portal.models import Membership, Notification, Organisation, Role, User

#: The same for everybody; demo accounts exist outside production only.
PASSWORD = "demo-only-2020"

EXPERTS = ("专家甲", "专家乙", "专家丙", "专家丁", "专家戊")


@dataclass(frozen=True)
class Account:
    """A person with hats: (role, code of the organisation). Those that are `shown` stand in the table."""

    username: str
    full_name: str
    hats: tuple[tuple[str, str], ...]
    title: str = ""
    staff: bool = False

    @property
    def shown(self) -> bool:
        return bool(self.title)


SHOWN = (
    Account("office", "演示市总办公室", ((Role.OFFICE, "city"),), N_("市总办公室")),
    Account("office2", "演示市总复核人", ((Role.OFFICE, "city"),), N_("市总办公室复核人")),
    Account("district-office", "演示李沧办公室", ((Role.OFFICE, "370213"),), N_("区总办公室（李沧区）")),
    Account("recommender", "演示市南推荐人", ((Role.RECOMMENDER, "370202"),), N_("推荐单位（市南区）")),
    Account("applicant", "演示企业联系人", (), N_("申报企业")),
    Account("winner", "演示命名企业联系人", (), N_("上届命名企业")),
    Account("department", "演示市科技局", ((Role.DEPARTMENT, "dept-kjj"),), N_("部门（市科技局）")),
    Account("consultee", "演示市应急局", ((Role.DEPARTMENT, "dept-yjj"),), N_("征求意见单位（市应急局）")),
    Account("expert", "演示专家甲", ((Role.EXPERT, "panel"),), N_("专家")),
    Account("inspector", "演示考察组长", ((Role.INSPECTOR, "team"),), N_("考察组组长")),
    Account("inspector2", "演示考察成员", ((Role.INSPECTOR, "team"),), N_("考察组成员")),
    Account("auditor", "演示监督人员", ((Role.AUDITOR, "city"),), N_("监督")),
    Account("admin", "演示系统管理员", ((Role.ADMIN, "city"),), N_("系统管理员"), staff=True),
    Account(
        "both",
        "演示市南工作人员",
        ((Role.RECOMMENDER, "370202"), (Role.OFFICE, "370202")),
        N_("推荐单位和区总办公室（市南区）"),
    ),
    Account("office-370203", "演示市北经办人", ((Role.OFFICE, "370203"),), N_("区总办公室经办人（市北区）")),
    Account("office2-370203", "演示市北复核人", ((Role.OFFICE, "370203"),), N_("区总办公室复核人（市北区）")),
)


def cast_list() -> list[Account]:
    """Everybody: those in the table, and one behind each further hat the editions need."""
    taken = {hat for account in SHOWN for hat in account.hats}
    accounts = list(SHOWN)
    for place in Organisation.objects.filter(active=True):
        for role, prefix in _roles_at(place):
            if (role, place.code) not in taken:
                name = f"演示{place.short_name.split('(')[0]}"
                accounts.append(Account(f"{prefix}-{place.code}", name, ((role, place.code),)))
    for number, name in enumerate(EXPERTS[1:], start=2):
        accounts.append(Account(f"expert{number}", f"演示{name}", ((Role.EXPERT, "panel"),)))
    accounts.append(Account("office2-370212", "演示崂山经办人", ((Role.OFFICE, "370212"),)))
    return accounts


def _roles_at(place: Organisation) -> list[tuple[str, str]]:
    roles = []
    if place.kind in Organisation.RECOMMENDING:
        roles.append((Role.RECOMMENDER, "recommender"))
    if place.kind == Organisation.Kind.DISTRICT:
        roles.append((Role.OFFICE, "office"))
    if place.kind in Organisation.CONSULTED:
        roles.append((Role.DEPARTMENT, "department"))
    return roles


class People:
    """The hats by role and place, and the persons by user name."""

    def __init__(self, hats: list[Membership]):
        self._hats = {}
        for hat in hats:
            self._hats.setdefault((hat.role, hat.organisation.code), hat)
        self.by_name = {hat.user.username: hat for hat in hats}
        self.experts = [hat for hat in hats if hat.role == Role.EXPERT]
        self.inspectors = [hat for hat in hats if hat.role == Role.INSPECTOR]

    def hat(self, role: str, code: str) -> Membership:
        return self._hats[role, code]


def make_accounts(now: datetime) -> People:
    """Everybody with one password, hashed once; all of them marked as demo accounts."""
    accounts = cast_list()
    password = make_password(PASSWORD)
    users = User.objects.bulk_create(
        User(
            username=account.username,
            full_name=account.full_name,
            password=password,
            is_demo=True,
            is_staff=account.staff,
            is_superuser=account.staff,
            date_joined=now,
        )
        for account in accounts
    )
    places = {each.code: each for each in Organisation.objects.all()}
    hats = Membership.objects.bulk_create(
        Membership(user=user, role=role, organisation=places[code])
        for account, user in zip(accounts, users, strict=True)
        for role, code in account.hats
    )
    audit.record(
        "portal.manage_people",
        places["city"],
        by=Membership.objects.system(),
        now=now,
        demo=True,
        accounts=len(users),
    )
    return People(list(hats))


def give_account(enterprise, username: str, *, parent: Organisation, now: datetime) -> Membership:
    """Let a demo person act for an enterprise: an organisation of its own, and the applicant's hat at it."""
    place = Organisation.objects.create(
        code=enterprise.credit_code,
        name=enterprise.name,
        short_name=enterprise.name,
        kind=Organisation.Kind.ENTERPRISE,
        parent=parent,
        division_name=enterprise.division_name,
        position=1000 + Organisation.objects.filter(kind=Organisation.Kind.ENTERPRISE).count(),
    )
    enterprise.organisation = place
    enterprise.save(update_fields=["organisation"])
    user = User.objects.get(username=username)
    audit.record("portal.manage_people", place, by=Membership.objects.system(), now=now, user=username)
    return Membership.objects.create(user=user, role=Role.APPLICANT, organisation=place)


def read_old_messages(now: datetime) -> int:
    """Everybody has read what came more than two weeks ago, the day after it came."""
    old = Notification.objects.filter(recipient__is_demo=True, created_at__lt=now - timedelta(days=14))
    return old.update(read_at=F("created_at") + timedelta(days=1))
