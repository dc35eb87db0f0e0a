"""资格审查汇总表.xlsx: a row an enterprise, its items, the answers to every question, and what it came to."""

from datetime import datetime

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from nominations import subjects
from nominations.models import Edition
from portal.models import Membership
from portal.permissions import require
from portal.templatetags.portal import cndate
from portal.workbook import Column, write
from review import rules
from review.models import Batch
from review.services.cases import CaseRecord, ItemRow, case_records, reached_screening
from review.services.judging import questions_of


def write_screening_table(edition: Edition, out, *, by: Membership, now: datetime) -> None:
    """To `out`, a path or a binary file. The past is read, never judged anew."""
    require(by, "review.see_scores", edition)
    questions = questions_of(edition)
    columns = [
        Column(_("序号"), "serial", "integer"),
        Column(_("企业名称"), "name", width=32),
        *subjects.translated_columns(edition),
        Column(_("统一社会信用代码"), "credit_code", code=True),
        Column(_("推荐单位"), "recommender"),
        Column(_("联审批次"), "batches", width=12),
        *(
            Column(f"{item.number} {_(item.title)}", f"item {item.code}", width=18)
            for item in rules.EVERY.values()
            if item.kind != rules.OVERALL
        ),
        *(
            Column(
                f"{each.department.short_name}：{_(each.title_of_item)}",
                str(each.pk),
                width=18,
                multiline=True,
            )
            for each in questions
        ),
        Column(_("不采纳部门意见"), "overrules", width=30, multiline=True),
        Column(_("结论"), "verdict"),
        Column(_("不通过理由"), "why", width=40),
    ]
    title = _("{title}资格审查汇总表").format(title=edition.title)
    write(out, title, columns, _rows(edition, questions, now))


def _rows(edition, questions, now):
    """Those who reached the screening and were not withdrawn."""
    sent = Batch.objects.filter(kind=Batch.Kind.SCREENING).order_by("number")
    nominations = (
        reached_screening(edition.nominations)
        .select_related("edition", "enterprise", "recommender", "declaration", "review_row")
        .prefetch_related(Prefetch("batches", sent))
        .order_by("recommender__position", "rank", "pk")
    )
    for serial, record in enumerate(case_records(nominations, questions, now=now), start=1):
        nomination = record.nomination
        yield {
            "serial": serial,
            **subjects.cells_of(edition, nomination),
            "recommender": nomination.recommender.short_name,
            "batches": "、".join(_("第 {n} 批").format(n=each.number) for each in nomination.batches.all()),
            **{f"item {row.item.code}": _item(row) for row in record.rows},
            **{
                str(voice.question.pk): _opinion(voice)
                for row in record.rows
                for voice in row.voices
                if voice.opinion
            },
            "overrules": "\n".join(_overrules(record)),
            "verdict": _verdict(record),
            "why": "；".join(reason.rstrip("。") for reason in record.reasons),
        }


def _item(row: ItemRow) -> str:
    """The item's outcome, and who of the office found so and why, where it is not the rule's own."""
    if row.found is None or not row.found.by:
        return row.word
    return f"{row.word} {row.found.by} {row.found.day:%Y-%m-%d} {row.found.reason}".strip()


def _opinion(voice) -> str:
    opinion = voice.opinion
    words = f"{opinion.get_answer_display()} {opinion.looked_up_on:%Y-%m-%d} {opinion.explanation}"
    return words.strip()


def _overrules(record: CaseRecord):
    for row in record.rows:
        for voice in row.voices:
            if voice.overrule is None:
                continue
            words = {
                "department": voice.question.department.short_name,
                "reason": voice.overrule.reason,
                "one": voice.overrule.proposed_by.user,
                "day": cndate(voice.overrule.proposed_at),
            }
            if voice.overrule.confirmed:
                sentence = _("{department}：不采纳。{reason}（{one}提出，{two}复核，{day}）")
                yield sentence.format(
                    two=voice.overrule.decided_by.user, **words | {"day": cndate(voice.overrule.decided_at)}
                )
            else:
                yield _("{department}：拟不采纳，待复核。{reason}（{one}提出，{day}）").format(**words)


def _verdict(record: CaseRecord) -> str:
    if record.closed:
        return record.word
    if record.verdict == rules.OPEN:
        return _("未得出结论")
    return _("{word}（未关闭）").format(word=record.word)
