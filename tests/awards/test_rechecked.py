"""A 有问题 of a re-check stops publicity and naming, whatever the office confirms."""

from datetime import timedelta

import pytest

from awards.services import naming, publishing
from nominations.states import State
from portal.errors import Refused
from review.models import Consultation
from review.services import rechecks
from review.services.opinions import answer
from tests import factories
from tests.awards.stage import AFTER, PUBLISHING, at_rank, ids, office_of, published, visited

pytestmark = pytest.mark.django_db


def found(edition, rank, now):
    """市应急管理局 is asked again about one and finds something."""
    safety = factories.hat("department", "dept-yjj")
    question = Consultation.objects.create(edition=edition, department=safety.organisation, item="accident")
    nomination = at_rank(edition, rank)
    rechecks.send_recheck(
        edition, [nomination.pk], due_on=now.date() + timedelta(days=3), by=office_of(edition), now=now
    )
    answer(nomination, question, by=safety, now=now, answer="problem", explanation="发生较大事故")
    return nomination


def test_nobody_is_published_against_what_stands():
    edition = visited()
    nomination = found(edition, 1, PUBLISHING)
    given = {"chosen": ids(edition, 1, 2), "by": office_of(edition), "now": PUBLISHING}
    with pytest.raises(Refused, match="再次核查有问题（市应急管理局：发生较大事故）"):
        publishing.publish_notice(edition, **given)
    preview = publishing.preview_notice(edition, ids(edition, 1, 2), PUBLISHING.date())
    assert [each.nomination.pk for each in preview.problems] == [nomination.pk]
    rechecks.refuse_rechecked(nomination, reason="发生较大事故", by=office_of(edition), now=PUBLISHING)
    publishing.publish_notice(edition, **{**given, "chosen": ids(edition, 2, 3)})
    assert at_rank(edition, 1).state == State.REJECTED


def test_nobody_is_named_against_what_stands():
    edition = published().edition
    found(edition, 1, AFTER)
    with pytest.raises(Refused, match="再次核查有问题"):
        naming.name_winners(
            edition,
            decision="演示工发2026-10号",
            by=office_of(edition),
            now=AFTER,
        )
    assert at_rank(edition, 1).state == State.PUBLICITY
