"""Laying the ground: the organisations, the categories and the published working days, from `fixtures/`."""

import json
from datetime import datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from portal import audit
from portal.models import CalendarYear, Membership, Organisation
from portal.workdays import read_year

FIXTURES = Path(settings.BASE_DIR) / "fixtures"


@transaction.atomic
def lay(now: datetime, *, demo: bool | None = None) -> dict[str, int]:
    """Add what is missing and touch nothing that is there: what an operator has changed stays changed.

    Returns how many of each were added. `demo` organisations are laid outside production only, unless said.
    """
    demo = not settings.PRODUCTION if demo is None else demo
    added = {
        "organisations": _organisations(demo),
        "categories": _categories(),
        "calendar_years": _calendar(),
    }
    for source in settings.GROUND:
        added |= import_string(source)()
    machine = Membership.objects.system()
    Membership.objects.public()
    if any(added.values()):
        city = Organisation.objects.get(code="city")
        audit.record("portal.lay_ground", city, by=machine, now=now, **added)
    return added


def _organisations(demo: bool) -> int:
    known = dict(Organisation.objects.values_list("code", "pk"))
    missing = [
        {**row, "position": position}
        for position, row in enumerate(_read("organisations.json"), start=1)
        if row["code"] not in known and (demo or not row.get("demo"))
    ]
    count = len(missing)
    while missing:
        # One generation at a time: a parent comes before its children.
        ready = [row for row in missing if row.get("parent") is None or row["parent"] in known]
        if not ready:
            raise ValueError(f"organisations.json: no such parent: {missing[0]['parent']}")
        made = Organisation.objects.bulk_create(_organisation(row, known) for row in ready)
        known |= {each.code: each.pk for each in made}
        missing = [row for row in missing if row["code"] not in known]
    return count


def _organisation(row: dict, known: dict[str, int]) -> Organisation:
    fields = {key: value for key, value in row.items() if key not in ("parent", "demo")}
    return Organisation(**fields, parent_id=known.get(row.get("parent")))


def _categories() -> int:
    # Named by string: the ground knows no floor above it.
    model = apps.get_model("nominations", "Category")
    known = set(model.objects.values_list("code", flat=True))
    rows = [json.loads(path.read_text("utf-8")) for path in sorted((FIXTURES / "categories").glob("*.json"))]
    missing = [model(**row) for row in rows if row["code"] not in known]
    return len(model.objects.bulk_create(missing))


def _calendar() -> int:
    known = set(CalendarYear.objects.values_list("year", flat=True))
    rows = [json.loads(path.read_text("utf-8")) for path in sorted((FIXTURES / "calendar").glob("*.json"))]
    missing = [row for row in rows if read_year(row).year not in known]
    return len(CalendarYear.objects.bulk_create(CalendarYear(**row) for row in missing))


def _read(name: str) -> list[dict]:
    return json.loads((FIXTURES / name).read_text("utf-8"))
