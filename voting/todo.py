"""What a poll has waiting for the office that hosts it."""

from datetime import datetime

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.models import Edition
from nominations.states import State, StepKind
from portal.models import Role
from portal.todo import Todo
from voting.models import Alarm, Case, Poll
from voting.services.destroying import ends_of_appeal


def todos(hat, *, now: datetime) -> list[Todo]:
    if hat is None or hat.role != Role.OFFICE:
        return []
    polls = Poll.objects.filter(
        Q(closed_at=None) | Q(secret_destroyed_at=None), edition__host=hat.organisation
    ).select_related("edition")
    cases = _cases(hat)
    lines = [line for poll in polls for line in _of(poll, now, undecided=poll.pk in cases)]
    decide = (_to_decide(hat, each) for each in cases.values())
    return [*_without_poll(hat), *lines, *_alarms(hat), *decide]


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


def _alarms(hat):
    """The open alarms of a poll in one line; a single one by itself."""
    rows = Alarm.objects.filter(state="open", poll__edition__host=hat.organisation, poll__closed_at=None)
    polls = rows.order_by().values("poll").annotate(n=Count("pk"), newest=Max("pk"))
    names = Poll.objects.select_related("edition").in_bulk([each["poll"] for each in polls])
    for each in polls:
        poll = names[each["poll"]]
        if each["n"] == 1:
            url = reverse("voting:alarm", args=[each["newest"]])
        else:
            url = reverse("voting:alarms", args=[poll.edition_id])
        yield Todo(_("处理异常预警"), str(poll.edition), url, _day(poll.closes), count=each["n"])


def _cases(hat) -> dict[int, list[Case]]:
    """The undecided cases of this office, by poll."""
    found: dict[int, list[Case]] = {}
    rows = Case.objects.filter(decision="", poll__edition__host=hat.organisation, poll__closed_at=None)
    for case in rows.select_related("poll__edition", "proposed_by").order_by("poll", "number"):
        found.setdefault(case.poll_id, []).append(case)
    return found


def _to_decide(hat, cases):
    """Another person's proposals are to be decided; one's own wait for somebody else."""
    poll = cases[0].poll
    others = [case for case in cases if case.proposed_by.user_id != hat.user_id]
    verb = _("决定异常票处置案") if others else _("等待另一人决定异常票处置案")
    shown = others or cases
    if len(shown) == 1:
        url = reverse("voting:case", args=[shown[0].pk])
    else:
        url = reverse("voting:cases", args=[poll.edition_id])
    return Todo(verb, str(poll.edition), url, _day(poll.closes), count=len(shown), waiting=not others)


def _of(poll, now, *, undecided=False):
    url = reverse("voting:poll", args=[poll.edition_id])
    name = str(poll.edition)
    if poll.closed_at:
        if now >= ends_of_appeal(poll):
            # The key lies on the servers: whoever keeps them runs the command.
            yield Todo(_("请运维人员销毁投票密钥"), name, url, _day(ends_of_appeal(poll)))
    elif not poll.opened_at:
        yield Todo(_("开启投票"), name, url, _day(poll.opens))
    elif now < poll.opens:
        yield Todo(_("等待投票开始"), name, url, _day(poll.opens), waiting=True)
    elif now < poll.closes:
        verb = _("恢复已暂停的投票") if poll.paused_at else _("等待投票截止")
        yield Todo(verb, name, url, _day(poll.closes), waiting=not poll.paused_at)
    elif undecided:
        yield Todo(_("先决定异常票处置案，再计票"), name, url, _day(poll.closes))
    elif poll.closes_itself:
        yield Todo(_("等待自动计票"), name, url, _day(poll.closes), waiting=True)
    else:
        yield Todo(_("核查异常票并计票"), name, url, _day(poll.closes))


def _day(moment):
    return timezone.localtime(moment).date()
