"""How the work stands, for the pages of the office: who holds what, who lacks whom. Reads only."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Q

from nominations.models import Edition, Nomination
from nominations.states import State
from portal.models import Membership
from review.models import Assignment, Conflict, PanelMember, kept_from
from review.services.assigning import AssignmentPreview, unassigned

COUNTS = Q(assignments__recusal__isnull=True) & (
    Q(assignments__member__standing=PanelMember.Standing.SEATED)
    | Q(assignments__sheet__submitted_at__isnull=False)
)


@dataclass
class Row:
    """One nomination: its tasks as far as they stand, and who may not have it."""

    nomination: Nomination
    tasks: list[Assignment] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


def wanted(edition: Edition) -> int:
    """Experts a nomination is to have: as last computed, else as the edition says; 0 is everybody."""
    last = edition.assignment_runs.order_by("-number").first()
    return last.inputs["each"] if last else edition.sheets_each


def lacking(edition: Edition) -> int:
    """How many nominations under review have fewer experts than they should; recused ones do not count."""
    each = wanted(edition)
    if not each:
        return len({nomination.pk for nomination, _member in unassigned(edition)})
    held = edition.nominations.filter(state=State.REVIEW).annotate(held=Count("assignments", filter=COUNTS))
    return held.filter(held__lt=each).count()


def visible(edition: Edition, hat: Membership):
    """The nominations under review, without those that are kept from this person."""
    return (
        edition.nominations.filter(state=State.REVIEW)
        .exclude(pk__in=kept_from(hat).values("pk"))
        .select_related("enterprise", "recommender", "declaration")
        .order_by("subject_key")
    )


def board(edition: Edition, nominations) -> list[Row]:
    """The rows of these nominations: tasks and conflicts in the order of the panel's numbers."""
    rows = {each.pk: Row(each) for each in nominations}
    tasks = (
        Assignment.objects.filter(nomination__in=rows)
        .select_related("member__expert", "recusal", "sheet")
        .order_by("member__code")
    )
    for task in tasks:
        rows[task.nomination_id].tasks.append(task)
    conflicts = (
        Conflict.objects.filter(nomination__in=rows)
        .select_related("member__expert", "set_by__user")
        .order_by("member__code")
    )
    for conflict in conflicts:
        rows[conflict.nomination_id].conflicts.append(conflict)
    return list(rows.values())


@dataclass
class Load:
    """One member in a preview: what is held, what would come, and how much of that is of the field."""

    member: PanelMember
    held: int = 0
    new: int = 0
    matched: int = 0
    names: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.held + self.new


def loads_of(preview: AssignmentPreview) -> list[Load]:
    """Every member in the order of the panel's numbers."""
    new = defaultdict(list)
    for nomination, member in preview.pairs:
        new[member.pk].append(nomination)
    subjects = preview.inputs["subjects"]
    lines = []
    for member, total in sorted(preview.loads, key=lambda pair: pair[0].code):
        mine = new[member.pk]
        known = set(member.expert.fields)
        matched = sum(bool(known & set(subjects[each.subject_key])) for each in mine)
        names = [each.subject_name for each in mine]
        lines.append(Load(member, total - len(mine), len(mine), matched, names))
    return lines
