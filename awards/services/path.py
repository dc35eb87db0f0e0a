"""The way of an enterprise and of what belongs to it, 企业级 → 区市级 → 市级 → 省级, for pages and boards.

Namings are public. That one is put forward is the committee's until it is accepted: with a hat, the pages
of that hat's own honours (`Honour.objects.visible_to`) also show what is open and what came to nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.timezone import localdate

from awards.models import Honour, Promotion
from awards.rules import paths as rules
from nominations.models import Category, Enterprise
from portal.models import Membership


@dataclass(frozen=True)
class Step:
    """One naming, or one putting forward of a named one."""

    honour: Honour
    level: str
    on: date
    number: str
    promotion: Promotion | None = None

    @property
    def standing(self) -> bool:
        """A naming that was not revoked."""
        return self.promotion is None and self.honour.revoked_on is None

    @property
    def subject(self) -> str:
        """Whom it is of, where that is not the enterprise itself."""
        whole = self.honour.category.subject == Category.Subject.ENTERPRISE
        return "" if whole else self.honour.subject_name


@dataclass(frozen=True)
class Path:
    enterprise: Enterprise
    steps: list[Step]

    @property
    def highest(self) -> str:
        """The highest level at which a naming stands, "" for none."""
        return rules.highest({step.level for step in self.steps if step.standing})

    @property
    def own_words(self) -> str:
        """The highest level at which the enterprise itself, not a studio or result of its, stands named."""
        own = rules.highest({step.level for step in self.steps if step.standing and not step.subject})
        return str(Honour.Level(own).label) if own else ""

    @property
    def highest_words(self) -> str:
        return str(Honour.Level(self.highest).label) if self.highest else ""


def path_of(enterprise: Enterprise, *, hat: Membership | None = None) -> Path:
    """What the public may see; with a hat, also what its own pages show."""
    return paths_of([enterprise], hat=hat)[enterprise.pk]


def paths_of(enterprises: Iterable[Enterprise], *, hat: Membership | None = None) -> dict[int, Path]:
    """By the key of the enterprise; two queries, however many there are."""
    there = {each.pk: each for each in enterprises}
    namings = defaultdict(list)
    rows = Honour.objects.public().filter(enterprise__in=there).select_related("category", "host")
    for honour in rows.order_by("pk"):
        namings[honour.enterprise_id].append(honour)
    forward = defaultdict(list)
    for promotion in _put_forward(there, hat):
        forward[promotion.honour_id].append(promotion)
    return {pk: Path(each, _steps(namings[pk], forward)) for pk, each in there.items()}


def _put_forward(enterprises, hat):
    shown = Q(outcome=Promotion.Outcome.ACCEPTED)
    if hat is not None:
        shown |= Q(honour__in=Honour.objects.visible_to(hat))
    public = Honour.objects.public().filter(enterprise__in=enterprises)
    return Promotion.objects.filter(shown, ended_at__isnull=True, honour__in=public).order_by("pk")


def _steps(namings, forward):
    by_key = {honour.pk: honour for honour in namings}
    steps = [Step(each, each.level, each.named_on, each.number) for each in namings]
    told = defaultdict(list)
    for each in namings:
        told[each.subject_key, each.level].append((each.decision, each.number))
    for honour in namings:
        for promotion in forward[honour.pk]:
            level = Honour.Level.PROVINCE if promotion.to == Promotion.To.PROVINCE else honour.level
            paper = promotion.outcome_number
            if level != honour.level and rules.told_once(paper, told[honour.subject_key, level]):
                continue
            on = promotion.outcome_on or localdate(promotion.decided_at)
            steps.append(Step(by_key[honour.pk], level, on, paper, promotion))
    return rules.in_order(steps)
