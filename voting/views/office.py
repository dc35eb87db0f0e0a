"""The office's cockpit of a poll."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nominations.models import Edition
from nominations.services.editions import rules_of
from nominations.stepper import stepper
from portal.permissions import require
from portal.templatetags.portal import cndatetime, cnday
from voting.forms import ConfirmForm, PauseForm, PollForm, ReasonForm, ResumeForm, SelectionForm
from voting.models import Poll, Quarantine
from voting.services import casting, counting, polls, quarantine


def poll(request, pk):
    """Where the vote stands, and what can be done about it now."""
    edition, found = _edition(request, pk), None
    require(request.hat, "voting.see_totals", edition)
    now = timezone.now()
    found = Poll.objects.filter(edition=edition).select_related("edition__host").first()
    context = _frame(request, edition, now) | {"poll": found, "rules": _rules(edition)}
    if found:
        context |= _cockpit(found, now)
    else:
        context["nominees"] = polls.nominees_of(edition)
    return render(request, "voting/poll.html", context)


def set_up(request, pk):
    edition = _edition(request, pk)
    require(request.hat, "voting.set_up_poll", edition)
    now = timezone.now()
    found = Poll.objects.filter(edition=edition).first()
    form = PollForm.of(edition, found, request.POST or None)
    if request.method == "POST" and form.perform(polls.set_up_poll, edition, by=request.hat, now=now):
        return redirect("voting:poll", edition.pk)
    context = _frame(request, edition, now) | {
        "form": form,
        "nominees": polls.nominees_of(edition),
        "rules": _rules(edition),
    }
    return render(request, "voting/set_up.html", context)


def open_poll(request, pk):
    """Open it, after reading who stands and which rules are frozen by it."""
    edition, found = _poll(request, pk, "voting.open_poll")
    candidates = polls.candidates_of(found)
    sentences = [
        _("{opens} 起受理选票，{closes} 起不再受理，以服务器时间为准。").format(
            opens=cndatetime(found.opens), closes=cndatetime(found.closes)
        ),
        _("冻结本届评选规则：{rules}。").format(
            rules="；".join(f"{name} {value}" for name, value in _rules(edition))
        ),
        *([] if edition.published else [_("本届还没有发布，发布之前公众看不到投票页面。")]),
        _("到时自动关闭并计票。") if found.closes_itself else _("到时停止收票，由办公室核查后关闭并计票。"),
    ]
    return _confirm(
        request,
        edition,
        ConfirmForm,
        (polls.open_poll, found),
        title=_("开启公众投票"),
        sentences=sentences,
        moves=[each.nomination.subject_name for each in candidates],
        moves_title=_("候选企业，依次编号，编号不是排名"),
        undo_note=_("开启后，候选企业、投票时间和评选规则都不能再修改。"),
        verb=_("开启投票，冻结规则"),
    )


def close_poll(request, pk):
    edition, found = _poll(request, pk, "voting.close_poll")
    counted = counting.figures(found)
    sentences = [
        _("收到选票 {cast} 张，隔离 {aside} 张，有效 {valid} 张。").format(
            cast=counted.cast, aside=counted.set_aside, valid=counted.valid
        ),
        _("只计有效选票；每家得票、收到和隔离的张数及理由随即公开。"),
    ]
    return _confirm(
        request,
        edition,
        ConfirmForm,
        (polls.close_poll, found),
        title=_("关闭投票并计票"),
        sentences=sentences,
        undo_note=_("结果冻结后，不能再隔离或恢复选票，也不能重新计票。"),
        verb=_("关闭投票并计票"),
    )


def pause(request, pk):
    edition, found = _poll(request, pk, "voting.pause_poll")
    return _confirm(
        request,
        edition,
        PauseForm,
        (polls.pause_poll, found),
        title=_("暂停投票"),
        sentences=[_("暂停期间不收票，投票页面显示下面的说明。"), _("暂停不延长投票时间。")],
        verb=_("暂停投票"),
        danger=True,
    )


def resume(request, pk):
    edition, found = _poll(request, pk, "voting.pause_poll")
    return _confirm(
        request,
        edition,
        ResumeForm,
        (polls.resume_poll, found),
        title=_("恢复投票"),
        sentences=[_("即刻起继续收票，直到 {closes}。").format(closes=cndatetime(found.closes))],
        verb=_("恢复投票"),
    )


def set_aside(request, pk):
    """Preview a selection, then set it aside with a reason."""
    edition, found = _poll(request, pk, "voting.quarantine")
    networks = counting.networks(found)
    asked = SelectionForm(request.GET or None, networks=networks)
    context = _frame(request, edition, timezone.now()) | {"poll": found, "selection": asked}
    if not asked.is_valid():
        return render(request, "voting/set_aside.html", context)
    if asked.is_open_ended(timezone.now()):
        # What is previewed is what is set aside: ballots still to come are never part of it.
        return redirect(f"{request.path}?{asked.until_now(timezone.now())}")
    ballots = quarantine.selection(found, **asked.cleaned_data)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.perform(
        quarantine.set_aside,
        found,
        ballots.values_list("pk", flat=True),
        by=request.hat,
        now=timezone.now(),
    ):
        return redirect("voting:poll", edition.pk)
    number = ballots.count()
    context |= {"form": form, "number": number, "hours": _bars(counting.by_hour(ballots))}
    return render(request, "voting/set_aside.html", context)


def restore(request, pk):
    act = get_object_or_404(
        Quarantine.objects.filter(kind=Quarantine.Kind.SET_ASIDE).select_related("poll__edition"), pk=pk
    )
    edition, _found = _poll(request, act.poll.edition_id, "voting.quarantine")
    ballots = quarantine.of_act(act)
    sentences = [
        _("恢复因“{reason}”隔离的 {n} 张选票，重新计入有效票。").format(reason=act.reason, n=len(ballots)),
        _("原来的隔离记录保留，恢复另记一条。"),
    ]
    return _confirm(
        request,
        edition,
        ReasonForm,
        (quarantine.restore, act.poll, ballots),
        title=_("恢复选票"),
        sentences=sentences,
        verb=_("恢复这 {n} 张选票").format(n=len(ballots)),
    )


def _edition(request, pk) -> Edition:
    found = Edition.objects.visible_to(request.hat).select_related("host").prefetch_related("steps")
    return get_object_or_404(found, pk=pk)


def _poll(request, pk, act):
    edition = _edition(request, pk)
    require(request.hat, act, edition)
    return edition, get_object_or_404(Poll.objects.select_related("edition__host"), edition=edition)


def _frame(request, edition, now):
    return {"edition": edition, "steps": stepper(edition, request.hat, now=now)}


def _confirm(request, edition, form_class, service, **words):
    """One page for every consequence: the words, then the service with what was filled in."""
    now = timezone.now()
    form = form_class(request.POST if request.method == "POST" else None)
    call, *subjects = service
    if request.method == "POST" and form.perform(call, *subjects, by=request.hat, now=now):
        return redirect("voting:poll", edition.pk)
    words |= {"form": form, "cancel_url": reverse("voting:poll", args=[edition.pk])}
    return render(request, "voting/confirm.html", _frame(request, edition, now) | words)


def _cockpit(found, now):
    until = counting.totals_until(found, now=now)
    acts = list(found.quarantines.select_related("done_by__user", "done_by__organisation").order_by("-pk"))
    sizes = counting.sizes_of(acts)
    return {
        "phase": casting.phase(found, now),
        "candidates": polls.candidates_of(found),
        "figures": counting.figures(found) if found.opened_at else None,
        "hours": _bars(counting.ballots_by_hour(found)[-24:]),
        "until": until,
        "lines": counting.lines(found, until=until) if until else [],
        "result": getattr(found.edition, "vote_result", None),
        "acts": [(act, sizes.get(act.pk, 0)) for act in acts],
    }


def _hour(hour) -> str:
    return f"{cnday(hour)} {hour:%H:00}"


def _bars(hours):
    most = max((number for _each, number in hours), default=0)
    return [
        {
            "label": _hour(timezone.localtime(each)),
            "value": number,
            "of": most,
            "words": ngettext("{n} 张", "{n} 张", number).format(n=number),
        }
        for each, number in hours
    ]


def _rules(edition) -> list[tuple[str, str]]:
    """The frozen rules in words, for the page that freezes them."""
    rules = rules_of(edition)
    picks = _("{least} 至 {most} 家").format(least=rules["min_picks"], most=rules["max_picks"])
    return [
        (_("命名名额"), _("{n} 家").format(n=rules["seats"])),
        (_("差额比例"), rules["ratio"]),
        (_("专家评审权重"), f"{rules['expert_weight']}%"),
        (_("公众投票权重"), f"{rules['vote_weight']}%"),
        (_("每张选票"), picks),
        (_("投票次数"), edition.get_ballots_per_display()),
        (_("票数公布"), edition.get_totals_display()),
    ]
