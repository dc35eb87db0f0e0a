"""Links for those without an account: once, for a time, until revoked; who misuses one gets nothing."""

import hashlib
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from portal.errors import Refused
from portal.models import AuditEntry, Membership, Notification
from review import services
from review.models import AnswerLink, Opinion
from review.services import links
from review.services.opinions import Reply
from tests import factories
from tests.moments import NOW
from tests.review.conftest import org

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 1)
GOOD_UNTIL = date(2026, 6, 4)


def issue(place, by=None, department="dept-kjj", **more):
    more = {"name": "王演示", "valid_until": GOOD_UNTIL} | more
    return links.issue_link(place.edition, org(department), by=by or place.office, now=NOW, **more)


def reply(place, n, question, answer="clear", explanation="", **more):
    return (place.nominations[n].pk, question.pk, Reply(answer, explanation, TODAY, **more))


def test_the_key_is_shown_once_and_only_its_digest_is_kept(screened):
    issued = issue(screened, position="科长", contact="0532-00000000")
    assert len(issued.token) >= 43
    assert issued.link.token_sha256 == hashlib.sha256(issued.token.encode()).hexdigest()
    entry = AuditEntry.objects.get(act="review.issue_link")
    assert issued.token not in entry.body
    assert entry.detail["name"] == "王演示"
    assert links.open_link(issued.token, now=NOW).pk == issued.link.pk
    assert AnswerLink.objects.get().opened_at == NOW


def test_the_person_behind_a_link_cannot_sign_in_and_is_told_nothing(client, screened):
    hat = issue(screened).link.hat
    assert not hat.user.is_active and not hat.user.has_usable_password() and not hat.user.email
    assert hat not in Membership.objects.active()
    client.post(reverse("account_login"), {"login": hat.user.username, "password": "!"})
    assert "_auth_user_id" not in client.session
    services.consult(
        screened.edition,
        [(org("dept-kjj"), "misconduct"), (org("dept-yjj"), "accident"), (org("dept-kjj"), "overall")],
        by=screened.office,
        now=NOW,
    )
    assert not Notification.objects.filter(recipient=hat.user).exists()


def test_answers_stand_under_the_name_of_who_gave_them(screened):
    link = issue(screened).link
    [opinion] = links.answer_by_link(link, replies=[reply(screened, 0, screened.kjj)], now=NOW)
    assert (str(opinion.answered_by.user), opinion.answered_by.organisation.code) == ("王演示", "dept-kjj")
    entry = AuditEntry.objects.get(act="review.answer")
    assert (entry.actor_name, entry.detail["on_behalf"]) == ("王演示", False)


def revoked(place, link):
    links.revoke_link(link, reason="发错了人", by=place.office, now=NOW)


def used(place, link):
    links.finish_link(link, anyway=True, by=link.hat, now=NOW)


def expired(place, link):
    AnswerLink.objects.filter(pk=link.pk).update(expires_at=NOW)


def dismissed(place, link):
    Membership.objects.filter(pk=link.hat_id).update(active=False)


@pytest.mark.parametrize("end", [revoked, used, expired, dismissed])
def test_a_link_that_is_over_opens_nothing_and_says_nothing_of_why(screened, end):
    issued = issue(screened)
    links.open_link(issued.token, now=NOW)
    end(screened, issued.link)
    said = set()
    for attempt in (
        lambda: links.open_link(issued.token, now=NOW),
        lambda: links.answer_by_link(issued.link, replies=[reply(screened, 0, screened.kjj)], now=NOW),
        lambda: links.answer_rest_by_link(
            issued.link, looked_up_on=TODAY, named=[screened.nominations[0].pk], now=NOW
        ),
        lambda: links.finish_link(issued.link, anyway=True, by=issued.link.hat, now=NOW),
    ):
        with pytest.raises(links.LinkClosed) as refusal:
            attempt()
        said.add(str(refusal.value))
    assert len(said) == 1 and "联系" in said.pop()
    assert not Opinion.objects.exists()


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "A", lambda t: t.swapcase(), lambda t: ""]
)
def test_a_key_that_was_changed_opens_nothing(screened, change):
    token = issue(screened).token
    with pytest.raises(links.LinkClosed):
        links.open_link(change(token), now=NOW)


