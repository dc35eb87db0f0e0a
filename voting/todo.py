"""What a poll has waiting for the office that hosts it."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.models import Edition
from nominations.states import State, StepKind
from portal.models import Role
from portal.todo import Todo
from voting.models import Poll


def todos(hat, *, now: datetime) -> list[Todo]:
    if hat is None or hat.role != Role.OFFICE:
        return []
    polls = Poll.objects.filter(edition__host=hat.organisation, closed_at=None).select_related("edition")
    return [*_without_poll(hat), *(line for poll in polls for line in _of(poll, now))]


def _without_poll(hat):
    waiting = Edition.objects.filter(
        host=hat.organisation,
        poll=None,
        concluded_at=None,
        nominations__state=State.VOTING,
        steps__kind=StepKind.VOTING,
        steps__enabled=True,
        steps__closed_at=None,
    )
    for edition in waiting.distinct():
        yield Todo(_("设置投票"), str(edition), reverse("voting:poll", args=[edition.pk]))


def _of(poll, now):
    url = reverse("voting:poll", args=[poll.edition_id])
    name = str(poll.edition)
    if not poll.opened_at:
        yield Todo(_("开启投票"), name, url, _day(poll.opens))
    elif now < poll.opens:
        yield Todo(_("等待投票开始"), name, url, _day(poll.opens), waiting=True)
    elif now < poll.closes:
        verb = _("恢复已暂停的投票") if poll.paused_at else _("等待投票截止")
        yield Todo(verb, name, url, _day(poll.closes), waiting=not poll.paused_at)
    elif poll.closes_itself:
        yield Todo(_("等待自动计票"), name, url, _day(poll.closes), waiting=True)
    else:
        yield Todo(_("核查异常票并计票"), name, url, _day(poll.closes))


def _day(moment):
    return timezone.localtime(moment).date()
