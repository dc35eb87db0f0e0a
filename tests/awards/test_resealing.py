"""A change of keys: the new one in front, everything sealed anew, the old one away."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import BinaryField

from awards import sealed
from awards.models import Hearing, MedalPerson, ObjectionPaper, Objector
from awards.services import handling, hearing, resealing
from portal.errors import Refused
from tests.awards.objections import DURING, WHO, accepted, pdf
from tests.awards.stage import published

pytestmark = pytest.mark.django_db
OLD, NEW = "old-key-for-tests-only-old-key-for-tests", "new-key-for-tests-only-new-key-for-tests"


@pytest.fixture
def sealed_things(settings):
    """One of everything that is sealed, under the old key."""
    settings.OBJECTION_KEY = OLD
    one, office = accepted(published(), papers=[pdf("演示说明.pdf", b"the content")])
    hearing.hear(one, side="objector", way="电话", held_at=DURING, words="演示陈述", by=office, now=DURING)
    return one, office


def test_everything_opens_with_the_new_key_alone(sealed_things, settings, django_capture_on_commit_callbacks):
    one, office = sealed_things
    before = one.papers.get().file.path
    settings.OBJECTION_KEY = f"{NEW},{OLD}"
    assert handling.read_objector(one, by=office, now=DURING) == WHO
    with django_capture_on_commit_callbacks(execute=True):
        done = resealing.reseal_everything(now=DURING)
    assert done == {
        "awards.Objector": 1,
        "awards.Hearing": 1,
        "awards.ObjectionPaper": 1,
        "awards.MedalPerson": 0,
        "awards.ObjectionPaper.file": 1,
    }
    settings.OBJECTION_KEY = NEW
    fresh = type(one).objects.get(pk=one.pk)
    assert handling.read_objector(fresh, by=office, now=DURING) == WHO
    assert handling.read_statements(fresh, by=office, now=DURING)[0][1] == "演示陈述"
    name, data = handling.read_paper(fresh.papers.get(), by=office, now=DURING)
    assert name == "演示说明.pdf" and b"the content" in data
    assert fresh.papers.get().file.path != before
    settings.OBJECTION_KEY = OLD
    with pytest.raises(Refused, match="无法解密"):
        handling.read_objector(fresh, by=office, now=DURING)


def test_every_sealed_column_is_resealed():
    """A new column of sealed bytes must be named in COLUMNS, or a change of keys loses it."""
    found = {
        (model, field.name)
        for model in apps.get_app_config("awards").get_models()
        for field in model._meta.get_fields()
        if isinstance(field, BinaryField)
    }
    assert found == {(model, name) for model, name, _purpose in resealing.COLUMNS}
    assert {Objector, Hearing, ObjectionPaper, MedalPerson} == {model for model, _name in found}


def test_what_is_sealed_for_one_purpose_does_not_open_for_another():
    with pytest.raises(Refused):
        sealed.unseal(sealed.seal({"name": "演示"}), sealed.MEDAL)


def test_the_command_says_how_many(sealed_things, capsys):
    call_command("reseal")
    assert "awards.Objector 1" in capsys.readouterr().out
