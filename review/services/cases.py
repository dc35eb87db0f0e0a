"""One enterprise at screening, item by item: what its page shows and its decision sheet says.

`case_record(nomination, now=…)` is judged while it is at screening; afterwards it is read, never made anew.
Of one that a visit sent back after the step was closed it says what the step had found.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from nominations.models import Nomination
from nominations.states import State, StepKind
from portal.speech import said
from review import rules
from review.models import Consultation, Finding, Opinion, Overrule, Proof
from review.services.findings import is_mended
from review.services.judging import Case, judge, questions_of, read

NOT_YET = (State.DRAFT, State.RECOMMENDATION)
#: What an item comes to, in one word.
PASSED, FAILED, REPAIR, WAITING, UNASKED = "passed", "failed", "repair", "waiting", "unasked"
RETURNED, WITHDRAWN = "returned", "withdrawn"


@dataclass(frozen=True)
class Voice:
    """What one department says to the item, and what the office made of it.

    `kind`: clear, problem, unable, waiting, lapsed; contested and overruled are a 有问题 the office proposes
    to set aside, and has set aside. `proposals`: every proposal to set it aside there was, with its papers.
    """

    question: Consultation
    opinion: Opinion | None
    kind: str
    overrule: Overrule | None = None  # of the answer as it stands, undecided or confirmed
    proposals: tuple[tuple[Overrule, tuple[Proof, ...]], ...] = ()
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True)
class Found:
    """The rule's proposal, or what somebody of the office found."""

    verdict: str
    reason: str
    source: str
    day: date
    by: str  # "" for the rule
    mended: bool = False
    proofs: tuple[Proof, ...] = ()

    @property
    def word(self) -> str:
        return str(Finding.Verdict(self.verdict).label)


@dataclass(frozen=True)
class ItemRow:
    item: rules.Item
    standing: str
    voices: tuple[Voice, ...]
    found: Found | None

    @property
    def word(self) -> str:
        return standing_word(self.standing)


@dataclass(frozen=True)
class CaseRecord:
    case: Case
    verdict: str  # qualified, refused, open, returned, withdrawn
    reasons: tuple[str, ...]
    rows: list[ItemRow] = field(default_factory=list)
    closed: bool = False

    @property
    def nomination(self) -> Nomination:
        return self.case.nomination

    @property
    def word(self) -> str:
        return verdict_word(self.verdict)

    @property
    def counted(self) -> str:
        """How many items come to what: 通过 9 · 未定 1."""
        tally = Counter(row.standing for row in self.rows)
        order = (FAILED, REPAIR, WAITING, UNASKED, PASSED)
        return " · ".join(f"{standing_word(each)} {tally[each]}" for each in order if tally[each])

    @property
    def to_repair(self) -> list[ItemRow]:
        """What would be sent back to be mended; what has come back mended waits for the office."""
        return [
            row for row in self.rows if row.found and row.found.verdict == REPAIR and not row.found.mended
        ]


def standing_word(standing: str) -> str:
    words = {
        PASSED: _("通过"),
        FAILED: _("不通过"),
        REPAIR: _("需补正"),
        WAITING: _("未定"),
        UNASKED: _("未核查"),
    }
    return words[standing]


def verdict_word(verdict: str) -> str:
    words = {
        rules.QUALIFIED: _("合格"),
        rules.REFUSED: _("不合格"),
        rules.OPEN: _("未定"),
        RETURNED: _("退回补正"),
        WITHDRAWN: _("已撤回"),
    }
    return words[verdict]


def reached_screening(nominations: QuerySet) -> QuerySet:
    """Those that came as far as the screening and were not withdrawn, whatever became of them."""
    return nominations.exclude(state__in=(*NOT_YET, State.WITHDRAWN))


def case_record(nomination: Nomination, *, now: datetime) -> CaseRecord:
    return case_records([nomination], questions_of(nomination.edition), now=now)[0]


