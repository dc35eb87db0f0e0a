"""The office's cockpit of a poll."""

from io import BytesIO

from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.services.editions import rules_of
from nominations.states import StepKind
from portal.permissions import require
from portal.templatetags.portal import cndatetime
from portal.workbook.writing import attachment
from voting.forms import ConfirmForm, PollForm
from voting.models import Effort, Poll
from voting.services import casting, counting, polls, tables, watching
from voting.services.destroying import ends_of_appeal
from voting.views.frame import bars, confirm, edition_of, framed, poll_of
from voting.views.running import live_context, meanings


def poll(request, pk):
    """Where the vote stands, and what can be done about it now."""
    edition, found = edition_of(request, pk), None
    require(request.hat, "voting.see_totals", edition)
    now = timezone.now()
    found = Poll.objects.filter(edition=edition).select_related("edition__host").first()
    context = framed(request, edition, now) | {"poll": found, "rules": _rules(edition)}
    if found:
        context |= _cockpit(request, found, now)
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
        _("参评地区：{area}。").format(area=found.area or _("未填写，不提示外地号码比例")),
        _("截止后 {n} 天内，投票人可以凭手机号码查询；过后由办公室销毁密钥。").format(n=found.appeal_days),
        _("防刷强度：{effort}（{meaning}）。投票期间可以调整。").format(
            effort=found.get_effort_display(), meaning=meanings()[found.effort]
        ),
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
        undo_note=_("开启后，候选企业、投票时间、参评地区、查询期和评选规则都不能再修改。"),
        verb=_("开启投票，冻结规则"),
    )


def close_poll(request, pk):
    edition, found = poll_of(request, pk, "voting.close_poll")
    counted, log = counting.figures(found), watching.log(found)
    alarmed, undecided = watching.open_alarms(found)[1], watching.open_cases(found)[1]
    waiting = [
        words.format(n=number)
        for number, words in (
            (undecided, _("还有 {n} 件异常票处置案没有决定，决定之后才能计票。")),
            (alarmed, _("还有 {n} 条预警没有处理。计票以后不能再隔离，请先看一遍。")),
            (log.waiting, _("还有 {n} 张选票没有进入公开记录，计票时一并处理。")),
        )
        if number
    ]
    sentences = [
        _("收到选票 {cast} 张，隔离 {aside} 张，有效 {valid} 张。").format(
            cast=counted.cast, aside=counted.set_aside, valid=counted.valid
        ),
        *(waiting or [_("预警和处置案都已办完，选票都已进入公开记录。")]),
        _("只计有效选票；每家得票、收到和隔离的张数及理由随即公开。"),
        _("随后发布公开记录：全部选票（不含身份）、检查点、处置案和计票结果，任何人都可以核对。"),
        _("截止后 {n} 天内，投票人仍可凭手机号码查询自己的选票。").format(n=found.appeal_days),
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


def export(request, pk):
    """公众投票结果.xlsx, once it is counted."""
    _edition, found = poll_of(request, pk, "voting.see_totals")
    if not found.closed_at:
        raise Http404
    out = BytesIO()
    tables.write_result(found, out, by=request.hat)
    return attachment(_("公众投票结果.xlsx"), out.getvalue())


def _cockpit(request, found, now):
    phase, until = casting.phase(found, now), counting.totals_until(found, now=now)
    acts = list(found.quarantines.select_related("done_by__user", "done_by__organisation").order_by("-pk"))
    sizes = counting.sizes_of(acts)
    context = {
        "phase": phase,
        "candidates": polls.candidates_of(found),
        "until": until,
        "lines": counting.lines(found, until=until) if until else [],
        "result": getattr(found.edition, "vote_result", None),
        "acts": [(act, sizes.get(act.pk, 0)) for act in acts],
        "history": [_deed(entry) for entry in watching.history(found)],
        "frozen": _frozen(found),
    }
    if phase == "counted":
        hours = bars(counting.ballots_by_hour(found)[-24:])
        return context | {"hours": hours, "appeal_ends": ends_of_appeal(found)}
    if phase == "not_open":
        return context
    context |= live_context(request, found, phase, now)
    return context | ({"hours": bars(watching.by_hour(found, now))} if phase != "waiting" else {})


def _deed(entry) -> dict:
    """What the office did to the poll, in the words of the record."""
    detail = entry.detail
    words = {
        "voting.open_poll": _("开启投票"),
        "voting.pause_poll": _("暂停投票") if detail.get("paused") else _("恢复投票"),
        "voting.raise_effort": _("防刷强度改为“{effort}”").format(
            effort=dict(Effort.choices).get(detail.get("effort"), "")
        ),
    }
    public = entry.act == "voting.pause_poll"
    return {
        "what": words[entry.act],
        "when": entry.at,
        "who": entry.actor_name,
        "why": detail.get("note", ""),
        "public": public,
    }


def _frozen(poll) -> list[tuple[str, str]]:
    """What is fixed for this poll besides the rules of the edition."""
    return [
        (_("参评地区"), poll.area or _("未填写，不提示外地号码比例")),
        (_("查询期"), _("截止后 {n} 天").format(n=poll.appeal_days)),
        (_("防刷强度"), poll.get_effort_display()),
    ]


def _rules(edition) -> list[tuple[str, str]]:
    """The frozen rules in words, for the page that freezes them."""
    rules = rules_of(edition)
    picks = _("{least} 至 {most} 家").format(least=rules["min_picks"], most=rules["max_picks"])
    rows = [(_("命名名额"), _("{n} 家").format(n=rules["seats"]))]
    if edition.has(StepKind.INSPECTION):
        rows.append((_("差额比例"), rules["ratio"]))
    if edition.has(StepKind.REVIEW):
        rows.append((_("专家评审权重"), f"{rules['expert_weight']}%"))
    return [
        *rows,
        (_("公众投票权重"), f"{rules['vote_weight']}%"),
        (_("每张选票"), picks),
        (_("投票次数"), edition.get_ballots_per_display()),
        (_("票数公布"), edition.get_totals_display()),
    ]
