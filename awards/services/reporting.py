"""The report of a visit, made when asked for from what stands on it; nothing of it is kept."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import override

from awards.documents import visit_reports
from awards.models import Inspection
from awards.services.visit_facts import facts
from portal.documents import plain_day


def report_name(visit: Inspection, extension: str) -> str:
    return f"考察报告-{visit.nomination.subject_name}.{extension}"


def report_docx(visit: Inspection, *, now: datetime) -> bytes:
    """The official paper is Chinese, whichever language the person reads."""
    with override("zh-hans"):
        return visit_reports.report_docx(
            visit.nomination.edition.host, facts(visit), handling_of(visit), now=now
        )


def report_pdf(visit: Inspection, *, now: datetime) -> bytes:
    """Raises `Refused` where the machine sets no PDF."""
    with override("zh-hans"):
        return visit_reports.report_pdf(facts(visit), handling_of(visit), now=now)


def report_page(visit: Inspection, *, now: datetime) -> str:
    with override("zh-hans"):
        return visit_reports.report_page(facts(visit), handling_of(visit), now=now)


def handling_of(visit: Inspection) -> list[str]:
    """What the office made of the visit, sentence by sentence, in the order it happened."""
    said = [
        (each.reopened_at, f"要求重新考察，理由：{each.reason}")
        for each in visit.reopenings.order_by("reopened_at", "pk")
    ]
    for each in visit.referrals.order_by("referred_at", "pk"):
        said.append((each.referred_at, f"转资格审查，理由：{each.reason}"))
        if each.outcome:
            words = f"作出结论：{each.get_outcome_display()}，理由：{each.outcome_reason}"
            said.append((each.decided_at, words))
    if visit.disposition in (Inspection.Disposition.ACCEPTED, Inspection.Disposition.ENDED):
        words = f"处理为“{visit.get_disposition_display()}”，理由：{visit.disposal_reason}"
        said.append((visit.disposed_at, words))
    return [
        f"{plain_day(timezone.localdate(when))}，办公室{words.rstrip('。')}。"
        for when, words in sorted(said, key=lambda each: each[0])
    ]
