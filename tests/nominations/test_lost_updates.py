"""Two editors of one record: both changes survive, or the second is told. On real transactions.

Held elsewhere already: two tabs of a declaration and merging them (`test_services_saving`), a file applied
beside a save (`test_intake_at_large`), ranking beside a withdrawal (`test_services_ranking`), two takers of
the last place (`test_services_recommending`), two settings of one quota (`test_services_quotas`), two
conflicting moves (`test_workflow`), two who tell a pair apart (`test_services_pairs`).
"""

from datetime import date

import pytest

from nominations.declaration.facts import digest_of, facts_of
from nominations.models import Nomination, Quota
from nominations.services import quotas, recommending
from nominations.services.declaring import save_declaration
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories
from tests.moments import NOW
from tests.races import overtaking, told

FOUNDED = date(2015, 3, 2)
pytestmark = pytest.mark.django_db(transaction=True)


def waiting_for_review(edition, *numbers):
    return [
        factories.nomination(edition, n, state="recommendation", union_founded_on=FOUNDED) for n in numbers
    ]


@pytest.fixture
def edition():
    return factories.edition(now=NOW)


@pytest.fixture
def union(edition):
    return factories.hat("recommender")


@pytest.fixture
def office(edition):
    return factories.hat("office")


def recommend(by, *rows):
    return recommending.recommend(rows, by=by, now=NOW, opinion="同意推荐")


@pytest.mark.parametrize("setting", ["set_quota", "set_quotas"])
def test_a_first_quota_never_ends_below_what_is_recommended(edition, union, office, setting):
    """No row to wait for yet, and still one waits for the other: whoever sets it first, or recommends."""
    [one] = waiting_for_review(edition, 1)
    unit = union.organisation

    def set_none():
        if setting == "set_quota":
            return quotas.set_quota(edition, unit, 0, by=office, now=NOW)
        return quotas.set_quotas(edition, {unit: 0}, by=office, now=NOW)

    recommended, given = overtaking(lambda: recommend(union, one), set_none)
    assert not told(recommended) and isinstance(given, Refused) and "不能少于 1" in str(given)
    assert not Quota.objects.exists()
    # And the other way round.
    other = factories.hat("recommender", "市北区")
    row = factories.nomination(
        edition, 3, state="recommendation", recommender="市北区", union_founded_on=FOUNDED
    )
    given, recommended = overtaking(
        lambda: quotas.set_quotas(edition, {other.organisation: 0}, by=office, now=NOW),
        lambda: recommend(other, row),
    )
    assert not told(given) and told(recommended)
    assert quotas.quota_lines(edition, other.organisation)[0].used == 0


def test_what_is_recommended_is_what_was_saved_while_one_waited(edition, union, office):
    """The line of the record speaks of the declaration as it stands, not as it stood before the wait."""
    [one] = waiting_for_review(edition, 1)
    saved, recommended = overtaking(
        lambda: save_declaration(one, by=office, now=NOW, version=1, employees=455),
        lambda: recommend(union, one),
    )
    assert not told(saved) and not told(recommended)
    kept = Nomination.objects.get(pk=one.pk)
    line = AuditEntry.objects.get(act="nominations.recommend")
    facts = facts_of(kept.subject_name, kept.declaration)
    assert (line.detail["version"], kept.declaration.employees) == (2, 455)
    assert line.detail["digest"] == digest_of(facts, credit_code=kept.enterprise.credit_code)


def test_what_was_blanked_while_one_waited_is_not_recommended(edition, union, office):
    [one] = waiting_for_review(edition, 1)
    saved, recommended = overtaking(
        lambda: save_declaration(one, by=office, now=NOW, version=1, employees=None),
        lambda: recommend(union, one),
    )
    assert not told(saved) and told(recommended) and "还缺" in str(recommended)
