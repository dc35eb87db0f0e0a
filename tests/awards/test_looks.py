"""S1 四.1 仍处于: of each enterprise and exclusion, from the departments' answers and the office's own."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from awards.models import Look
from awards.services import looks, publishing
from portal.errors import Refused
from portal.models import AuditEntry
from review.models import Batch, Consultation, Opinion
from tests import factories
from tests.awards.stage import AFTER, PUBLISHING, at_rank, ids, office_of, published, visited
from tests.awards.test_publishing import find, look
from tests.review.papers import picture

pytestmark = pytest.mark.django_db

TODAY = date(2026, 9, 24)
#: The last day on which a look-up of 60 days ago still holds on the day of the notice.
HELD, TOO_OLD = date(2026, 7, 26), date(2026, 7, 25)


def question(edition, item="abnormal", department="dept-scj"):
    return Consultation.objects.create(
        edition=edition, department=factories.organisation(department), item=item
    )


def say(asked, rank, day, answer="clear"):
    return Opinion.objects.create(
        nomination=at_rank(asked.edition, rank),
        consultation=asked,
        answer=answer,
        explanation="" if answer == "clear" else "演示",
        looked_up_on=day,
        answered_at=PUBLISHING,
        answered_by=office_of(asked.edition),
    )


def sent(edition, *ranks):
    batch = Batch.objects.create(
        edition=edition, number=1, sent_at=PUBLISHING, sent_by=office_of(edition), kind="screening"
    )
    batch.nominations.set(ids(edition, *ranks))


def of(edition, rank, today=TODAY):
    pk = at_rank(edition, rank).pk
    return looks.fresh([pk], today)[pk]


def test_an_answer_grows_old_and_an_overall_opinion_is_not_asked():
    edition = visited()
    say(question(edition, "overall"), 1, date(2026, 1, 1))
    asked = question(edition)
    say(asked, 2, TOO_OLD)
    say(asked, 3, HELD)
    assert of(edition, 1).ok and of(edition, 1).until == {}
    assert of(edition, 2).lapsed == {"abnormal": date(2026, 9, 23)}
    assert [str(each) for each in of(edition, 2).reasons] == [
        f"“{at_rank(edition, 2).subject_name}”的“经营异常名录和严重违法失信企业名单”"
        "查询结果有效期到 2026-09-23，已经过期。"
    ]
    assert of(edition, 3).ok and of(edition, 3).holds_until == TODAY
    assert not of(edition, 3, TODAY + timedelta(days=1)).ok


def test_the_oldest_of_two_departments_counts_and_one_that_has_not_answered_is_missing():
    edition = visited()
    say(question(edition), 1, TOO_OLD)
    other = question(edition, department="dept-fgw")
    assert of(edition, 1).lapsed  # not sent: nobody else was asked about this one
    sent(edition, 1, 2)
    assert of(edition, 1).missing == ["abnormal"] and of(edition, 1).holds_until is None
    say(other, 1, TODAY)
    assert of(edition, 1).lapsed == {"abnormal": date(2026, 9, 23)}
    assert of(edition, 2).missing == ["abnormal"]
    assert of(edition, 3).ok


def test_what_could_not_be_verified_is_not_looked_up_until_the_office_has_settled_it():
    edition = visited()
    asked = question(edition)
    say(asked, 1, date(2026, 9, 20), "unable")
    say(asked, 2, TODAY)
    assert of(edition, 1).missing == ["abnormal"] and of(edition, 1).holds_until is None
    name = at_rank(edition, 1).subject_name
    assert [str(each) for each in of(edition, 1).reasons] == [
        f"“{name}”的“经营异常名录和严重违法失信企业名单”还没有查询结果。"
    ]
    given = {"chosen": ids(edition, 1, 2), "by": office_of(edition), "now": PUBLISHING}
    with pytest.raises(Refused, match="还没有查询结果"):
        publishing.publish_notice(edition, **given)
    look(edition, 1, on=date(2026, 9, 19))  # older than what the department said
    assert of(edition, 1).missing == ["abnormal"]
    look(edition, 1, on=date(2026, 9, 20), items=("fraud",))  # another exclusion
    assert of(edition, 1).missing == ["abnormal"]
    look(edition, 1, on=date(2026, 9, 20))
    assert of(edition, 1).ok and of(edition, 1).until["abnormal"] == date(2026, 11, 19)
    publishing.publish_notice(edition, **given)


@pytest.mark.parametrize(
    "verdict, on, until",
    [
        ("passed", date(2026, 9, 20), date(2026, 11, 19)),
        ("passed", date(2026, 9, 22), date(2026, 11, 21)),
        ("passed", date(2026, 9, 19), None),  # of the screening, before the department was asked again
        ("repair", date(2026, 9, 22), None),
    ],
)
def test_the_offices_own_conclusion_settles_what_could_not_be_verified(verdict, on, until):
    edition = visited()
    say(question(edition), 1, date(2026, 9, 20), "unable")
    found = find(at_rank(edition, 1), on + timedelta(days=60))
    found.verdict, found.reason = verdict, "演示"
    found.save()
    assert of(edition, 1).until == {"abnormal": until}
    # A department that found nothing afterwards is not asked to answer for another that could not say.
    say(question(edition, department="dept-fgw"), 1, date(2026, 9, 23))
    assert of(edition, 1).until == {"abnormal": until}


def test_a_look_takes_the_place_of_older_answers_on_its_exclusion_alone():
    edition = visited()
    say(question(edition), 1, TOO_OLD)
    say(question(edition, "accident", "dept-yjj"), 1, TOO_OLD)
    look(edition, 1, on=TODAY)
    assert list(of(edition, 1).lapsed) == ["accident"]
    look(edition, 1, on=TODAY, items=("accident",))
    assert of(edition, 1).ok and of(edition, 1).holds_until == TODAY + timedelta(days=60)
    look(edition, 1, on=date(2026, 7, 1))  # an old look entered late takes nothing away
    assert of(edition, 1).ok


def test_what_the_office_found_stands_until_a_later_day_finds_nothing():
    edition = visited()
    with pytest.raises(Refused, match="写明是什么问题"):
        look(edition, 1, on=TODAY, clear=False)
    look(edition, 1, on=date(2026, 9, 20), clear=False, note="列入经营异常名录")
    assert [str(each) for each in of(edition, 1).reasons] == [
        f"“{at_rank(edition, 1).subject_name}”2026-09-20复核“经营异常名录和严重违法失信企业名单”"
        "发现问题（列入经营异常名录）。"
    ]
    with pytest.raises(Refused, match="列入经营异常名录"):
        publishing.publish_notice(edition, chosen=ids(edition, 1, 2), by=office_of(edition), now=PUBLISHING)
    look(edition, 1, on=date(2026, 9, 23))
    assert of(edition, 1).ok


def test_several_enterprises_and_exclusions_at_once_with_one_paper():
    edition = visited()
    rows = look(
        edition,
        1,
        2,
        on=TODAY,
        items=("abnormal", "fraud"),
        paper=picture(),
    )
    assert len(rows) == Look.objects.count() == 4
    assert len({row.paper.name for row in rows}) == 1 and rows[0].paper.read()
    lines = AuditEntry.objects.filter(act="awards.note_look")
    assert lines.count() == 2 and lines[0].detail["items"] == ["fraud", "abnormal"]


@pytest.mark.parametrize(
    "given, says",
    [
        ({"on": date(2026, 9, 25)}, "还没有到"),
        ({"on": TODAY, "items": ()}, "排除情形"),
        ({"on": TODAY, "items": ("overall",)}, "排除情形"),
        ({"on": TODAY, "source": " "}, "来源"),
    ],
)
def test_what_is_wrong_is_refused_whole(given, says):
    edition = visited()
    fields = {"items": ["abnormal"], "source": "演示", "by": office_of(edition), "now": PUBLISHING}
    given = dict(given)
    fields |= {"looked_up_on": given.pop("on")} | given
    with pytest.raises(Refused, match=says):
        looks.note_looks(edition, nominations=ids(edition, 1), **fields)
    assert not Look.objects.exists()


def test_a_problem_is_entered_one_by_one_and_only_for_who_is_there():
    edition, other = visited(), visited()
    with pytest.raises(Refused, match="逐家"):
        look(edition, 1, 2, on=TODAY, clear=False, note="演示问题")
    with pytest.raises(Refused, match="刷新"):
        looks.note_looks(
            edition,
            nominations=ids(other, 1),
            items=["fraud"],
            looked_up_on=TODAY,
            source="演示",
            by=office_of(edition),
            now=PUBLISHING,
        )


def test_only_the_office_of_the_host():
    edition = visited()
    for by in (
        factories.hat("auditor"),
        factories.hat("department", "dept-scj"),
        factories.hat("office", "市南区"),
    ):
        with pytest.raises(PermissionDenied):
            look(edition, 1, on=TODAY, by=by)


def test_naming_asks_on_its_own_day():
    edition = visited()
    find(at_rank(edition, 1), date(2026, 10, 9))
    publishing.publish_notice(edition, chosen=ids(edition, 1, 2), by=office_of(edition), now=PUBLISHING)
    assert [each.name for each in looks.not_fresh(ids(edition, 1, 2), AFTER.date())] == [
        at_rank(edition, 1).subject_name
    ]
    look(edition, 1, on=date(2026, 10, 10), now=AFTER)
    assert not looks.not_fresh(ids(edition, 1, 2), AFTER.date())


def test_a_constant_number_of_queries(django_assert_num_queries):
    for ranks in ((1, 2), (1, 2, 3, 4, 5, 6)):
        edition = published(ranks).edition
        sent(edition, *ranks)
        say(question(edition), 1, TODAY)
        look(edition, 2, on=TODAY)
        wanted = ids(edition, *ranks)
        with django_assert_num_queries(6):
            assert len(looks.fresh(wanted, TODAY)) == len(ranks)
