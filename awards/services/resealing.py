"""A change of keys: everything that is sealed, put under the first of the keys."""

from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction

from awards import sealed
from awards.models import Hearing, MedalPerson, ObjectionPaper, Objector
from portal import audit
from portal.models import Membership

#: Table by table: its sealed column, and what it is sealed for.
COLUMNS = (
    (Objector, "sealed", sealed.OBJECTOR),
    (Hearing, "words_sealed", sealed.OBJECTOR),
    (ObjectionPaper, "name_sealed", sealed.OBJECTOR),
    (MedalPerson, "sealed", sealed.MEDAL),
)


def reseal_everything(*, now: datetime) -> dict[str, int]:
    """For when a new key was put in front; afterwards the old one may go. Returns how many of each table."""
    with transaction.atomic():
        done = {model._meta.label: _columns(model, name, purpose) for model, name, purpose in COLUMNS}
        done["awards.ObjectionPaper.file"] = _files()
        machine = Membership.objects.system()
        audit.record("awards.reseal", machine, by=machine, now=now, **done)
    return done


def _columns(model, name, purpose) -> int:
    rows = model.objects.select_for_update().exclude(**{f"{name}__isnull": True}).order_by("pk")
    count = 0
    for row in rows:
        setattr(row, name, sealed.reseal(getattr(row, name), purpose))
        row.save(update_fields=[name])
        count += 1
    return count


def _files() -> int:
    """Each under a new name: until the change is committed the old one is what the rows point to."""
    count = 0
    for row in ObjectionPaper.objects.select_for_update().order_by("pk"):
        storage, old = row.file.storage, row.file.name
        with row.file.open("rb") as stored:
            data = sealed.reseal(stored.read())
        row.file.save("paper", ContentFile(data), save=False)
        row.save(update_fields=["file"])
        transaction.on_commit(lambda old=old, storage=storage: storage.delete(old))
        count += 1
    return count
