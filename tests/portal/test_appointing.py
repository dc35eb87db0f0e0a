"""The first administrator of an installation: made by a command, on the record, once."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from portal.models import AuditEntry, Membership, User
from tests import factories

pytestmark = pytest.mark.django_db


def appoint(*words) -> str:
    out = StringIO()
    call_command("appoint", *words, stdout=out)
    return out.getvalue().strip()


def test_a_person_gets_a_hat_once_and_it_is_on_the_record():
    factories.city()
    User.objects.create_superuser("root", full_name="张运维（演示）")
    assert appoint("root", "admin", "city") == appoint("root", "admin", "青岛市总工会")
    hat = Membership.objects.get(user__username="root")
    assert (hat.role, hat.organisation.code, hat.active) == ("admin", "city", True)
    entries = AuditEntry.objects.filter(act="portal.manage_people", subject_id=str(hat.pk))
    assert [(each.role, each.detail["role"]) for each in entries] == [("system", "admin")]


def test_one_who_was_let_go_is_taken_back():
    hat = factories.hat("recommender")
    Membership.objects.filter(pk=hat.pk).update(active=False)
    appoint(hat.user.username, "recommender", hat.organisation.code)
    hat.refresh_from_db()
    assert hat.active


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nobody", "admin", "city"), "没有用户名"),
        (("root", "king", "city"), "没有“king”这一角色"),
        (("root", "system", "city"), "没有“system”这一角色"),
        (("root", "admin", "moon"), "没有编码或名称"),
    ],
)
def test_what_is_not_there_is_named(words, said):
    factories.city()
    User.objects.create_superuser("root", full_name="张运维（演示）")
    with pytest.raises(CommandError, match=said):
        appoint(*words)