def test_until_the_end_of_the_last_day_in_qingdao(screened):
    token = issue(screened).token
    # 2026-06-04 15:59 UTC is still the fourth in Qingdao.
    assert links.open_link(token, now=NOW.replace(day=4, hour=15, minute=59))
    with pytest.raises(links.LinkClosed):
        links.open_link(token, now=NOW.replace(day=4, hour=16, minute=0))


def test_no_other_departments_question_and_no_other_edition(screened):
    link = issue(screened).link
    with pytest.raises(PermissionDenied):
        links.answer_by_link(link, replies=[reply(screened, 0, screened.yjj)], now=NOW)
    other = factories.edition(host="市北区")
    office = factories.hat("office", "市北区")
    strange = factories.nomination(other, 31, state="screening", recommender="市北区")
    [question] = services.consult(other, [(org("dept-kjj"), "misconduct")], by=office, now=NOW)
    with pytest.raises(Refused, match="不属于本届"):
        links.answer_by_link(link, replies=[(strange.pk, question.pk, Reply("clear", "", TODAY))], now=NOW)
    with pytest.raises(Refused, match="不在本届名单"):
        links.answer_by_link(
            link, replies=[(strange.pk, screened.kjj.pk, Reply("clear", "", TODAY))], now=NOW
        )
    assert not Opinion.objects.exists()


def test_it_is_used_up_when_all_is_answered_or_when_that_is_said(screened):
    link = issue(screened).link
    links.answer_by_link(link, replies=[reply(screened, 0, screened.kjj)], now=NOW)
    with pytest.raises(Refused, match="还有 2 项没有答复"):
        links.finish_link(link, by=link.hat, now=NOW)
    links.answer_rest_by_link(
        link, looked_up_on=TODAY, named=[each.pk for each in screened.nominations], now=NOW
    )
    assert links.finish_link(link, by=link.hat, now=NOW).used_at == NOW
    assert AuditEntry.objects.get(act="review.use_link").detail["left"] == 0


def test_only_who_holds_the_link_hands_it_in(screened):
    link, other = issue(screened).link, issue(screened, department="dept-yjj").link
    with pytest.raises(links.LinkClosed):
        links.finish_link(link, anyway=True, by=other.hat, now=NOW)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "  "}, "姓名"),
        ({"valid_until": TODAY - timedelta(days=1)}, "有效期"),
        ({"valid_until": TODAY + timedelta(days=31)}, "最长 30 天"),
        ({"department": "dept-gxj"}, "没有向"),
    ],
)
def test_what_issuing_must_not_be(screened, given, words):
    with pytest.raises(Refused, match=words):
        issue(screened, **given)
    assert not AnswerLink.objects.exists()


def test_who_may_issue_and_revoke(screened):
    link = issue(screened).link
    for hat in (screened.science, factories.hat("office", "市南区"), factories.hat("auditor")):
        with pytest.raises(PermissionDenied):
            issue(screened, by=hat)
        with pytest.raises(PermissionDenied):
            links.revoke_link(link, reason="试", by=hat, now=NOW)
    with pytest.raises(Refused, match="理由"):
        links.revoke_link(link, reason=" ", by=screened.office, now=NOW)
    links.revoke_link(link, reason="发错了人", by=screened.office, now=NOW)
    with pytest.raises(Refused, match="不需要再撤销"):
        links.revoke_link(link, reason="发错了人", by=screened.office, now=NOW)
    assert AuditEntry.objects.get(act="review.revoke_link").detail["reason"] == "发错了人"


def test_the_default_is_three_days_after_the_due_date_and_at_most_thirty(screened):
    screened.edition.batches.update(due_on=TODAY + timedelta(days=7))
    assert links.default_expiry(screened.edition, today=TODAY) == TODAY + timedelta(days=10)
    screened.edition.batches.update(due_on=TODAY + timedelta(days=60))
    assert links.default_expiry(screened.edition, today=TODAY) == TODAY + timedelta(days=30)
    screened.edition.batches.update(due_on=TODAY - timedelta(days=9))
    assert links.default_expiry(screened.edition, today=TODAY) == TODAY + timedelta(days=3)