def case_records(
    nominations: Iterable[Nomination], questions: list[Consultation], *, now: datetime
) -> list[CaseRecord]:
    """For nominations of one edition, in their order. A constant number of queries."""
    nominations = list(nominations)
    if not nominations:
        return []
    over = nominations[0].edition.step(StepKind.SCREENING).closed_at is not None
    present = [each for each in nominations if each.state == State.SCREENING and not over]
    past = [each for each in nominations if each not in present]
    cases = judge(nominations[0].edition, present, questions, now=now, named=True) if present else []
    cases += read(past, questions, now=now) if past else []
    proofs = _proofs(nominations)
    records = {
        case.nomination.pk: CaseRecord(
            case,
            *_outcome(case, over),
            _rows(case, questions, proofs, localdate(now), over),
            case.nomination.state not in NOT_YET and (over or case.nomination.state != State.SCREENING),
        )
        for case in cases
    }
    return [records[each.pk] for each in nominations]


def _outcome(case: Case, over: bool) -> tuple[str, tuple[str, ...]]:
    nomination = case.nomination
    if nomination.state == State.SCREENING and not over:
        return case.verdict, tuple(said(reason) for reason in case.reasons)
    if nomination.state in NOT_YET:
        return RETURNED, ()
    if nomination.state == State.WITHDRAWN:
        return WITHDRAWN, (nomination.ended_reason,) if nomination.ended_reason else ()
    # Whoever has a place in the panel's result was qualified, whatever came later.
    if nomination.state == State.REJECTED and not hasattr(nomination, "review_row"):
        return rules.REFUSED, (nomination.ended_reason,)
    return rules.QUALIFIED, ()


def _rows(case: Case, questions, proofs, today: date, over: bool) -> list[ItemRow]:
    by_item = defaultdict(list)
    for question in questions:
        by_item[question.item].append(question)
    judged = {each.code: each for each in case.findings}
    rows = []
    for code, item in rules.EVERY.items():
        asked, found = by_item[code], _found(code, case, judged, proofs, today, over)
        if item.kind == rules.OVERALL and not asked and found is None:
            continue
        voices = tuple(_voice(question, case, proofs) for question in asked)
        rows.append(ItemRow(item, _standing(code, case, judged, asked, found), voices, found))
    return rows


def _found(code, case, judged, proofs, today, over) -> Found | None:
    stored, proposal = case.stored.get(code), judged.get(code)
    if stored is not None and (not stored.proposed or over or case.nomination.state != State.SCREENING):
        return Found(
            verdict=stored.verdict,
            reason=stored.reason,
            source=stored.source,
            day=stored.looked_up_on,
            by="" if stored.proposed else str(stored.found_by.user),
            mended=is_mended(stored, case.mended_at),
            proofs=tuple(proofs["finding", stored.pk]),
        )
    if proposal is None:
        return None
    return Found(_VERDICTS[proposal.verdict], said(proposal.reason), _(proposal.source), today, "")


_VERDICTS = {rules.MET: PASSED, rules.UNMET: FAILED, rules.UNKNOWN: REPAIR}


def _voice(question, case: Case, proofs) -> Voice:
    opinion, overrule = case.opinions.get(question.pk), case.overrules.get(question.pk)
    if overrule is not None and overrule.confirmed is False:
        overrule = None
    if opinion is None:
        kind = "waiting"
    elif question in case.missing:
        kind = "lapsed"
    elif opinion.answer == Opinion.Answer.PROBLEM and overrule is not None:
        kind = "overruled" if overrule.confirmed else "contested"
    else:
        kind = opinion.answer
    papers = tuple(proofs["opinion", opinion.pk]) if opinion else ()
    proposals = tuple((each, tuple(proofs["overrule", each.pk])) for each in case.proposals[question.pk])
    return Voice(question, opinion, kind, overrule, proposals, papers)


def _standing(code, case: Case, judged, asked, found) -> str:
    """The same rule as for the whole, for one item alone."""
    if not asked and found is None:
        return UNASKED
    finding = judged.get(code)
    answers = [each for each in case.answers if each.item == code]
    held = rules.screen([finding] if finding else [], answers, ())
    if held.verdict == rules.REFUSED:
        return FAILED
    if found is not None and found.verdict == REPAIR:
        return REPAIR
    waits = held.verdict == rules.OPEN or any(each.item == code for each in case.missing)
    return WAITING if waits else PASSED


def _proofs(nominations) -> dict[tuple[str, int], list[Proof]]:
    held = defaultdict(list)
    for proof in Proof.objects.filter(nomination__in=nominations).order_by("pk"):
        for name in ("opinion", "finding", "overrule"):
            if owner := getattr(proof, f"{name}_id"):
                held[name, owner].append(proof)
    return held
