"""S1 四.1 仍处于, on the day: whether the exclusions of an enterprise were looked up recently enough.

委员会决定: for each exclusion asked of a department, its answer holds for the edition's days; a look-up by
the office itself, of a day and in a source it names, takes the place of older answers on that exclusion.
A 无法核查 is no look-up: it waits for one of the office.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from awards.models import Look
from nominations.models import Edition, Nomination
from nominations.services.last_step import at_last_step
from nominations.states import State
from portal import audit
from portal.errors import N_, Refused
from portal.files import clean_image, inspect
from portal.models import Membership
from portal.permissions import require
from portal.sentences import Sentence, sentence
from review import rules
from review.models import Batch, Consultation, Finding, Opinion
from review.services.expiry import EXCLUSIONS, with_held


def looked_at() -> Q:
    """For a filter of nominations: whose exclusions are looked up again, before publicity and naming."""
    return Q(state=State.PUBLICITY) | at_last_step()


@dataclass(frozen=True)
class Freshness:
    """One enterprise on one day: until when each exclusion holds (None: no answer), what the office found."""

    nomination: int
    name: str
    today: date
    until: dict[str, date | None] = field(default_factory=dict)
    found: dict[str, Look] = field(default_factory=dict)

    @property
    def missing(self) -> list[str]:
        return [item for item, day in self.until.items() if day is None]

    @property
    def lapsed(self) -> dict[str, date]:
        return {item: day for item, day in self.until.items() if day and day < self.today}

    @property
    def lacking(self) -> list[str]:
        """The exclusions to look up again, in the order of the regulation."""
        wrong = {*self.found, *self.missing, *self.lapsed}
        return [item for item in EXCLUSIONS if item in wrong]

    @property
    def holds_until(self) -> date | None:
        """The last day on which all of them hold; None where none was asked or one has no answer."""
        return None if self.missing else min(self.until.values(), default=None)

    @property
    def ok(self) -> bool:
        return not (self.missing or self.lapsed or self.found)

    @property
    def reasons(self) -> list[Sentence]:
        """Everything that keeps this one from being published or named, one sentence an exclusion."""
        lines = []
        for item, look in self.found.items():
            words = N_("“{name}”{day}复核“{item}”发现问题（{note}）。")
            lines.append(self._line(words, item, day=look.looked_up_on, note=look.note))
        for item in self.missing:
            lines.append(self._line(N_("“{name}”的“{item}”还没有查询结果。"), item))
        for item, day in self.lapsed.items():
            lines.append(
                self._line(N_("“{name}”的“{item}”查询结果有效期到 {day}，已经过期。"), item, day=day)
            )
        return lines

    def _line(self, words, item, **facts) -> Sentence:
        return sentence(words, name=self.name, item=rules.ITEM[item].title, **facts)


def fresh(nominations: Iterable[int], today: date) -> dict[int, Freshness]:
    """Nomination → how its exclusions stand on that day. A constant number of queries."""
    ids = list(nominations)
    facts = _Facts(ids)
    found = {}
    for pk, name, edition, days in Nomination.objects.filter(pk__in=ids).values_list(
        "pk", "subject_name", "edition_id", "edition__finding_days"
    ):
        until, problems = {}, {}
        for item in EXCLUSIONS:
            asked, day = facts.answered(pk, edition, item)
            look = facts.looks.get((pk, item))
            if look and look.clear and not facts.unable_since(pk, item, look.looked_up_on):
                day = max(day or look.looked_up_on, look.looked_up_on)
            elif look and not look.clear and not (day and day > look.looked_up_on):
                problems[item] = look
                continue
            if asked or look:
                until[item] = day and day + timedelta(days=days)
        found[pk] = Freshness(pk, name, today, until, problems)
    return found


class _Facts:
    """What is known of these nominations: who was asked what, the answers, the office's own look-ups."""

    def __init__(self, ids: list[int]):
        self.questions = defaultdict(lambda: defaultdict(set))
        editions = Nomination.objects.filter(pk__in=ids).values("edition")
        for edition, item, pk in Consultation.objects.filter(
            edition__in=editions, item__in=EXCLUSIONS
        ).values_list("edition_id", "item", "pk"):
            self.questions[edition][item].add(pk)
        self.sent = set(
            Batch.nominations.through.objects.filter(nomination__in=ids).values_list(
                "nomination_id", flat=True
            )
        )
        self.days = defaultdict(lambda: defaultdict(dict))
        # The days of the 无法核查 that no conclusion of the screening settles.
        self.unable = defaultdict(list)
        answers = with_held(Opinion.objects.filter(nomination__in=ids, consultation__item__in=EXCLUSIONS))
        for pk, item, question, day, said in answers.values_list(
            "nomination_id", "consultation__item", "consultation_id", "held_on", "looked_up_on"
        ):
            self.days[pk][item][question] = day
            if day is None:
                self.unable[pk, item].append(said)
        since = Opinion.objects.filter(
            nomination=OuterRef("nomination"),
            consultation__item=OuterRef("item"),
            answer=Opinion.Answer.CLEAR,
            looked_up_on__gt=OuterRef("looked_up_on"),
        )
        # The office's own conclusion at screening, where no department has since found nothing.
        own = Finding.objects.filter(~Exists(since), nomination__in=ids, item__in=EXCLUSIONS)
        for pk, item, day in own.values_list("nomination_id", "item", "looked_up_on"):
            self.days[pk][item][None] = day
        self.looks = {
            (look.nomination_id, look.item): look
            for look in Look.objects.filter(nomination__in=ids).order_by("looked_up_on", "pk")
        }

    def answered(self, pk: int, edition: int, item: str) -> tuple[bool, date | None]:
        """Whether this exclusion was asked of anybody about this one, and since when all have answered."""
        days = self.days[pk][item]
        asked = set(days) | (self.questions[edition][item] if pk in self.sent else set())
        if not asked or asked - set(days) or None in days.values():
            return bool(asked), None
        return True, min(days.values())

    def unable_since(self, pk: int, item: str, day: date) -> bool:
        """Whether a department could not verify it on a later day than that, and nobody has since."""
        return any(said > day for said in self.unable[pk, item])


