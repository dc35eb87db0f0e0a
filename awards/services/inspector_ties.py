"""What the portal itself sees between those who visit and the enterprises of an edition. Reads only."""

from collections import defaultdict
from collections.abc import Iterable

from awards.rules import visits as rules
from awards.services.team_places import inspectors
from nominations.models import Edition, Nomination, Recommendation
from nominations.states import State
from portal.errors import N_
from portal.models import Membership, Role, User
from portal.workbook import name_key
from review.models import Assignment, Conflict, Finding, Opinion

Pair = tuple[int, int]
EXPERT = N_("在本届担任该企业的评审专家")
OFFICER = N_("在本届办理过该企业的资格审查")
RECOMMENDER = N_("在该企业的推荐单位任职或办理过推荐")
EMPLOYEE = N_("在该企业的账户单位任职")


def seen(edition: Edition, nominations: Iterable[Nomination] | None = None) -> dict[Pair, str]:
    """(user, nomination) → why, for every pair in which the portal itself sees a conflict. Reads only.

    Without `nominations`: all of the edition that are visited.
    """
    if nominations is None:
        nominations = Nomination.objects.filter(edition=edition, inspection__isnull=False)
        nominations |= Nomination.objects.at(State.INSPECTION).filter(edition=edition)
        nominations = nominations.select_related("enterprise", "recommender", "declaration")
    nominations = list(nominations)
    people = [_person(user) for user in inspectors().select_related("inspector")]
    served = _served(nominations)
    found = {}
    for nomination in nominations:
        subject = rules.Subject(
            nomination.pk,
            nomination.enterprise.credit_code,
            frozenset({name_key(nomination.enterprise.name), name_key(nomination.subject_name)}),
            nomination.recommender.division_name or nomination.declaration.division_name,
            served[nomination.pk],
        )
        for person in people:
            why = rules.conflict(person, subject, same_district=edition.same_district_conflict)
            if why:
                found[person.id, nomination.pk] = str(why)
    return found


def _person(user: User) -> rules.Person:
    known = getattr(user, "inspector", None)
    if known is None:
        return rules.Person(user.pk)
    return rules.Person(user.pk, name_key(known.employer), known.employer_code, known.division_name)


def _served(nominations: list[Nomination]) -> dict[int, dict[int, str]]:
    """nomination → person → what as; the first part in the matter that is found is named."""
    ids = [each.pk for each in nominations]
    found: dict[int, dict[int, str]] = defaultdict(dict)

    def note(rows, reason):
        for nomination, user in rows:
            if user is not None:
                found[nomination].setdefault(user, reason)

    here = {"nomination__in": ids}
    note(Assignment.objects.filter(**here).values_list("nomination", "member__user"), EXPERT)
    tied = Conflict.objects.filter(state__in=Conflict.STANDING, **here)
    note(tied.values_list("nomination", "member__user"), EXPERT)
    note(Opinion.objects.filter(**here).values_list("nomination", "answered_by__user"), OFFICER)
    own = Finding.objects.filter(proposed=False, **here)
    note(own.values_list("nomination", "found_by__user"), OFFICER)
    note(Recommendation.objects.filter(**here).values_list("nomination", "recommended_by__user"), RECOMMENDER)
    hats = Membership.objects.active().filter(role__in=(Role.RECOMMENDER, Role.APPLICANT))
    at = defaultdict(list)
    for organisation, user, role in hats.values_list("organisation", "user", "role"):
        at[organisation, role].append(user)
    for each in nominations:
        note(((each.pk, user) for user in at[each.recommender_id, Role.RECOMMENDER]), RECOMMENDER)
        note(((each.pk, user) for user in at[each.enterprise.organisation_id, Role.APPLICANT]), EMPLOYEE)
    return found
