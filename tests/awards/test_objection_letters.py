import io

import pytest
from django.core.exceptions import PermissionDenied
from docx import Document

from awards.services import hearing, objection_letters
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories
from tests.awards.objections import DURING, WHO, accepted, act, lodge
from tests.awards.stage import at_rank, office_of, published
from tests.awards.test_hearing import enterprise_hat, put

pytestmark = pytest.mark.django_db
OBJECTOR, ENTERPRISE = objection_letters.OBJECTOR, objection_letters.ENTERPRISE


def words(data: bytes) -> str:
    return "\n".join(line.text for line in Document(io.BytesIO(data)).paragraphs)


def issued(one, side, by):
    return words(objection_letters.issue_letter(one, side, by=by, now=DURING))


def test_the_objector_reads_their_own_letter_by_number_and_code():
    notice = published()
    lodged = lodge(notice)
    office, public = office_of(notice.edition), factories.hat("public")
    with pytest.raises(Refused, match="还没有办结"):
        objection_letters.letter_by_code(lodged.number, lodged.code, by=public, now=DURING)
    for step in ("accept", "dismiss", "answer"):
        act(step, lodged.objection, office)
    with pytest.raises(Refused, match="没有找到"):
        objection_letters.letter_by_code(lodged.number, "AAAAAAAA", by=public, now=DURING)
    letter = words(objection_letters.letter_by_code(lodged.number, lodged.code, by=public, now=DURING))
    subject = at_rank(notice.edition, 1).subject_name
    for part in (
        WHO["name"],
        lodged.number,
        subject,
        "异议不成立。演示结果。",
        "演示答复",
        notice.edition.host.name,
    ):
        assert part in letter
    assert WHO["contact"] not in letter and "{{" not in letter
    line = AuditEntry.objects.get(act="awards.issue_objection_letter")
    assert (line.role, line.detail["side"]) == ("public", "objector")


def test_the_letter_of_a_declined_one_says_so():
    lodged = lodge(published())
    office = office_of(lodged.objection.notice.edition)
    act("decline", lodged.objection, office)
    act("answer", lodged.objection, office)
    assert "不予受理。演示结果。" in issued(lodged.objection, OBJECTOR, office)
    with pytest.raises(Refused, match="还没有办结"):
        issued(lodged.objection, ENTERPRISE, office)


@pytest.mark.parametrize("step, sentence", [("uphold", "不再列入公示名单"), ("dismiss", "异议不成立")])
def test_the_enterprise_reads_what_came_of_it_and_never_who(step, sentence):
    notice = published()
    hat, other = enterprise_hat(notice), enterprise_hat(notice, 2)
    one, office = accepted(notice)
    put(one, office)
    act(step, one, office)
    letter = issued(one, ENTERPRISE, hat)
    assert sentence in letter and "请说明建议采纳数量" in letter
    assert ("不再列入公示名单" in letter) == (step == "uphold")
    assert not any(value in letter for value in WHO.values())
    for wrong in (other, factories.hat("recommender"), factories.hat("auditor"), factories.hat("public")):
        with pytest.raises(PermissionDenied):
            issued(one, ENTERPRISE, wrong)
    with pytest.raises(PermissionDenied):
        issued(one, OBJECTOR, hat)


def test_only_a_handler_makes_the_letter_that_bears_the_name():
    one, office = accepted()
    act("dismiss", one, office)
    act("answer", one, office)
    with pytest.raises(PermissionDenied):
        issued(one, OBJECTOR, factories.hat("office", username="office-2"))
    assert WHO["name"] in issued(one, OBJECTOR, office)


def test_an_enterprise_that_was_never_asked_gets_no_letter_of_its_own():
    notice = published()
    hat = enterprise_hat(notice)
    one, office = accepted(notice)
    act("dismiss", one, office)
    with pytest.raises(PermissionDenied):
        issued(one, ENTERPRISE, hat)
    assert not hearing.may_reply(one)