def not_fresh(nominations: Iterable[int], today: date) -> list[Freshness]:
    """Those that may be neither published nor named on that day, in the order given."""
    ids = list(nominations)
    found = fresh(ids, today)
    return [found[pk] for pk in ids if pk in found and not found[pk].ok]


def refuse_not_fresh(nominations: Iterable[int], today: date) -> None:
    """Raise the sentence that says of whom which exclusion has to be looked up again."""
    lacking = not_fresh(nominations, today)
    if not lacking:
        return
    reasons = [reason for each in lacking for reason in each.reasons]
    raise Refused(
        N_("{reason}涉及企业 {count} 家。请先在“排除条件复核”中登记新的查询结果，或者送部门再次核查。"),
        reason=reasons[0],
        count=len(lacking),
    )


@transaction.atomic
def note_looks(
    edition: Edition,
    *,
    nominations: Iterable[int],
    items: Iterable[str],
    looked_up_on: date,
    source: str,
    clear: bool = True,
    note: str = "",
    paper=None,
    by: Membership,
    now: datetime,
) -> list[Look]:
    """The office looked these enterprises up for these exclusions, on one day, in one source.

    A problem is entered for one enterprise and one exclusion at a time, in words of its own.
    """
    require(by, "awards.note_look", edition)
    wanted, items = set(nominations), [item for item in EXCLUSIONS if item in set(items)]
    chosen = list(
        Nomination.objects.select_for_update(of=("self",))
        .filter(looked_at(), edition=edition, pk__in=wanted)
        .order_by("pk")
    )
    if not chosen or len(chosen) != len(wanted):
        raise Refused(N_("请选择名单上还在评选中的企业。所选企业的状态可能刚刚有变动，请刷新页面后再登记。"))
    if not items:
        raise Refused(N_("请选择这次查询的排除情形。"))
    if looked_up_on > timezone.localdate(now):
        raise Refused(N_("查询日期 {day} 还没有到，请核对。"), day=looked_up_on)
    if not source.strip():
        raise Refused(N_("请写明查询来源，例如网站、名录或者出具材料的部门。"))
    if not clear and not note.strip():
        raise Refused(N_("发现问题的，请写明是什么问题。"))
    if not clear and (len(chosen) > 1 or len(items) > 1):
        raise Refused(N_("发现问题的，请逐家、逐项登记。"))
    kept, digest = _kept(paper)
    looks = [
        Look(
            nomination=nomination,
            item=item,
            looked_up_on=looked_up_on,
            source=source.strip(),
            clear=clear,
            note=note.strip(),
            paper=kept,
            noted_at=now,
            noted_by=by,
        )
        for nomination in chosen
        for item in items
    ]
    for look in looks:
        look.full_clean(exclude=["paper"])
    Look.objects.bulk_create(looks)
    for nomination in chosen:
        audit.record(
            "awards.note_look",
            nomination,
            by=by,
            now=now,
            items=items,
            looked_up_on=looked_up_on,
            source=source.strip(),
            clear=clear,
            note=note.strip(),
            paper=digest,
        )
    return looks


def _kept(paper) -> tuple[str, str]:
    """The paper once in the store, however many rows name it, and its digest."""
    if not paper:
        return "", ""
    kind = inspect(paper)
    look = Look()
    look.paper.save(paper.name, clean_image(paper) if kind.is_image else paper, save=False)
    return look.paper.name, kind.sha256
