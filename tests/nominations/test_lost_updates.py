"""Two editors of one record: both changes survive, or the second is told. On real transactions.

Held elsewhere already: two tabs of a declaration and merging them (`test_services_saving`), a file applied
beside a save (`test_intake_at_large`), ranking beside a withdrawal (`test_services_ranking`), two takers of
the last place (`test_services_recommending`), two settings of one quota (`test_services_quotas`), two
conflicting moves (`test_workflow`), two who tell a pair apart (`test_services_pairs`).
"""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from nominations.declaration.facts import digest_of, facts_of
from nominations.models import Nomination, Quota
from nominations.services import quotas, recommending
from nominations.services.declaring import save_declaration, submit
from nominations.services.evidence import attach_evidence
from nominations.services.returning import send_back
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


def test_two_replacements_of_one_document(edition, union):
    """The second finds the document replaced, and is told; nothing hangs in the air."""
    draft = factories.nomination(edition, 1)
    old = attach(draft, union, b"first")
    first, second = overtaking(
        lambda: attach(draft, union, b"second", replaces=old),
        lambda: attach(draft, union, b"third", replaces=old),
    )
    assert not told(first) and told(second) and "已被替换" in str(second)
    assert [each.sha256 for each in draft.evidence.current()] == [first.sha256]


def attach(nomination, by, words, **more):
    file = SimpleUploadedFile("证书.pdf", b"%PDF-1.4\n%" + words + b"\n%%EOF")
    return attach_evidence(nomination, by=by, now=NOW, kind="licence", title="证书", file=file, **more)


def test_returned_and_recommended_at_once(edition, union, office):
    """One of the two happens, and the other is told where the nomination is now."""
    one, two = waiting_for_review(edition, 1, 2)

    def give_back(row):
        return send_back(row, by=office, now=NOW, reason="请核对", deadline=date(2026, 6, 10))

    returned, recommended = overtaking(lambda: give_back(one), lambda: recommend(union, one))
    assert not told(returned) and told(recommended)
    recommended, returned = overtaking(lambda: recommend(union, two), lambda: give_back(two))
    # The office may send back from screening as well: then both have happened, one after the other.
    assert not told(recommended) and not told(returned)
    states = dict(Nomination.objects.values_list("pk", "state"))
    assert (states[one.pk], states[two.pk]) == ("draft", "draft")


@pytest.mark.parametrize("by_itself", [(True, False), (False, True), (False, False)])
def test_two_saves_from_one_version(edition, union, by_itself):
    """By itself or by hand: the second is told of the first, and nothing of the first is gone."""
    draft = factories.nomination(edition, 1, employees=100)
    first, second = overtaking(
        lambda: save_declaration(draft, by=union, now=NOW, version=1, employees=111, by_itself=by_itself[0]),
        lambda: save_declaration(
            draft, by=union, now=NOW, version=1, industry="纺织", by_itself=by_itself[1]
        ),
    )
    assert not told(first) and told(second)
    draft.declaration.refresh_from_db()
    assert (draft.declaration.employees, draft.declaration.version) == (111, 2)


def test_handed_in_while_it_saves_itself(edition, union):
    """What arrives after it was handed in is told so; what was sealed is what was there."""
    draft = factories.nomination(edition, 1, union_founded_on=FOUNDED)
    handed_in, saved = overtaking(
        lambda: submit(draft, by=union, now=NOW),
        lambda: save_declaration(draft, by=union, now=NOW, version=1, employees=5, by_itself=True),
    )
    assert not told(handed_in)
    line = AuditEntry.objects.get(act="nominations.submit")
    if told(saved):
        assert Nomination.objects.get(pk=draft.pk).declaration.employees == 300
    else:
        # A recommender may go on correcting what is handed in; then that is a line of its own.
        assert AuditEntry.objects.filter(act="nominations.edit", pk__gt=line.pk).exists()
    assert line.detail["version"] == 1
