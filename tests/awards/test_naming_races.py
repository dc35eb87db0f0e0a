"""A naming, and what is found against one of the list in the same second."""

from datetime import date

import pytest
from django.db import transaction

from awards.models import Honour
from awards.services import naming
from tests.awards.stage import AFTER, at_rank, office_of, published
from tests.awards.test_publishing import look
from tests.races import overtaking, told


@pytest.mark.django_db(transaction=True)
def test_a_naming_sees_what_the_office_finds_while_it_begins():
    with transaction.atomic():
        edition = published().edition
        by = office_of(edition)
    found = {"on": date(2026, 10, 10), "clear": False, "note": "演示问题", "now": AFTER}
    outcomes = overtaking(
        lambda: look(edition, 2, **found),
        lambda: naming.name_winners(edition, decision="演示工发2026-10号", by=by, now=AFTER),
    )
    assert [told(each) for each in outcomes] == [False, True] and "演示问题" in str(outcomes[1])
    assert not Honour.objects.exists()
    assert [at_rank(edition, rank).state for rank in (1, 2)] == ["publicity", "publicity"]
