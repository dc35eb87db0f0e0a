"""The clock of an objection, in working days: by when it is accepted, decided, answered; who is reminded."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awards import rules
from awards.models import Handler, Objection
from nominations.models import Edition
from portal import audit, calendar
from portal.models import Membership, Role
from portal.notify import notify, told_today

State = Objection.State
REMIND = "awards.remind_objection"
#: 委员会决定: this many days before a due day, on the day, and every day after it.
DAYS_BEFORE = (2, 1, 0)


def accept_due(edition: Edition, lodged_at: datetime) -> date | None:
    return rules.due(timezone.localdate(lodged_at), edition.accept_workdays, calendar.published())


def decide_due(edition: Edition, accepted_at: datetime) -> date | None:
    return rules.due(timezone.localdate(accepted_at), edition.decide_workdays, calendar.published())


def due_of(objection: Objection) -> date | None:
    """The day that counts now. None: answered, or the calendar of the year is not entered yet."""
    match objection.state:
        case State.LODGED | State.DECLINED:
            return objection.accept_due
        case State.ACCEPTED | State.UPHELD | State.DISMISSED:
            return objection.decide_due
    return None


@transaction.atomic
def set_due_days(*, now: datetime) -> int:
    """Set what could not be counted when it began: the year's calendar is entered meanwhile."""
    waits = Q(accept_due__isnull=True) | Q(accepted_at__isnull=False, decide_due__isnull=True)
    rows = Objection.objects.open().filter(waits).select_for_update(of=("self",)).order_by("pk")
    changed = 0
    for objection in rows.select_related("notice__edition"):
        edition, set_now = objection.notice.edition, {}
        if objection.accept_due is None:
            set_now["accept_due"] = accept_due(edition, objection.lodged_at)
        if objection.decide_due is None and objection.accepted_at:
            set_now["decide_due"] = decide_due(edition, objection.accepted_at)
        set_now = {name: day for name, day in set_now.items() if day}
        if not set_now:
            continue
        for name, day in set_now.items():
            setattr(objection, name, day)
        objection.save(update_fields=list(set_now))
        audit.record(
            "awards.set_objection_due",
            objection,
            by=Membership.objects.system(),
            now=now,
            edition=edition,
            **{name: day.isoformat() for name, day in set_now.items()},
        )
        changed += 1
    return changed


def remind_due(*, now: datetime) -> int:
    """Tell the handlers, or the office where there are none, what falls due; once a day and no more."""
    editions = Edition.objects.filter(notices__objections__in=Objection.objects.open()).distinct()
    return sum(_remind(edition, now) for edition in editions.order_by("pk"))


@transaction.atomic
def _remind(edition: Edition, now: datetime) -> int:
    # Two workers at once: the second waits here, and then sees whom the first has told.
    edition = Edition.objects.select_for_update(of=("self",)).select_related("host").get(pk=edition.pk)
    today = timezone.localdate(now)
    told = told_today(edition, REMIND, today)
    reached: set[int] = set()
    rows = Objection.objects.open().filter(notice__edition=edition).select_related("nomination__enterprise")
    for objection in rows.order_by("pk"):
        day = due_of(objection)
        left = (day - today).days if day else None
        if left is None or (left > 0 and left not in DAYS_BEFORE):
            continue
        hats = [hat for hat in handling_hats(objection, edition.host) if hat.user_id not in told]
        notify(
            REMIND,
            hats,
            subject=_subject(objection, left),
            url=reverse("awards:objection", args=[objection.pk]),
            now=now,
            edition=edition,
            nomination=objection.nomination,
        )
        reached |= {hat.user_id for hat in hats}
    return len(reached)


def handling_hats(objection: Objection, host) -> list[Membership]:
    """Whom to tell of it: who handles it, and the whole office while nobody does."""
    office = Membership.objects.at(host, Role.OFFICE).select_related("user")
    handlers = Handler.objects.filter(objection=objection, until__isnull=True)
    return list(office.filter(user__in=handlers.values("user"))) or list(office)


def _subject(objection, left) -> str:
    words = {"number": objection.number, "name": objection.nomination.subject_name}
    if left < 0:
        return _("异议 {number}（{name}）已逾期 {n} 天，请尽快办理").format(n=-left, **words)
    if left == 0:
        return _("异议 {number}（{name}）今天到期").format(**words)
    return _("异议 {number}（{name}）还有 {n} 天到期").format(n=left, **words)
