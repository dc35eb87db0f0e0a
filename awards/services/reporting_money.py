"""季度报告: what became of the money in a quarter. Asked for by the calendar, written by the enterprise,
endorsed by the union that recommended it, reviewed by the office.

The sums are those of the ledger when it was handed in, with a digest; the quarter then takes no more lines.
"""

import hashlib
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from awards.models import Grant, QuarterReport
from awards.resultfile import canonical
from awards.rules import quarters
from awards.services.grant_notes import enterprise_hats, note, office_hats, tell, union_hats
from awards.services.granting import locked
from awards.services.ledger import lines_of
from portal import audit, calendar
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require
from portal.workdays import YearNotPublished

State = QuarterReport.State


def ask_for_reports(*, now: datetime) -> int:
    """Each grant that was paid out owes a report on every quarter that is over. May run any number of times.

    Asked for on the first working day after the quarter. Where the calendar does not hold that year yet, the
    report is there with no day it is due; the day is set as soon as the year is entered.
    """
    today = timezone.localdate(now)
    published = calendar.published()
    asked = 0
    owing = Grant.objects.filter(disbursements__isnull=False).distinct()
    for grant in owing.order_by("pk").prefetch_related("disbursements", "reports"):
        first = _first_day(grant)
        if first is None:
            continue
        closed_on = timezone.localdate(grant.closed_at) if grant.closed_at else None
        due = [each for each in quarters.reported(first, closed_on, today) if _begun(each, published, today)]
        there = {quarter_of(report) for report in grant.reports.all()}
        for quarter in due:
            if quarter not in there:
                asked += _ask(grant.pk, quarter, published, now)
    _set_missing_days(published)
    return asked


def _first_day(grant) -> date | None:
    """The day of the first payment that stands. Once something was reported, the reports go on from there,
    so that each opens with what the one before closed with."""
    rows = grant.disbursements.all()
    taken_back = {row.reverses_id for row in rows}
    days = [row.paid_on for row in rows if not row.reverses_id and row.pk not in taken_back]
    days += [quarter_of(report).first for report in grant.reports.all() if not report.is_open]
    return min(days, default=None)


def _begun(quarter, published, today) -> bool:
    try:
        return today >= quarters.asked_on(quarter, published)
    except YearNotPublished:
        return True


def _due(quarter, published):
    try:
        return quarters.due_on(quarter, published)
    except YearNotPublished:
        return None


@transaction.atomic
def _ask(pk, quarter, published, now) -> int:
    grant = locked(Grant(pk=pk))
    report, made = QuarterReport.objects.get_or_create(
        grant=grant,
        year=quarter.year,
        quarter=quarter.number,
        defaults={"due_on": _due(quarter, published)},
    )
    if made:
        by = Membership.objects.system()
        note("awards.ask_report", report, grant, by=by, now=now, quarter=str(quarter), due=report.due_on)
        due = f"请在 {report.due_on:%Y-%m-%d} 前提交。" if report.due_on else ""
        subject = f"请填报{words(report)}资金季度报告"
        tell("awards.report_due", _owing(grant), grant, subject=subject, body=due, now=now, report=report)
    return made


def _set_missing_days(published):
    for report in QuarterReport.objects.filter(due_on__isnull=True):
        if day := _due(quarter_of(report), published):
            QuarterReport.objects.filter(pk=report.pk, due_on__isnull=True).update(due_on=day)


