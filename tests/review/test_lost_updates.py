"""Two editors of one record at the joint check: both changes survive, or the second is told.

On real transactions; the second begins before the first has committed. Held elsewhere already: two answers
to one question, a link revoked while it is used, two who send a batch, two who use a link up
(`test_joint_races`), an answer beside the closing, two closings (`test_concurrency`), two proposals and two
decisions on one overrule, a decision beside a new answer (`test_services_overrules`).
"""

import io

import pytest
from django.utils.timezone import localdate
from openpyxl import load_workbook

from nominations.models import Nomination
from nominations.services import keeping
from nominations.services.returning import send_back
from nominations.states import State
from portal.errors import Refused
from review import services
from review.models import AnswerLink, Consultation, Finding, Opinion, Overrule
from review.services import links
from review.services.opinion_sheets import chosen_rows, read_answers
from review.services.opinions import Reply
from review.services.overrules import propose_overrule
from tests import factories
from tests.moments import NOW
from tests.races import overtaking, told
from tests.review.conftest import org
from tests.review.test_concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = localdate(NOW)


def consult_one(place):
    """The office keeps one of its two questions."""
    wanted = [(org("dept-yjj"), "accident")]
    return services.consult(place.edition, wanted, by=place.office, now=NOW)


def answer(place, n=0, **said):
    said = {"answer": "clear"} | said
    return services.answer(place.nominations[n], place.kjj, by=place.science, now=NOW, **said)


def test_a_question_is_not_taken_off_the_list_under_an_answer(screened):
    answered, dropped = overtaking(lambda: answer(screened), lambda: consult_one(screened))
    assert not told(answered) and told(dropped) and "已经就" in str(dropped)
    assert Opinion.objects.count() == 1 and Consultation.objects.count() == 2


def test_an_answer_to_a_question_taken_off_the_list_is_told(screened):
    dropped, answered = overtaking(lambda: consult_one(screened), lambda: answer(screened))
    assert not told(dropped) and told(answered)
    assert not Opinion.objects.exists() and Consultation.objects.count() == 1


def out(place, *numbers, **said):
    """The department's workbook with an answer in the rows of these nominations, kept to be applied."""
    file = io.BytesIO()
    handed = services.handout_answers(
        place.edition, place.science.organisation, file, by=place.science, now=NOW
    )
    book = load_workbook(file)
    sheet = book.active
    heads = next(row for row in sheet.iter_rows() if any(cell.value == "结果" for cell in row))
    column = {cell.value: cell.column for cell in heads}
    wanted = {place.nominations[n].enterprise.credit_code for n in numbers}
    for line in range(heads[0].row + 1, sheet.max_row + 1):
        if sheet.cell(line, column["统一社会信用代码"]).value in wanted:
            sheet.cell(line, column["结果"], said.get("answer", "有问题"))
            sheet.cell(line, column["说明"], said.get("explanation", "撤稿一篇"))
            sheet.cell(line, column["查询日期"], TODAY)
    saved = io.BytesIO()
    book.save(saved)
    assert handed.rows
    return services.keep_answers(place.edition, saved.getvalue(), by=place.science, now=NOW)


def choices(kept):
    diff = read_answers(kept.edition, kept.file, by=kept.uploaded_by, now=NOW)
    return chosen_rows(diff)


def apply(place, kept, seen):
    return services.apply_answers(kept, by=place.science, now=NOW, choices=seen)


def test_an_answer_given_while_a_workbook_comes_in_is_not_written_over(screened):
    kept = out(screened, 0, 1)
    seen = choices(kept)
    answered, applied = overtaking(
        lambda: answer(screened, 0, version=0), lambda: apply(screened, kept, seen)
    )
    assert not told(answered) and told(applied)
    # All of the file or nothing of it.
    assert list(Opinion.objects.values_list("answer", flat=True)) == ["clear"]


def test_an_answer_on_the_page_is_not_written_over_a_workbook(screened):
    kept = out(screened, 0, 1)
    seen = choices(kept)
    applied, answered = overtaking(
        lambda: apply(screened, kept, seen), lambda: answer(screened, 0, version=0)
    )
    assert not told(applied) and told(answered) and "刚由他人答复" in str(answered)
    assert set(Opinion.objects.values_list("answer", flat=True)) == {"problem"}


def test_a_file_in_parts_and_a_list_the_other_way_round_wait_and_do_not_lock_each_other_out(
    screened, monkeypatch
):
    monkeypatch.setattr(keeping, "_PART", 1)
    for rank, nomination in enumerate(reversed(screened.nominations), start=1):
        nomination.rank = rank
        nomination.save(update_fields=["rank"])
    kept = out(screened, 0, 1, 2)
    seen = choices(kept)
    everything = [(each.pk, screened.kjj.pk, Reply("clear", "", TODAY, 0)) for each in screened.nominations]
    for _round in range(3):
        applied, answered = at_once(
            lambda: apply(screened, kept, seen),
            lambda: services.opinions.answer_all(everything, screened.edition, by=screened.science, now=NOW),
        )
        assert told(applied) or told(answered)
        assert Opinion.objects.count() == 3


