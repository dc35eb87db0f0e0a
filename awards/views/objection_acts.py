"""What a handler does beside deciding: reads who it was, hears both sides, asks for time; and the roster."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from awards.forms.handling import AllowForm, AskEnterpriseForm, AssignForm, ExtendForm, HearForm, TurnForm
from awards.models import DutyTurn, Objection, ObjectionPaper
from awards.services import extending, hearing, objection_letters, roster
from awards.services.handlers import assign_handlers, handlers_of, take_up
from awards.services.handling import read_objector, read_paper, read_statements
from awards.views.framing import framed
from awards.views.objections import found_for
from portal import documents, files
from portal.errors import Refused
from portal.permissions import require
from portal.speech import said
from portal.templatetags.portal import cndate
from portal.workbook.writing import disposition


@require_POST
@never_cache
def objection_person(request, pk):
    """Who it was and what they said, shown once for this asking; the asking is on the record."""
    found = found_for(request, pk)
    person = read_objector(found, by=request.hat, now=timezone.now())
    statements = read_statements(found, by=request.hat, now=timezone.now())
    context = {"objection": found, "person": person, "statements": statements}
    return render(request, "awards/objection_person.html", framed(request, found.notice.edition, **context))


@require_POST
@never_cache
def objection_take(request, pk):
    found = found_for(request, pk)
    try:
        take_up(found, by=request.hat, now=timezone.now())
    except Refused as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(request, _("这件异议由您经办。"))
    return redirect("awards:objection", found.pk)


@require_POST
@never_cache
def objection_paper(request, pk):
    papers = ObjectionPaper.objects.filter(objection__in=Objection.objects.visible_to(request.hat))
    paper = get_object_or_404(papers.select_related("objection__notice__edition"), pk=pk)
    try:
        name, data = read_paper(paper, by=request.hat, now=timezone.now())
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect("awards:objection", paper.objection_id)
    answer = files.show(data, "application/octet-stream")
    answer.headers["Content-Disposition"] = disposition(name)
    return answer


@require_POST
@never_cache
def objection_letter(request, pk):
    return _letter(request, pk, objection_letters.OBJECTOR)


@require_POST
@never_cache
def objection_enterprise_letter(request, pk):
    return _letter(request, pk, objection_letters.ENTERPRISE)


def _letter(request, pk, side):
    found = found_for(request, pk)
    try:
        data = objection_letters.issue_letter(found, side, by=request.hat, now=timezone.now())
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect("awards:objection", found.pk)
    return documents.download(objection_letters.FILE_NAMES[side], data)


@never_cache
def objection_hear(request, pk):
    found = _mine(request, pk)
    form = HearForm(request.POST or None)
    if request.method == "POST" and form.perform(hearing.hear, found, by=request.hat, now=timezone.now()):
        return _done(request, found, _("已记录听取的意见。"))
    return _page(request, found, form, title=_("记录听取的意见"), submit=_("保存记录"))


@never_cache
def objection_ask(request, pk):
    found = _mine(request, pk)
    form = AskEnterpriseForm(
        request.POST or None, initial={"matter": found.matter, "reply_due": found.reply_due}
    )
    if request.method == "POST" and form.perform(
        hearing.put_to_enterprise, found, by=request.hat, now=timezone.now()
    ):
        return _done(request, found, _("已请企业答复。"))
    note = _("企业在自己的页面上看到这段话并答复，看不到异议人和异议原文。")
    if not found.nomination.enterprise.organisation_id:
        note = _("这家企业没有账户，不会在网上看到这段话。请另行联系，并把答复记录为听取的意见。")
    return _page(request, found, form, title=_("请企业答复"), submit=_("请企业答复"), note=note)


@never_cache
def objection_extend(request, pk):
    """Asked for by a handler; the same page lets a second person of the office decide."""
    found = found_for(request, pk)
    asked = extending.waiting(found)
    require(request.hat, "awards.allow_extension" if asked else "awards.handle_objection", found)
    if asked is None:
        form = ExtendForm(request.POST or None)
        act, words, title = extending.ask_extension, _("已申请延期，等办公室另一人决定。"), _("申请延期")
        note = _("办结期限延长 {n} 个工作日，至多一次，由办公室另一人决定。").format(
            n=found.notice.edition.extend_workdays
        )
    else:
        form = AllowForm(request.POST or None)
        act, words, title = extending.decide_extension, _("已登记决定。"), _("决定延期")
        note = _("{name}申请延长至 {day}，理由：{reason}").format(
            name=asked.asked_by.user, day=cndate(asked.to_due), reason=asked.reason
        )
    if request.method == "POST" and form.perform(act, found, by=request.hat, now=timezone.now()):
        return _done(request, found, words)
    return _page(request, found, form, title=title, submit=title, note=note)


@never_cache
def objection_assign(request, pk):
    found = found_for(request, pk)
    require(request.hat, "awards.assign_handler", found)
    initial = {"users": [each.user_id for each in handlers_of(found)]}
    form = AssignForm(request.POST or None, host=found.notice.edition.host, initial=initial)
    if request.method == "POST" and form.perform(assign_handlers, found, by=request.hat, now=timezone.now()):
        return _done(request, found, _("经办人已变更。"))
    return _page(request, found, form, title=_("指派经办人"), submit=_("指派经办人"))


def _mine(request, pk):
    found = found_for(request, pk)
    require(request.hat, "awards.handle_objection", found)
    return found


def _done(request, found, words):
    messages.success(request, words)
    return redirect("awards:objection", found.pk)


def _page(request, found, form, *, title, submit, note=""):
    context = {"objection": found, "form": form, "title": title, "submit": submit, "note": note}
    context["cancel_url"] = reverse("awards:objection", args=[found.pk])
    return render(request, "awards/objection_act.html", framed(request, found.notice.edition, **context))


@never_cache
def roster_(request):
    require(request.hat, "awards.manage_roster")
    host, now = request.hat.organisation, timezone.now()
    form = TurnForm(request.POST or None, host=host)
    if request.method == "POST" and form.perform(roster.add_turn, by=request.hat, now=now):
        messages.success(request, _("已排入值班表。"))
        return redirect("awards:roster")
    today = timezone.localdate(now)
    context = {"form": form, "turns": roster.turns_of(host, today), "today": today, "host": host}
    return render(request, "awards/roster.html", context)


@require_POST
def roster_end(request, pk):
    require(request.hat, "awards.manage_roster")
    turn = get_object_or_404(DutyTurn, pk=pk, host=request.hat.organisation_id)
    try:
        roster.end_turn(turn, by=request.hat, now=timezone.now())
    except Refused as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(request, _("已撤下这一班。"))
    return redirect("awards:roster")