def remind_of_reports(*, now: datetime) -> int:
    """Three days before a report is due, and every three days while it is not there."""
    today = timezone.localdate(now)
    horizon = today + timedelta(days=quarters.REMIND_BEFORE)
    waiting = QuarterReport.objects.filter(state__in=(State.DUE, State.RETURNED), due_on__lte=horizon)
    return sum(_remind(pk, today, now) for pk in waiting.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _remind(pk, today, now) -> bool:
    report = (
        QuarterReport.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("grant__honour__enterprise", "grant__honour__nomination__edition")
        .filter(pk=pk, state__in=(State.DUE, State.RETURNED))
        .first()
    )
    if report is None:
        return False
    last = timezone.localdate(report.reminded_at) if report.reminded_at else None
    if not quarters.reminds(report.due_on, last, today):
        return False
    report.reminded_at = now
    report.save(update_fields=["reminded_at"])
    late = (today - report.due_on).days
    subject = f"{words(report)}资金季度报告" + (f"已逾期 {late} 天" if late > 0 else "即将到期")
    body = f"填报期限 {report.due_on:%Y-%m-%d}。"
    grant = report.grant
    tell("awards.report_reminder", _owing(grant), grant, subject=subject, body=body, now=now, report=report)
    audit.record("awards.remind_report", report, by=Membership.objects.system(), now=now, grant=grant.pk)
    return True


def _owing(grant):
    """The enterprise; the office where the enterprise has no account of its own."""
    hats = list(enterprise_hats(grant))
    return hats or list(office_hats(grant))


def words(report: QuarterReport) -> str:
    return f"{report.year}年第{report.quarter}季度"


def quarter_of(report: QuarterReport) -> quarters.Quarter:
    return quarters.Quarter(report.year, report.quarter)


def sums_of(report: QuarterReport) -> dict:
    """The sums of its quarter as the ledger has them now."""
    return quarters.sums(lines_of(report.grant), quarter_of(report))


def digest_of(report: QuarterReport) -> str:
    """SHA-256 over what was handed in: whose money, which quarter, the sums and the words."""
    said = {
        "honour": report.grant.honour.number,
        "quarter": f"{report.year}Q{report.quarter}",
        "sums": report.sums,
        "words": report.words,
    }
    return hashlib.sha256(canonical(said)).hexdigest()


@transaction.atomic
def hand_in_report(report: QuarterReport, *, account: str, by: Membership, now: datetime) -> QuarterReport:
    """Hand in the quarter: its sums are taken from the ledger and stay. Quarters come in their order."""
    grant, report = _locked(report)
    require(by, "awards.report_quarter", grant)
    if report.state not in (State.DUE, State.RETURNED):
        raise Refused("这份季度报告已经提交，请刷新页面。")
    if not account.strip():
        raise Refused("请填写资金使用情况和成效。")
    _refuse_gap(grant, report)
    report.words, report.sums = account.strip(), sums_of(report)
    report.digest = digest_of(report)
    report.state, report.handed_in_at, report.handed_in_by = State.HANDED_IN, now, by
    report.endorsed_at = report.endorsed_by = report.reviewed_at = report.reviewed_by = None
    report.endorsement = report.review = ""
    report.full_clean()
    report.save()
    told = {"quarter": str(quarter_of(report)), "sums": report.sums, "digest": report.digest}
    note("awards.report_quarter", report, grant, by=by, now=now, **told)
    reviewers = list(union_hats(grant)) or list(office_hats(grant))
    _tell(report, grant, reviewers, "待审核", now)
    return report


@transaction.atomic
def endorse_report(
    report: QuarterReport, *, agreed: bool, opinion: str, by: Membership, now: datetime
) -> QuarterReport:
    """The union that recommended the enterprise says the report is right, or returns it."""
    grant, report = _locked(report)
    require(by, "awards.endorse_report", grant)
    if report.state != State.HANDED_IN:
        raise Refused("这份季度报告现在不需要推荐单位审核，请刷新页面。")
    if not opinion.strip():
        raise Refused("请填写审核意见。")
    _refuse_by_order(grant, report, agreed)
    report.endorsement, report.endorsed_at, report.endorsed_by = opinion.strip(), now, by
    report.state = State.ENDORSED if agreed else State.RETURNED
    report.full_clean()
    report.save()
    note("awards.endorse_report", report, grant, by=by, now=now, agreed=agreed, opinion=report.endorsement)
    if agreed:
        _tell(report, grant, office_hats(grant), "待办公室审核", now)
    else:
        _tell(report, grant, _owing(grant), "已退回，请修改后重新提交", now, report.endorsement)
    return report


@transaction.atomic
def review_report(
    report: QuarterReport, *, agreed: bool, opinion: str, by: Membership, now: datetime
) -> QuarterReport:
    """The office has the last word; never who handed it in."""
    grant, report = _locked(report)
    require(by, "awards.review_report", grant)
    if report.state not in (State.ENDORSED, State.HANDED_IN) or not reviewable(report):
        raise Refused("这份季度报告现在不需要办公室审核，请刷新页面。")
    if report.handed_in_by.user_id == by.user_id:
        raise Refused("提交报告的人不能自己审核，请由办公室的另一人办理。")
    if not opinion.strip():
        raise Refused("请填写审核意见。")
    _refuse_by_order(grant, report, agreed)
    report.review, report.reviewed_at, report.reviewed_by = opinion.strip(), now, by
    report.state = State.REVIEWED if agreed else State.RETURNED
    report.full_clean()
    report.save()
    note("awards.review_report", report, grant, by=by, now=now, agreed=agreed, opinion=report.review)
    told = "已审核" if agreed else "已退回，请修改后重新提交"
    _tell(report, grant, _owing(grant), told, now, report.review)
    return report


@transaction.atomic
def reopen_report(report: QuarterReport, *, reason: str, by: Membership, now: datetime) -> QuarterReport:
    """The office returns the newest report although it was reviewed: a line of its quarter was forgotten."""
    grant, report = _locked(report)
    require(by, "awards.review_report", grant)
    if grant.closed_at:
        raise Refused("“{name}”的资助资金已经结清，不能再退回季度报告。", name=grant.honour.subject_name)
    if report.state != State.REVIEWED:
        raise Refused("这份季度报告没有审核或者已经退回，请刷新页面。")
    if not reason.strip():
        raise Refused("请写明退回的理由。")
    _refuse_reported_after(grant, report)
    report.review, report.reviewed_at, report.reviewed_by = reason.strip(), now, by
    report.state = State.RETURNED
    report.full_clean()
    report.save()
    told = {"quarter": str(quarter_of(report)), "reason": report.review, "digest": report.digest}
    note("awards.reopen_report", report, grant, by=by, now=now, **told)
    _tell(report, grant, _owing(grant), "已退回，请修改后重新提交", now, report.review)
    return report


def reopenable(report: QuarterReport) -> bool:
    """Whether the office may still return it: reviewed, none handed in after it, the grant not closed."""
    if report.state != State.REVIEWED or report.grant.closed_at:
        return False
    return not _reported_after(report.grant, report)


def reviewable(report: QuarterReport) -> bool:
    """Whether it is the office's turn: endorsed, or handed in where the union has no account."""
    if report.state == State.HANDED_IN:
        return not union_hats(report.grant).exists()
    return report.state == State.ENDORSED


def _locked(report) -> tuple[Grant, QuarterReport]:
    grant = locked(report.grant)
    report = QuarterReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    report.grant = grant
    return grant, report


def _refuse_gap(grant, report):
    """Sums chain: what a quarter opens with is what the one before closed with."""
    before = grant.reports.filter(state__in=(State.DUE, State.RETURNED)).exclude(pk=report.pk)
    for other in before:
        if quarter_of(other) < quarter_of(report):
            raise Refused("请先提交{quarter}的报告。", quarter=words(other))


def _refuse_by_order(grant, report, agreed):
    """Agreed to from the first quarter on, returned from the last one back: each can be put right."""
    if not agreed:
        _refuse_reported_after(grant, report)
        return
    for other in grant.reports.exclude(state=State.REVIEWED):
        if quarter_of(other) < quarter_of(report):
            raise Refused("{quarter}的报告还没有审核完，请先办完那一份。", quarter=words(other))


def _refuse_reported_after(grant, report):
    """A quarter is opened again only while none after it was handed in."""
    if other := _reported_after(grant, report):
        raise Refused("{quarter}的报告已经提交，请先退回那一份。", quarter=words(other))


def _reported_after(grant, report) -> QuarterReport | None:
    """The last report handed in of a quarter after this one."""
    handed_in = grant.reports.exclude(state__in=(State.DUE, State.RETURNED))
    later = [other for other in handed_in if quarter_of(other) > quarter_of(report)]
    return max(later, key=quarter_of, default=None)


def _tell(report, grant, hats, what, now, body=""):
    subject = f"{words(report)}资金季度报告{what}"
    tell("awards.report_moved", hats, grant, subject=subject, body=body, now=now, report=report)
