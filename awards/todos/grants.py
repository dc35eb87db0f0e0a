"""The money of a grant: what is to be planned, entered, reported and looked at."""

from datetime import date

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from awards.models import Grant, GrantPlan, QuarterReport
from awards.services import grant_board
from portal.models import Membership, Role
from portal.todo import Todo

State = QuarterReport.State


def of_enterprise(hat, today: date) -> list[Todo]:
    """A plan that is missing or came back, money that is not accounted for, reports that are due."""
    grants = Grant.objects.visible_to(hat).filter(closed_at__isnull=True)
    return [
        line
        for grant in grant_board.with_figures(grants, today).select_related("honour")
        for line in _of_grant(grant)
    ] + [
        _report(_("提交资金季度报告"), report, due=report.due_on)
        for report in _reports(hat).filter(state__in=(State.DUE, State.RETURNED))
    ]


def _of_grant(grant) -> list[Todo]:
    lines, url = [], reverse("awards:grant", args=[grant.pk])
    if grant.left > 0:
        lines.append(Todo(_("登记资金使用"), grant.honour.title, url))
    if not grant.planned and not grant.plan_waits and not grant.honour.revoked_on:
        plan = reverse("awards:plan_grant", args=[grant.pk])
        lines.append(Todo(_("提交资金使用计划"), grant.honour.title, plan))
    return lines


def of_union(hat) -> list[Todo]:
    return [_report(_("审核资金季度报告"), each) for each in _reports(hat).filter(state=State.HANDED_IN)]


def of_office(hat, today: date) -> list[Todo]:
    """Plans and reports that wait for the office; where a union has no account, its reports at once."""
    plans = GrantPlan.objects.filter(
        grant__in=Grant.objects.visible_to(hat), state=GrantPlan.State.HANDED_IN
    ).select_related("grant__honour__enterprise")
    return [
        Todo(
            _("审核资金使用计划"),
            plan.grant.honour.subject_name,
            reverse("awards:grant_plan", args=[plan.pk]),
        )
        for plan in plans
    ] + [line for report in _of_the_office(hat) for line in _for_the_office(report, today)]


def _of_the_office(hat):
    unions = Membership.objects.active().filter(
        role=Role.RECOMMENDER, organisation=OuterRef("grant__honour__nomination__recommender")
    )
    reports = _reports(hat).exclude(state=State.REVIEWED)
    return reports.annotate(union=Exists(unions)).select_related("grant__honour__enterprise")


def _for_the_office(report, today) -> list[Todo]:
    if report.state == State.ENDORSED or (report.state == State.HANDED_IN and not report.union):
        return [_report(_("审核资金季度报告"), report)]
    if report.is_open and report.due_on and report.due_on < today:
        return [_report(_("资金季度报告逾期"), report, due=report.due_on, waiting=True)]
    return []


def _reports(hat):
    return QuarterReport.objects.filter(grant__in=Grant.objects.visible_to(hat)).select_related(
        "grant__honour__enterprise"
    )


def _report(verb, report, **given) -> Todo:
    words = _("{name} {year}年第{quarter}季度").format(
        name=report.grant.honour.subject_name, year=report.year, quarter=report.quarter
    )
    return Todo(verb, words, reverse("awards:quarter_report", args=[report.pk]), **given)
