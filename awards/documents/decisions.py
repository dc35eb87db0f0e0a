"""The 命名决定 as a paper: what it says, and what the template is given."""

from collections.abc import Sequence

from awards.documents.templates import compose
from nominations import subjects
from nominations.states import StepKind
from portal import documents
from portal.clauses import S1
from portal.documents import plain_day
from portal.models import Organisation

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
        f"决定命名下列{subjects.counted(edition.category, len(honours))}为“{edition.title}”。"
    ]
    # Whose they are, or they themselves: certificate and money go to the enterprise.
    whom = "上述企业" if subjects.is_enterprise(edition) else "上述名单所在企业"
    if any(honour.certificate for honour in honours):
        lines.append(f"授予{whom}市五一劳动奖状。")
    if edition.host.kind == Organisation.Kind.CITY and edition.grant_amount > 0:
        each = (edition.grant_amount / 10_000).normalize()
        lines.append(f"给予{whom}{_each(edition)}{each:f}万元全员创新资助资金。")
    medals = [
        f"{honour.medal_name}（{subjects.beside(honour) or honour.subject_name}{honour.medal_position}）"
        for honour in honours
        if honour.medal_name
    ]
    if medals:
        lines.append(f"授予{'、'.join(medals)}五一劳动奖章。")
    return "\n".join(lines)


def _each(edition) -> str:
    """每家, 每项: so much for each."""
    return f"每{subjects.MEASURES[subjects.Subject(edition.category.subject)].removeprefix('{n} ')}"


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
                "name": subjects.full_name(honour),
                "recommender": honour.nomination.recommender.name,
            }
            for position, honour in enumerate(honours, start=1)
        ],
        "named": subjects.title_of(edition),
        "day": plain_day(decision.issued_on),
        "mark": "",
        "footer": "",
        "written": decision.issued_at,
    }


def decision_docx(decision, honours: Sequence) -> bytes:
    return compose(decision.edition.host, KIND, decision_context(decision, honours))
