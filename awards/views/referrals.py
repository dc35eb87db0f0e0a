"""What a visit found, for the office: disposed of, sent back to screening, settled, visited again."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from awards.forms.referring import DisposeForm, ReferForm, ReopenForm, SettleForm
from awards.models import CheckLine, Inspection, Referral
from awards.services import disposing, referring, reopening_visits
from awards.views.framing import edition_of, framed
from nominations.services.referred import is_referred
from nominations.states import State, StepKind
from portal.permissions import can, require
from portal.speech import said
from portal.templatetags.portal import cndate, cndatetime
from review.rules import ITEM

PAGE = 50


def handling(visit: Inspection) -> dict:
    """What the page of a visit says of its handling: what differs, whether that keeps the step open."""
    edition = visit.nomination.edition
    differing = [line for line in visit.lines.all() if line.agrees is False]
    passed = visit.verdict == Inspection.Verdict.PASSED
    return {
        "differing": differing,
        "undisposed": passed
        and not visit.disposition
        and any(line.weight == CheckLine.Weight.MATERIAL for line in differing),
        "handling_open": visit.nomination.state == State.INSPECTION
        and not edition.step(StepKind.INSPECTION).closed_at,
    }


def _visit(request, pk, act):
    found = Inspection.objects.visible_to(request.hat).select_related(
        "nomination__edition__host", "nomination__enterprise", "nomination__recommender"
    )
    visit = get_object_or_404(found.prefetch_related("nomination__edition__steps"), pk=pk)
    require(request.hat, act, visit)
    return visit


@require_GET
def referrals(request, pk):
    """Everything referred in an edition, what is not settled first."""
    edition = edition_of(request, pk)
    rows = (
        Referral.objects.visible_to(request.hat)
        .filter(nomination__edition=edition)
        .select_related("nomination__recommender", "referred_by__user", "decided_by__user", "batch")
        .order_by("decided_at", "-pk")
    )
    waiting = referring.open_in(edition)
    context = {
        "waiting": waiting,
        "page": Paginator(rows.exclude(pk__in=[each.pk for each in waiting]), PAGE).get_page(
            request.GET.get("page")
        ),
        "today": localdate(timezone.now()),
    }
    return render(request, "awards/referrals.html", framed(request, edition, **context))


@require_http_methods(["GET", "POST"])
def dispose(request, pk):
    visit = _visit(request, pk, "awards.dispose")
    form = DisposeForm(request.POST or None, visit=visit)
    if request.method == "POST" and form.perform(
        disposing.dispose, visit, by=request.hat, now=timezone.now()
    ):
        words = _("“{name}”的考察差异已处理：{disposition}。")
        messages.success(
            request,
            words.format(
                name=visit.nomination.subject_name, disposition=form.result.get_disposition_display()
            ),
        )
        return redirect("awards:inspection", pk)
    return _about(request, visit, form, "awards/dispose.html")


@require_http_methods(["GET", "POST"])
def refer(request, pk):
    visit = _visit(request, pk, "awards.refer")
    now = timezone.now()
    form = ReferForm(request.POST or None, visit=visit, now=now)
    if request.method == "POST" and form.perform(referring.refer, visit, by=request.hat, now=now):
        words = _("“{name}”已转回资格审查，并请 {n} 个部门核查。")
        departments = {cell.question.department_id for cell in _cells(form.result, now)}
        messages.success(request, words.format(name=visit.nomination.subject_name, n=len(departments)))
        return redirect("awards:referral", form.result.pk)
    return _about(request, visit, form, "awards/refer.html")


@require_http_methods(["GET", "POST"])
def reopen(request, pk):
    visit = _visit(request, pk, "awards.reopen_visit")
    form = ReopenForm(request.POST or None)
    if request.method == "POST" and form.perform(
        reopening_visits.reopen_visit, visit, by=request.hat, now=timezone.now()
    ):
        words = _("“{name}”已重新考察，原结论和签名保留在记录中。")
        messages.success(request, words.format(name=visit.nomination.subject_name))
        return redirect("awards:inspection", pk)
    return _about(request, visit, form, "awards/reopen_visit.html")


def _about(request, visit, form, template):
    context = {
        "visit": visit,
        "nomination": visit.nomination,
        "differing": list(visit.lines.filter(agrees=False)),
        "form": form,
        "back": reverse("awards:inspection", args=[visit.pk]),
    }
    return render(request, template, framed(request, visit.nomination.edition, **context))


@require_http_methods(["GET", "POST"])
def referral(request, pk):
    """One matter sent back: why, what the departments say, and the conclusion of a second person."""
    found = Referral.objects.visible_to(request.hat).select_related(
        "nomination__edition__host",
        "nomination__recommender",
        "nomination__shortlist_row",
        "inspection",
        "batch__edition",
        "referred_by__user",
        "decided_by__user",
    )
    matter = get_object_or_404(found.prefetch_related("nomination__edition__steps"), pk=pk)
    hat, now = request.hat, timezone.now()
    may_settle = can(hat, "awards.settle_referral", matter)
    form = SettleForm(request.POST or None) if may_settle and not matter.outcome else None
    if request.method == "POST":
        require(hat, "awards.settle_referral", matter)
        form = form or SettleForm(request.POST)
        if form.perform(referring.settle, matter, by=hat, now=now):
            words = _("“{name}”：{outcome}。")
            messages.success(
                request,
                words.format(name=matter.nomination.subject_name, outcome=form.result.get_outcome_display()),
            )
            return redirect("awards:referral", pk)
    cells = _cells(matter, now)
    refused = {cleared: referring.settling_refused(cells, cleared=cleared) for cleared in (True, False)}
    context = {
        "matter": matter,
        "nomination": matter.nomination,
        "facts": _facts(matter),
        "items": [_(ITEM[code].title) for code in matter.items if code in ITEM],
        "lines": list(matter.inspection.lines.filter(key__in=matter.lines)),
        "cells": cells,
        "waits": is_referred(matter.nomination) and not matter.outcome,
        "own": matter.referred_by.user_id == hat.user_id,
        "form": form,
        "may_settle": may_settle,
        "why_not": said(refused[False]) if refused[False] else "",
        "why_not_cleared": said(refused[True]) if refused[True] else "",
    }
    return render(request, "awards/referral.html", framed(request, matter.nomination.edition, **context))


def _cells(matter, now):
    return referring.answers_of(matter, today=localdate(now))


def _facts(matter):
    row = getattr(matter.nomination, "shortlist_row", None)
    return [
        (_("推荐单位"), matter.nomination.recommender.name),
        (_("综合名次"), _("第 {n} 名").format(n=row.rank) if row else ""),
        (_("转出人"), str(matter.referred_by.user)),
        (_("转出时间"), cndatetime(matter.referred_at)),
        (_("联审批次"), _("第 {n} 批").format(n=matter.batch.number) if matter.batch else ""),
        (_("答复期限"), cndate(matter.batch.due_on) if matter.batch else ""),
    ]
