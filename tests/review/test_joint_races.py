"""Two at once at the joint check, on real PostgreSQL."""

import pytest
from django.utils import timezone

from portal.errors import Refused
from portal.models import Notification
from review import services
from review.models import AnswerLink, Batch, Opinion
from review.services import chasing, links
from review.services.opinions import Reply
from tests import factories
from tests.moments import NOW
from tests.review.conftest import FOUNDED, org
from tests.review.test_concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = timezone.localdate(NOW)


@pytest.mark.parametrize("_round", range(3))
def test_two_colleagues_answering_one_question_leave_one_answer(screened, _round):
    second = factories.hat("department", "dept-kjj", "colleague")

    def say(hat, **given):
        return lambda: services.answer(
            screened.nominations[0], screened.kjj, by=hat, now=NOW, version=0, **given
        )

    outcomes = at_once(
        say(screened.science, answer="clear"), say(second, answer="problem", explanation="撤稿")
    )
    refused = [each for each in outcomes if isinstance(each, Refused)]
    [stored] = Opinion.objects.all()
    [said] = [each for each in outcomes if isinstance(each, Opinion)]
    assert len(refused) == 1 and "刚由他人答复" in str(refused[0])
    assert (stored.answer, stored.version) == (said.answer, 1)


@pytest.mark.parametrize("_round", range(3))
def test_a_link_revoked_while_it_is_used_lets_all_in_or_nothing(screened, _round):
    link = links.issue_link(
        screened.edition, org("dept-kjj"), name="王演示", valid_until=TODAY, by=screened.office, now=NOW
    ).link
    replies = [(each.pk, screened.kjj.pk, Reply("clear", "", TODAY)) for each in screened.nominations]
    answered, revoked = at_once(
        lambda: links.answer_by_link(link, replies=replies, now=NOW),
        lambda: links.revoke_link(link, reason="发错了人", by=screened.office, now=NOW),
    )
    assert isinstance(revoked, AnswerLink) and AnswerLink.objects.get().revoked_at == NOW
    if isinstance(answered, links.LinkClosed):
        assert not Opinion.objects.exists()
    else:
        assert Opinion.objects.count() == 3
    with pytest.raises(links.LinkClosed):
        links.answer_by_link(link, replies=replies, now=NOW)


def test_two_workers_remind_each_person_once(screened):
    Batch.objects.update(due_on=TODAY)

    def run():
        return chasing.remind_departments(screened.edition, now=NOW)

    assert sorted(at_once(run, run)) == [0, 2]
    assert Notification.objects.filter(event=chasing.REMIND, channel="site").count() == 2


def test_two_of_the_office_send_one_batch(screened):
    factories.nomination(screened.edition, 21, state="screening", union_founded_on=FOUNDED)

    def send():
        return services.send_batch(screened.edition, by=screened.office, now=NOW)

    outcomes = at_once(send, send)
    assert sum(isinstance(each, Batch) for each in outcomes) == 1
    assert [str(each) for each in outcomes if isinstance(each, Refused)] == [
        "没有等待送出的企业：进入资格审查的都已经送部门联审。"
    ]


def test_two_hands_use_a_link_up_once(screened):
    link = links.issue_link(
        screened.edition, org("dept-kjj"), name="王演示", valid_until=TODAY, by=screened.office, now=NOW
    ).link

    def finish():
        return links.finish_link(link, anyway=True, by=link.hat, now=NOW)

    outcomes = at_once(finish, finish)
    assert sum(isinstance(each, AnswerLink) for each in outcomes) == 1
    assert sum(isinstance(each, links.LinkClosed) for each in outcomes) == 1
