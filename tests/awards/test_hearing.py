from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import InternalError, ProgrammingError, connection, transaction

from awards.models import Hearing, Objection
from awards.services import handling, hearing
from portal.errors import Refused
from portal.models import AuditEntry, Notification, Organisation
from tests import factories
from tests.awards.objections import DURING, accepted, act, lodge
from tests.awards.stage import at_rank, office_of, published

pytestmark = pytest.mark.django_db
REPLY_BY = DURING.date() + timedelta(days=5)


def hear(one, office, side="objector", words="演示陈述", **more):
    given = {"way": "电话", "held_at": DURING} | more
    return hearing.hear(one, side=side, words=words, **given, by=office, now=DURING)


def put(one, office, matter="请说明建议采纳数量", **more):
    return hearing.put_to_enterprise(
        one, matter=matter, **({"reply_due": REPLY_BY} | more), by=office, now=DURING
    )


def enterprise_hat(notice, rank=1):
    """The enterprise at this rank, with an account of its own."""
    enterprise = at_rank(notice.edition, rank).enterprise
    enterprise.organisation = Organisation.objects.create(
        code=f"own-{rank}", name=enterprise.name, short_name=enterprise.name[:20], kind="enterprise"
    )
    enterprise.save()
    return factories.hat("applicant", enterprise.organisation)


def test_what_the_objector_said_is_sealed_and_read_with_the_name():
    one, office = accepted()
    heard = hear(one, office, words="我是演示反映人甲，照片是我拍的")
    heard.refresh_from_db()
    assert heard.words == "" and "照片" not in bytes(heard.words_sealed).decode()
    [(row, said)] = handling.read_statements(one, by=office, now=DURING)
    assert row == heard and said == "我是演示反映人甲，照片是我拍的"
    with pytest.raises(PermissionDenied):
        handling.read_statements(one, by=factories.hat("auditor"), now=DURING)


def test_what_others_said_gives_nobody_away():
    one, office = accepted()
    for side in ("subject", "other"):
        with pytest.raises(Refused, match="异议人的信息"):
            hear(one, office, side=side, words="听说是演示反映人甲反映的")
    with pytest.raises(Refused, match="异议人的信息"):
        hear(one, office, way="到演示路9号面谈，见青岛市演示路9号")
    assert hear(one, office, side="subject", words="数量以台账为准").words == "数量以台账为准"
    assert Hearing.objects.count() == 1


def test_heard_while_it_is_looked_into_and_not_tomorrow_or_before_it_came():
    one = lodge(published()).objection
    office = office_of(one.notice.edition)
    with pytest.raises(PermissionDenied):
        hear(one, office)
    act("accept", one, office)
    for wrong, sentence in (
        ({"held_at": DURING + timedelta(minutes=1)}, "不能晚于现在"),
        ({"held_at": DURING - timedelta(days=3)}, "不能早于"),
        ({"words": " "}, "陈述要点"),
        ({"way": " "}, "方式"),
    ):
        with pytest.raises(Refused, match=sentence):
            hear(one, office, **wrong)
    act("dismiss", one, office)
    with pytest.raises(Refused, match="正在核查"):
        hear(one, office)
    with pytest.raises(Refused, match="正在核查"):
        put(one, office)


def test_the_enterprise_is_asked_in_the_offices_words():
    notice = published()
    hat = enterprise_hat(notice)
    one, office = accepted(notice)
    assert not Objection.objects.put_to(hat).exists()
    with pytest.raises(Refused, match="异议人的信息"):
        put(one, office, matter="演示反映人甲说数量不对")
    with pytest.raises(Refused, match="不能早于今天"):
        put(one, office, reply_due=DURING.date() - timedelta(days=1))
    put(one, office)
    assert list(Objection.objects.put_to(hat)) == [one]
    assert not Objection.objects.put_to(enterprise_hat(notice, 2)).exists()
    told = Notification.objects.get(event="awards.put_to_enterprise")
    assert told.recipient == hat.user and f"/my/objections/{one.pk}/" in told.url


def test_an_enterprise_without_an_account_is_asked_by_other_ways():
    one, office = accepted()
    put(one, office)
    assert not Notification.objects.filter(event="awards.put_to_enterprise").exists()


def test_the_enterprise_answers_and_a_guess_is_neither_confirmed_nor_shown_to_others():
    notice = published()
    hat, other = enterprise_hat(notice), enterprise_hat(notice, 2)
    one, office = accepted(notice)
    with pytest.raises(Refused, match="不需要答复"):
        hearing.reply(one, words="演示", by=hat, now=DURING)
    put(one, office)
    with pytest.raises(PermissionDenied):
        hearing.reply(one, words="演示", by=other, now=DURING)
    for words in ("以台账为准", "是不是演示反映人甲写的"):
        assert hearing.reply(one, words=words, by=hat, now=DURING).words == ""
    said = [hearing.words_of(row) for row in one.hearings.all()]
    assert said == ["以台账为准", "是不是演示反映人甲写的"]
    record = "".join(AuditEntry.objects.values_list("body", flat=True))
    assert "演示反映人甲" not in record and "以台账为准" not in record
    told = Notification.objects.filter(event="awards.reply_to_objection")
    assert [row.recipient for row in told] == [office.user, office.user]
    act("dismiss", one, office)
    with pytest.raises(Refused, match="不需要答复"):
        hearing.reply(one, words="演示", by=hat, now=DURING)


def test_which_side_was_not_heard():
    one, office = accepted()
    assert hearing.unheard(one) == {"objector", "subject"}
    hear(one, office)
    assert hearing.unheard(one) == {"subject"}
    hear(one, office, side="subject")
    assert hearing.unheard(one) == set()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE awards_hearing SET words = 'x'",
        "UPDATE awards_hearing SET words_sealed = NULL",
        "DELETE FROM awards_hearing",
    ],
)
def test_what_was_heard_stays_as_it_was_noted(change):
    one, office = accepted()
    hear(one, office)
    with (
        pytest.raises((InternalError, ProgrammingError), match="kept as it was written"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
