"""The 命名决定 as a paper: what it says, and what the template is given."""

from collections.abc import Sequence

from awards.documents.templates import compose
from nominations.states import StepKind
from portal import documents
from portal.clauses import S1
from portal.documents import plain_day

KIND, PRINT = "decision", "print/decision.html"


def decision_title(edition) -> str:
    return f"关于命名{edition.title}的决定"


def decision_text(edition, honours: Sequence, *, minute: str) -> str:
    """The decision in paragraphs: basis, who is named, what is granted, who gets the medal."""
    steps = "、".join(
        str(StepKind(step.kind).label)
        for step in edition.steps.all()
        if step.enabled and step.kind != StepKind.PUBLICITY
    )
    decided = f"，经委员会会议研究（{minute}）" if minute else ""
    objected = edition.notices.filter(objections__isnull=False).exists()
    came_of_it = "公示期满，收到的异议均已办结" if objected else "公示无异议"
    lines = [
        f"根据{S1}，本届评选依次开展了{steps}，{came_of_it}{decided}，"
        f"决定命名下列{len(honours)}家企业为“{edition.title}”。"
    ]
    if any(honour.certificate for honour in honours):
        lines.append("授予上述企业市五一劳动奖状。")
    if any(honour.certificate for honour in honours) and edition.grant_amount > 0:
        lines.append(f"给予上述企业每家{(edition.grant_amount / 10_000).normalize():f}万元全员创新资助资金。")
    medals = [
        f"{honour.medal_name}（{honour.nomination.subject_name}{honour.medal_position}）"
        for honour in honours
        if honour.medal_name
    ]
    if medals:
        lines.append(f"授予{'、'.join(medals)}五一劳动奖章。")
    return "\n".join(lines)


def decision_context(decision, honours: Sequence) -> dict:
    """What the template and the print page are given."""
    edition = decision.edition
    return {
        "title": decision_title(edition),
        "host": edition.host.name,
        "number": decision.number,
        "paragraphs": documents.paragraphs(decision.text),
        "rows": [
            {
                "position": position,
                "number": honour.number,
                "name": honour.nomination.subject_name,
                "recommender": honour.nomination.recommender.name,
            }
            for position, honour in enumerate(honours, start=1)
        ],
        "day": plain_day(decision.issued_on),
        "mark": "",
        "footer": "",
        "written": decision.issued_at,
    }


def decision_docx(decision, honours: Sequence) -> bytes:
    return compose(decision.edition.host, KIND, decision_context(decision, honours))
