"""The office's cockpit of a poll."""

from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.services.editions import rules_of
from portal.permissions import require
from portal.templatetags.portal import cndatetime
from voting.forms import ConfirmForm, PauseForm, PollForm, ResumeForm
from voting.models import Poll
from voting.services import casting, counting, polls
from voting.views.frame import bars, confirm, edition_of, framed, poll_of


def poll(request, pk):
    """Where the vote stands, and what can be done about it now."""
    edition, found = edition_of(request, pk), None
    require(request.hat, "voting.see_totals", edition)
    now = timezone.now()
    found = Poll.objects.filter(edition=edition).select_related("edition__host").first()
    context = framed(request, edition, now) | {"poll": found, "rules": _rules(edition)}
    if found:
        context |= _cockpit(found, now)
    else:
        context["nominees"] = polls.nominees_of(edition)
    return render(request, "voting/poll.html", context)


def set_up(request, pk):
    edition = edition_of(request, pk)
    require(request.hat, "voting.set_up_poll", edition)
    now = timezone.now()
    found = Poll.objects.filter(edition=edition).first()
    form = PollForm.of(edition, found, request.POST or None)
    if request.method == "POST" and form.perform(polls.set_up_poll, edition, by=request.hat, now=now):
        return redirect("voting:poll", edition.pk)
    context = framed(request, edition, now) | {
        "form": form,
        "nominees": polls.nominees_of(edition),
        "rules": _rules(edition),
    }
    return render(request, "voting/set_up.html", context)


def open_poll(request, pk):
    """Open it, after reading who stands and which rules are frozen by it."""
    edition, found = poll_of(request, pk, "voting.open_poll")
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
    return confirm(
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
    edition, found = poll_of(request, pk, "voting.close_poll")
    counted = counting.figures(found)
    sentences = [
        _("收到选票 {cast} 张，隔离 {aside} 张，有效 {valid} 张。").format(
            cast=counted.cast, aside=counted.set_aside, valid=counted.valid
        ),
        _("只计有效选票；每家得票、收到和隔离的张数及理由随即公开。"),
    ]
    return confirm(
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
    edition, found = poll_of(request, pk, "voting.pause_poll")
    return confirm(
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
    edition, found = poll_of(request, pk, "voting.pause_poll")
    return confirm(
        request,
        edition,
        ResumeForm,
        (polls.resume_poll, found),
        title=_("恢复投票"),
        sentences=[_("即刻起继续收票，直到 {closes}。").format(closes=cndatetime(found.closes))],
        verb=_("恢复投票"),
    )


def _cockpit(found, now):
    until = counting.totals_until(found, now=now)
    acts = list(found.quarantines.select_related("done_by__user", "done_by__organisation").order_by("-pk"))
    sizes = counting.sizes_of(acts)
    return {
        "phase": casting.phase(found, now),
        "candidates": polls.candidates_of(found),
        "figures": counting.figures(found) if found.opened_at else None,
        "hours": bars(counting.ballots_by_hour(found)[-24:]),
        "until": until,
        "lines": counting.lines(found, until=until) if until else [],
        "result": getattr(found.edition, "vote_result", None),
        "acts": [(act, sizes.get(act.pk, 0)) for act in acts],
    }


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
