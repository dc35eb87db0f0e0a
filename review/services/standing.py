"""How the questions stand: what is asked of whom by when, and what is answered.

A question is asked of a nomination by the batch it was sent in: at screening every question, in a re-check
those on the exclusions, of one referred back from its visit those on the items in question. It is open while
there is no answer that counts: none at all, one that stands in nobody's way but was looked up too long ago
(无异议, a 有问题 set aside, a 无法核查 that the office verified: as `judging` has it), or, asked again, one
given before that.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Count, DateField, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, When

from nominations.services.last_step import at_last_step
from nominations.services.referred import screening_over
from nominations.states import State
from portal.models import Organisation
from review import rules
from review.models import Batch, Consultation, Finding, Opinion, Overrule
from review.services.expiry import EXCLUSIONS

CLEAR, PROBLEM, UNABLE = "clear", "problem", "unable"


def rechecked(nomination: str = "") -> Q:
    """委员会决定: about whom the departments are asked again (S1 四.1 仍处于): before and in publicity.

    For a filter; `nomination` is the path to the nomination, with its `__`.
    """
    return Q(**{f"{nomination}state": State.PUBLICITY}) | at_last_step(nomination)


@dataclass(frozen=True, slots=True)
class Asked:
    """The batch in which a nomination is before the departments now."""

    batch: int
    kind: str
    due_on: date | None
    sent_at: datetime
    items: Collection[str] = ()

    @property
    def again(self) -> bool:
        return self.kind != Batch.Kind.SCREENING

    def covers(self, question: Consultation) -> bool:
        return asks(self.kind, self.items, question.item)

    def late(self, today: date) -> int:
        """Days past the due date; 0 on the day and before."""
        return max(0, (today - self.due_on).days) if self.due_on else 0


@dataclass(frozen=True, slots=True)
class Cell:
    """One question about one nomination; `open`: somebody has to answer.

    `kind` is how it reads: waiting, late, again, lapsed, clear, problem, unable, overruled.
    """

    nomination: int
    question: Consultation
    asked: Asked | None
    opinion: Opinion | None
    kind: str
    open: bool
    days: int = 0


def asks(kind: str, items: Collection[str], item: str) -> bool:
    """Whether a batch of this kind, about these items, asks this one."""
    if kind == Batch.Kind.REFERRAL:
        return item in items
    return kind == Batch.Kind.SCREENING or item in EXCLUSIONS


def now_asked(edition, nominations: Iterable[int] | None = None) -> dict[int, Asked]:
    """Nomination → the batch it must be answered in, for those before the departments now."""
    over = screening_over("batch__edition")
    rows = Batch.nominations.through.objects.filter(batch__edition=edition).filter(
        Q(batch__kind=Batch.Kind.SCREENING, nomination__state=State.SCREENING) & ~over
        | Q(batch__kind=Batch.Kind.REFERRAL, nomination__state=State.SCREENING) & over
        | Q(batch__kind=Batch.Kind.RECHECK) & rechecked("nomination__")
    )
    if nominations is not None:
        rows = rows.filter(nomination__in=nominations)
    fields = ("batch_id", "batch__kind", "batch__due_on", "batch__sent_at", "batch__items")
    # The newest batch is the last to be written into the dictionary.
    return {
        nomination: Asked(*facts)
        for nomination, *facts in rows.order_by("batch__number").values_list("nomination_id", *fields)
    }


def counts(opinion: Opinion, asked: Asked, valid_days: int, today: date) -> bool:
    """Whether this answer, one of `settled`, settles the question as it is asked now."""
    if asked.again:
        return opinion.answered_at >= asked.sent_at
    return opinion.held_from is None or not rules.expired(opinion.held_from, valid_days, today)


def cells_of(
    edition, questions: list[Consultation], *, today: date, nominations: Iterable[int] | None = None
) -> list[Cell]:
    """Every question asked now, about these nominations (all: None), in the order of the batches."""
    places = now_asked(edition, nominations)
    given = {
        (each.nomination_id, each.consultation_id): each
        for each in settled(Opinion.objects.filter(nomination__in=places, consultation__in=questions))
    }
    return [
        cell_of(pk, question, asked, given.get((pk, question.pk)), edition.finding_days, today)
        for pk, asked in places.items()
        for question in questions
        if asked.covers(question)
    ]


def cell_of(nomination, question, asked, opinion, valid_days, today) -> Cell:
    days = asked.late(today) if asked else 0
    if asked is not None and (opinion is None or not counts(opinion, asked, valid_days, today)):
        before = "again" if asked.again else "lapsed"
        kind = before if opinion else "late" if days else "waiting"
        return Cell(nomination, question, asked, opinion, kind, True, days)
    if opinion is None:
        return Cell(nomination, question, asked, None, "waiting", False)
    kind = "overruled" if getattr(opinion, "overruled", False) else opinion.answer
    return Cell(nomination, question, asked, opinion, kind, False)


def with_overrules(opinions):
    """The opinions with `overruled`: set aside by the office, in this very version, and confirmed."""
    aside = Overrule.objects.filter(
        opinion=OuterRef("pk"), opinion_version=OuterRef("version"), confirmed=True
    )
    return opinions.annotate(overruled=Exists(aside))


def settled(opinions):
    """The opinions with `overruled`, and `held_from`: the day of the look-up that lets the nomination pass.

    None where nothing does: a 有问题 or 无法核查 that stands needs no newer look-up to be said.
    """
    verified = Finding.objects.filter(
        nomination=OuterRef("nomination"), item=OuterRef("consultation__item"), verdict=Finding.Verdict.PASSED
    )
    return with_overrules(opinions).annotate(
        held_from=Case(
            When(answer=CLEAR, then=F("looked_up_on")),
            When(answer=PROBLEM, overruled=True, then=F("looked_up_on")),
            When(answer=UNABLE, then=Subquery(verified.values("looked_up_on")[:1])),
            output_field=DateField(),
        )
    )


def counting(opinions, today: date):
    """The same as `counts` for answers at screening, in the database."""
    until = ExpressionWrapper(
        F("held_from") + F("nomination__edition__finding_days"), output_field=DateField()
    )
    return settled(opinions).alias(until=until).filter(Q(held_from__isnull=True) | Q(until__gte=today))


@dataclass(frozen=True, slots=True)
class Row:
    """One nomination at screening, in figures: how many answers say what, and what is still open."""

    nomination: int
    questions: int
    asked: Asked | None
    counted: int = 0  # answers that count
    problem: int = 0  # those that were set aside are not among them
    unable: int = 0

    @property
    def open(self) -> int:
        return self.questions - self.counted if self.asked else 0

    @property
    def clear(self) -> bool:
        return bool(self.asked) and not (self.open or self.problem or self.unable)

    def late(self, today: date) -> int:
        return self.asked.late(today) if self.asked and self.open else 0


def rows_of(edition, questions: int, *, today: date, words: str = "") -> list[Row]:
    """Everyone at screening, in the order of the recommendations. Three queries, however many there are.

    A referred one is not among them: see `nominations.services.referred`.
    """
    found = edition.nominations.filter(~screening_over(), state=State.SCREENING)
    for word in words.split():
        found = found.filter(
            Q(subject_name__icontains=word)
            | Q(subject_key__icontains=word)
            | Q(recommender__name__icontains=word)
        )
    asked = now_asked(edition)
    given = Opinion.objects.filter(nomination__edition=edition, nomination__state=State.SCREENING)
    counted = dict(counting(given, today).order_by().values_list("nomination_id").annotate(Count("pk")))
    grave = {
        pk: (problem, unable)
        for pk, problem, unable in with_overrules(given.exclude(answer=CLEAR))
        .order_by()
        .values("nomination_id")
        .annotate(
            problem=Count("pk", Q(answer=PROBLEM, overruled=False)), unable=Count("pk", Q(answer=UNABLE))
        )
        .values_list("nomination_id", "problem", "unable")
    }
    return [
        Row(pk, questions, asked.get(pk), counted.get(pk, 0), *grave.get(pk, (0, 0)))
        for pk in found.order_by("recommender__position", "rank", "pk").values_list("pk", flat=True)
    ]


@dataclass(frozen=True, slots=True)
class Progress:
    """One question in one batch: how many nominations, how many answered."""

    question: Consultation
    batch: Batch
    there: int
    done: int

    @property
    def left(self) -> int:
        return self.there - self.done

    def late(self, today: date) -> int:
        """Days past the due date while something is left."""
        due = self.batch.due_on
        return (today - due).days if self.left and due and due < today else 0


def progress(editions, *, today: date, department: Organisation | int | None = None) -> list[Progress]:
    """Every question of these editions in every batch. A constant number of queries, whatever there is."""
    questions = Consultation.objects.filter(edition__in=editions).select_related("department", "edition")
    if department is not None:
        questions = questions.filter(department=department)
    questions = list(questions.order_by("department__position", "pk"))
    batches = {each.pk: each for each in Batch.objects.filter(edition__in=editions).order_by("number")}
    there, done = _first_time(batches, questions, today)
    _again(batches, questions, there, done)
    return [
        Progress(question, batch, number, done.get((question.pk, batch.pk), 0))
        for batch in batches.values()
        for question in questions
        if question.edition_id == batch.edition_id
        and (number := there.get(batch.pk, 0))
        and asks(batch.kind, batch.items, question.item)
    ]


def _first_time(batches, questions, today):
    there = dict(
        Batch.objects.filter(
            ~screening_over(),
            pk__in=batches,
            kind=Batch.Kind.SCREENING,
            nominations__state=State.SCREENING,
        )
        .order_by()
        .values_list("pk")
        .annotate(Count("nominations"))
    )
    answered = (
        counting(Opinion.objects.filter(consultation__in=questions), today)
        .filter(
            ~screening_over("nomination__edition"),
            nomination__state=State.SCREENING,
            nomination__batches__kind=Batch.Kind.SCREENING,
        )
        .order_by()
        .values_list("consultation_id", "nomination__batches")
        .annotate(Count("pk"))
    )
    return there, {(question, batch): n for question, batch, n in answered}


def _again(batches, questions, there, done):
    """Re-checks and referrals: few nominations, each in its newest batch."""
    newest = {}
    over = screening_over("batch__edition")
    rows = Batch.nominations.through.objects.filter(batch__in=batches).filter(
        Q(batch__kind=Batch.Kind.RECHECK) & rechecked("nomination__")
        | Q(batch__kind=Batch.Kind.REFERRAL, nomination__state=State.SCREENING) & over
    )
    for nomination, batch in rows.order_by("batch__number").values_list("nomination_id", "batch_id"):
        newest[nomination] = batch
    tally = defaultdict(int)
    for batch in newest.values():
        there[batch] = there.get(batch, 0) + 1
    answers = Opinion.objects.filter(consultation__in=questions, nomination__in=newest)
    for question, nomination, at in answers.values_list("consultation_id", "nomination_id", "answered_at"):
        batch = newest[nomination]
        if at >= batches[batch].sent_at:
            tally[question, batch] += 1
    done.update(tally)