def find(place, reason, seen="", by=None):
    return services.find(
        place.nominations[0], "misconduct", "failed", reason, by=by or place.office, now=NOW, seen=seen
    )


def test_of_two_findings_on_one_item_the_second_is_told(screened):
    second = factories.hat("office", username="second")
    first, other = overtaking(
        lambda: find(screened, "函询属实"), lambda: find(screened, "网上查得", by=second)
    )
    assert not told(first) and told(other) and "刚由他人作过结论" in str(other)
    assert Finding.objects.get(item="misconduct").reason == "函询属实"


def test_an_overrule_is_of_the_answer_that_was_seen(screened):
    factories.hat("office", username="second")
    opinion = answer(screened, 0, answer="problem", explanation="撤稿一篇")
    answered, proposed = overtaking(
        lambda: answer(screened, 0, answer="problem", explanation="撤稿三篇", version=1),
        lambda: propose_overrule(opinion, by=screened.office, now=NOW, reason="非主要作者", version=1),
    )
    assert not told(answered) and told(proposed) and "重新答复" in str(proposed)
    assert not Overrule.objects.exists()


def test_an_overrule_under_way_lapses_when_the_department_answers_anew(screened):
    factories.hat("office", username="second")
    opinion = answer(screened, 0, answer="problem", explanation="撤稿一篇")
    proposed, answered = overtaking(
        lambda: propose_overrule(opinion, by=screened.office, now=NOW, reason="非主要作者", version=1),
        lambda: answer(screened, 0, answer="problem", explanation="撤稿三篇", version=1),
    )
    assert not told(proposed) and not told(answered)
    assert Overrule.objects.select_related("opinion").get().lapsed


@pytest.mark.parametrize("revoking_first", [True, False])
def test_a_link_revoked_beside_its_workbook(screened, revoking_first):
    link = links.issue_link(
        screened.edition, org("dept-kjj"), name="王演示", valid_until=TODAY, by=screened.office, now=NOW
    ).link
    kept = out(screened, 0)
    kept.uploaded_by = link.hat
    kept.save(update_fields=["uploaded_by"])
    seen = choices(kept)

    def revoke():
        return links.revoke_link(link, reason="发错了人", by=screened.office, now=NOW)

    def enter():
        return links.apply_by_link(link, kept=kept, choices=seen, now=NOW)

    if revoking_first:
        revoked, entered = overtaking(revoke, enter)
        assert isinstance(entered, links.LinkClosed) and not Opinion.objects.exists()
    else:
        entered, revoked = overtaking(enter, revoke)
        assert not told(entered) and Opinion.objects.count() == 1
    assert not told(revoked) and AnswerLink.objects.get().revoked_at


def closing(place):
    return services.close_screening(place.edition, by=place.office, now=NOW)


LATE_ACTS = {
    "an answer": lambda place, nomination: answer(place, 0, answer="problem", explanation="撤稿"),
    "a finding": lambda place, nomination: find(place, "函询属实", seen=None),
    "a return": lambda place, nomination: send_back(
        nomination, by=place.office, now=NOW, deadline=TODAY, reason="补营业执照"
    ),
    "a batch": lambda place, nomination: services.send_batch(place.edition, by=place.office, now=NOW),
    "new questions": lambda place, nomination: services.consult(
        place.edition, [(org("dept-kjj"), "misconduct")], by=place.office, now=NOW
    ),
    "an overrule": lambda place, nomination: propose_overrule(
        Opinion.objects.get(nomination=nomination, consultation=place.kjj),
        by=place.office,
        now=NOW,
        reason="理由",
    ),
}


@pytest.mark.parametrize("late", LATE_ACTS)
def test_what_comes_while_the_screening_is_closed_comes_too_late(all_clear, late):
    factories.hat("office", username="second")
    nomination = all_clear.nominations[0]
    closed, other = overtaking(lambda: closing(all_clear), lambda: LATE_ACTS[late](all_clear, nomination))
    assert not told(closed) and told(other)
    assert Nomination.objects.get(pk=nomination.pk).state == State.REVIEW


@pytest.mark.parametrize(
    ("early", "state"),
    [("an answer", State.REJECTED), ("a finding", State.REJECTED), ("a return", State.DRAFT)],
)
def test_what_came_before_the_closing_is_judged_by_it(all_clear, early, state):
    nomination = all_clear.nominations[0]
    other, closed = overtaking(lambda: LATE_ACTS[early](all_clear, nomination), lambda: closing(all_clear))
    assert not told(other)
    # A return whose time is not over keeps the step open.
    assert told(closed) is (early == "a return")
    assert Nomination.objects.get(pk=nomination.pk).state == state


def test_answers_and_links_after_the_closing_count_for_nothing(all_clear):
    link = links.issue_link(
        all_clear.edition, org("dept-kjj"), name="王演示", valid_until=TODAY, by=all_clear.office, now=NOW
    ).link
    replies = [(all_clear.nominations[0].pk, all_clear.kjj.pk, Reply("problem", "撤稿", TODAY))]
    closed, answered = overtaking(
        lambda: closing(all_clear), lambda: links.answer_by_link(link, replies=replies, now=NOW)
    )
    assert not told(closed) and isinstance(answered, Refused)
    assert not Opinion.objects.exclude(answer="clear").exists()
