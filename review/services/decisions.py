"""资格审查决定表: one enterprise on paper, every item with who answered what, when and on which proof."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from nominations import subjects
from nominations.models import Nomination
from portal import documents
from portal.models import Membership
from portal.permissions import require
from portal.templatetags.portal import cndate, cndatetime
from review import rules
from review.services.cases import CaseRecord, ItemRow, Voice, case_record

TEMPLATE = "decision.docx"


def write_decision_sheet(nomination: Nomination, *, by: Membership, now: datetime) -> bytes:
    """资格审查决定表.docx. The official paper is Chinese, whichever language the person reads."""
    require(by, "review.see_scores", nomination)
    with override("zh-hans"):
        record = case_record(nomination, now=now)
        return documents.render("review", TEMPLATE, decision_context(record, now=now))


def decision_context(record: CaseRecord, *, now: datetime) -> dict:
    """The places of the template: plain texts, a line break where several stand in one cell."""
    nomination, facts = record.nomination, record.nomination.declaration
    closed = nomination.edition.steps.get(kind="screening").closed_at
    verdict = record.word if record.closed or record.verdict == rules.OPEN else _("{word}（未关闭）")
    return {
        "edition": nomination.edition.title,
        "host": nomination.edition.host.name,
        "named": subjects.title_of(nomination.edition),
        "name": subjects.full_name(nomination),
        "code": nomination.enterprise.credit_code,
        "recommender": nomination.recommender.name,
        "nature": facts.nature,
        "industry": facts.industry,
        "division": facts.division_name,
        "batches": _batches(nomination),
        "rows": [_row(row) for row in record.rows],
        "overrules": [
            _overrule(voice, overrule, papers)
            for row in record.rows
            for voice in row.voices
            for overrule, papers in voice.proposals
        ],
        "verdict": verdict.format(word=record.word),
        "reasons": "\n".join(record.reasons) or _("各项均符合。"),
        "closed": cndatetime(closed) if closed else _("资格审查尚未关闭"),
        "printed": cndatetime(now),
        "day": cndate(timezone.localdate(now)),
    }


def _batches(nomination) -> str:
    rows = nomination.batches.order_by("number")
    words = _("第 {number} 批（{kind}），{day}送出")
    return "\n".join(
        words.format(number=each.number, kind=each.get_kind_display(), day=cndate(each.sent_at))
        for each in rows
    )


def _row(row: ItemRow) -> dict:
    return {
        "number": row.item.number,
        "title": _(row.item.title),
        "sense": _(row.item.sense),
        "answers": "\n".join(_voice(voice) for voice in row.voices) or _unasked(row),
        "finding": _found(row.found),
        "standing": row.word,
    }


def _unasked(row: ItemRow) -> str:
    return "—" if row.item.kind == rules.CONDITION else _("没有征求部门意见")


def _voice(voice: Voice) -> str:
    department, opinion = voice.question.department.short_name, voice.opinion
    if opinion is None:
        return _("{department}：未答复").format(department=department)
    parts = [opinion.get_answer_display()]
    if opinion.explanation:
        parts.append(opinion.explanation)
    if opinion.since:
        parts.append(_("起于 {day}").format(day=cndate(opinion.since)))
    parts.append(_("查询于 {day}").format(day=cndate(opinion.looked_up_on)))
    parts.append(
        _("{who} {when}答复").format(who=_who(opinion.answered_by), when=cndatetime(opinion.answered_at))
    )
    if voice.proofs:
        parts.append(_papers(voice.proofs))
    state = {"lapsed": _("查询已过期"), "contested": _("拟不采纳，待复核"), "overruled": _("不采纳")}
    if voice.kind in state:
        parts.append(state[voice.kind])
    return f"{department}：{'；'.join(parts)}"


def _found(found) -> str:
    if found is None:
        return "—"
    parts = [found.word, found.reason.rstrip("。")]
    if found.source:
        parts.append(_("查询途径：{source}").format(source=found.source))
    parts.append(cndate(found.day))
    parts.append(found.by or _("按规则得出"))
    if found.mended:
        parts.append(_("已补正，请重新核对"))
    if found.proofs:
        parts.append(_papers(found.proofs))
    return "；".join(part for part in parts if part)


def _overrule(voice: Voice, overrule, papers) -> dict:
    result = {None: _("等待复核"), True: _("同意不采纳"), False: _("不同意")}[overrule.confirmed]
    if overrule.lapsed and overrule.confirmed is not False:
        result = _("部门重新答复后失效")
    decided = ""
    if overrule.decided_by_id:
        decided = f"{overrule.decided_by.user} {cndatetime(overrule.decided_at)}\n{overrule.remark}".strip()
    return {
        "title": f"{voice.question.department.short_name}：{_(voice.question.title_of_item)}",
        "version": _("第 {n} 次答复").format(n=overrule.opinion_version),
        "reason": "\n".join(filter(None, [overrule.reason, _papers(papers) if papers else ""])),
        "proposed": f"{overrule.proposed_by.user} {cndatetime(overrule.proposed_at)}",
        "decided": decided or "—",
        "result": result,
    }


def _papers(proofs) -> str:
    return _("依据：{titles}").format(titles="、".join(proof.title for proof in proofs))


def _who(hat) -> str:
    if hat.role == "office":
        return _("{name}（办公室代登记）").format(name=hat.user)
    return str(hat.user)
