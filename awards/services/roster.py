"""值班表: who of an office receives the objections of a day, and has them as handler."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from awards.models import DutyTurn
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Organisation, Role, User
from portal.permissions import require


def on_duty(host: Organisation, day: date) -> list[User]:
    """The one of the day, then the deputy; who has left the office since is no longer on it."""
    turn = (
        DutyTurn.objects.filter(host=host, starts_on__lte=day, ends_on__gte=day)
        .select_related("user", "deputy")
        .first()
    )
    if turn is None:
        return []
    here = set(people_of(host).values_list("pk", flat=True))
    return [user for user in (turn.user, turn.deputy) if user and user.pk in here]


def people_of(host: Organisation):
    """Who wears a hat of this office."""
    return User.objects.filter(memberships__in=Membership.objects.at(host, Role.OFFICE)).distinct()


@transaction.atomic
def add_turn(
    *,
    user: User,
    deputy: User | None = None,
    starts_on: date,
    ends_on: date,
    note: str = "",
    by: Membership,
    now: datetime,
) -> DutyTurn:
    require(by, "awards.manage_roster")
    host = Organisation.objects.select_for_update().get(pk=by.organisation_id)
    if ends_on < starts_on:
        raise Refused("结束日期不能早于开始日期。")
    if ends_on < timezone.localdate(now):
        raise Refused("值班的日子已经过去，请从今天起安排。")
    if deputy == user:
        raise Refused("值班人和副班不能是同一人。")
    here = set(people_of(host).values_list("pk", flat=True))
    for person in (user, deputy):
        if person and person.pk not in here:
            raise Refused("“{name}”不是本办公室的人员，请另选。", name=str(person))
    other = DutyTurn.objects.filter(host=host, starts_on__lte=ends_on, ends_on__gte=starts_on).first()
    if other:
        raise Refused(
            "{start} 至 {end} 已由“{name}”值班，日期不能重叠。",
            start=other.starts_on,
            end=other.ends_on,
            name=str(other.user),
        )
    turn = DutyTurn.objects.create(
        host=host,
        user=user,
        deputy=deputy,
        starts_on=starts_on,
        ends_on=ends_on,
        note=note.strip(),
        made_at=now,
        made_by=by,
    )
    audit.record("awards.manage_roster", turn, by=by, now=now, added=_words(turn))
    return turn


@transaction.atomic
def end_turn(turn: DutyTurn, *, by: Membership, now: datetime) -> None:
    """Take a turn off the roster, or end it yesterday where it has begun: what was handled stays handled."""
    require(by, "awards.manage_roster")
    today = timezone.localdate(now)
    turn = (
        DutyTurn.objects.select_for_update(of=("self",)).filter(host=by.organisation_id, pk=turn.pk).first()
    )
    if turn is None or turn.ends_on < today:
        raise Refused("这一班已经结束，不需要撤下。")
    audit.record("awards.manage_roster", turn, by=by, now=now, ended=_words(turn))
    if turn.starts_on < today:
        turn.ends_on = today - timedelta(days=1)
        turn.save(update_fields=["ends_on"])
    else:
        turn.delete()


def turns_of(host: Organisation, today: date) -> list[DutyTurn]:
    """What is on the roster from today on."""
    rows = DutyTurn.objects.filter(host=host, ends_on__gte=today)
    return list(rows.select_related("user", "deputy").order_by("starts_on", "pk"))


def _words(turn: DutyTurn) -> dict[str, str]:
    return {
        "user": str(turn.user),
        "deputy": str(turn.deputy or ""),
        "starts_on": turn.starts_on.isoformat(),
        "ends_on": turn.ends_on.isoformat(),
    }
