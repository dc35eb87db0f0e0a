"""What the office sees and does while a poll runs."""

from copy import copy

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from portal.permissions import require
from portal.templatetags.portal import cndatetime
from voting.forms.running import PAUSE_NOTES, EffortForm, PauseForm, ResumeForm
from voting.models import Poll
from voting.services import casting, polls, proofs
from voting.views.frame import confirm, edition_of, framed, poll_of
from voting.views.panel import panel

#: What the least effort costs a simple telephone, in seconds: an estimate for people (`services.proofs`).
SECONDS = 0.5


def live(request, pk):
    """The live part of the cockpit, asked for every few seconds by the page it stands on."""
    edition = edition_of(request, pk)
    require(request.hat, "voting.see_totals", edition)
    found = get_object_or_404(Poll.objects.select_related("edition__host"), edition=edition)
    now = timezone.now()
    phase = casting.phase(found, now)
    if request.GET.get("phase", phase) != phase:
        # What can be done has changed too: the whole page anew.
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    context = live_context(request, found, phase, now)
    context["news"] = context["heard"] != request.GET.get("heard", "")
    return render(request, "voting/live.html", context | {"edition": edition})


def live_context(request, poll, phase, now) -> dict:
    """The figures, and the address of their next reading."""
    context = panel(poll, phase, now) | {"poll": poll}
    table = bool(request.GET.get("table"))
    query = {"phase": phase, "heard": context["heard"]} | ({"table": 1} if table else {})
    url = reverse("voting:live", args=[poll.edition_id])
    return context | {
        "table": table,
        "still": bool(request.GET.get("still")),
        "again_url": f"{url}?{urlencode(query)}",
    }


def pause(request, pk):
    """Pause with a public note: what happens, who is told, and what the public will see."""
    edition, found = poll_of(request, pk, "voting.pause_poll")
    now = timezone.now()
    form = PauseForm(request.POST or None, initial={"usual": "0"})
    sure = request.method == "POST" and "look" not in request.POST
    if sure and form.perform(polls.pause_poll, found, by=request.hat, now=now):
        return redirect("voting:poll", edition.pk)
    note = str(PAUSE_NOTES[0])
    if form.is_bound and form.is_valid():
        note = form.cleaned_data["note"]
    told = "、".join(str(hat.user) for hat in polls.told_of_a_pause(found, request.hat))
    words = {
        "title": _("暂停投票"),
        "sentences": [
            _("即刻起不收票。投票页面几秒内显示下面的说明，打开着的页面在提交时显示。"),
            _("正在提交的选票：暂停以前写入的有效；没有写入的不收，恢复后可以用同一张再交，不会多计。"),
            _("暂停不延长投票时间，{closes} 照常截止。").format(closes=cndatetime(found.closes)),
            _("系统通知：{names}。").format(names=told or _("没有其他人")),
        ],
        "verb": _("暂停投票，公布这条说明"),
        "seen": _seen(found, note, now),
        "form": form,
        "poll": found,
        "cancel_url": reverse("voting:poll", args=[edition.pk]),
    }
    return render(request, "voting/pause.html", framed(request, edition, now) | words)


def resume(request, pk):
    edition, found = poll_of(request, pk, "voting.pause_poll")
    told = "、".join(str(hat.user) for hat in polls.told_of_a_pause(found, request.hat))
    return confirm(
        request,
        edition,
        lambda data: ResumeForm(data, initial={"note": found.public_note}),
        (polls.resume_poll, found),
        title=_("恢复投票"),
        sentences=[
            _("即刻起继续收票，直到 {closes}。").format(closes=cndatetime(found.closes)),
            _("系统通知：{names}。").format(names=told or _("没有其他人")),
        ],
        verb=_("恢复投票"),
    )


def effort(request, pk):
    """Have telephones compute more, or less again."""
    edition, found = poll_of(request, pk, "voting.raise_effort")

    def form(data):
        return EffortForm(data, meanings=meanings(), initial={"effort": found.effort})

    return confirm(
        request,
        edition,
        form,
        (polls.raise_effort, found),
        title=_("调整防刷强度"),
        sentences=[
            _("现在是“{effort}”。").format(effort=found.get_effort_display()),
            _("获取验证码和投票之前，手机要先算一道题；强度越高，成批投票越费机器，投票人等得也越久。"),
            _("几秒内对新的请求生效，已经算好的仍然有效。已收到的选票不受影响。"),
            _("可以再调回来。网址不是加密连接时手机不能计算，这一项不起作用。"),
        ],
        verb=_("调整防刷强度"),
    )


def meanings() -> dict[str, str]:
    """Of each effort, what it means for a telephone."""
    found = {}
    for value, step in proofs.STEPS.items():
        times, seconds = 2**step, SECONDS * 2**step
        if seconds < 1:
            found[str(value)] = _("普通手机每次算不到 1 秒")
        else:
            found[str(value)] = _("普通手机每次约算 {seconds} 秒，是“常规”的 {times} 倍").format(
                seconds=round(seconds), times=times
            )
    return found


def _seen(poll, note, now):
    """The poll as the public would see it once paused."""
    seen = copy(poll)
    seen.paused_at, seen.public_note = now, note
    return seen
