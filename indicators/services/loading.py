"""Indicator systems come from `fixtures/indicators/*.json`; what is there already is never touched."""

import json
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.db import transaction

from indicators.models import Indicator, System, Target
from nominations.models import Category
from portal.models import Organisation

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "indicators"


def lay() -> dict[str, int]:
    """Add the systems that are missing; how many were added."""
    known = set(System.objects.values_list("code", flat=True))
    rows = [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    missing = [row for row in rows if row["code"] not in known]
    for row in missing:
        add_system(row)
    return {"indicator_systems": len(missing)}


@transaction.atomic
def add_system(data: dict) -> System:
    """A system with its indicators and targets, from a dictionary as the files have it.

    `host` is the code of an organisation or None; `targets` of an indicator maps a year, or "" for every
    year, to a figure as text; `category` is the code of what a filled one counts. The year that equals
    `base_year` is the base.
    """
    fields = {key: value for key, value in data.items() if key not in ("host", "indicators")}
    host = Organisation.objects.get(code=data["host"]) if data["host"] else None
    system = System.objects.create(host=host, **fields)
    for row in data["indicators"]:
        targets = row["targets"]
        fields = {key: value for key, value in row.items() if key not in ("targets", "category")}
        category = Category.objects.get(code=row["category"]) if row.get("category") else None
        indicator = Indicator.objects.create(system=system, category=category, **fields)
        Target.objects.bulk_create(
            Target(
                indicator=indicator,
                year=int(year) if year else None,
                value=Decimal(value),
                base=bool(year) and int(year) == system.base_year,
            )
            for year, value in targets.items()
        )
    return system
