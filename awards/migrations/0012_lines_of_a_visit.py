"""A visit's checklist becomes rows: a line each, with what was found."""

from django.db import migrations

BATCH = 500


def forward(apps, schema):
    Inspection = apps.get_model("awards", "Inspection")
    CheckLine = apps.get_model("awards", "CheckLine")
    lines = []
    for visit in Inspection.objects.exclude(checklist=[]).exclude(lines__isnull=False).iterator():
        for position, old in enumerate(visit.checklist, start=1):
            answered = old.get("agrees") is not None
            lines.append(
                CheckLine(
                    inspection=visit,
                    key=f"former-{position}",
                    source="claim" if old.get("claimed") else "dimension",
                    item=str(old.get("item", ""))[:160],
                    claimed=str(old.get("claimed") or ""),
                    found=str(old.get("found") or "")[:1000],
                    agrees=old.get("agrees"),
                    position=position,
                    checked_at=visit.recorded_at if answered else None,
                    checked_by=visit.recorded_by if answered else None,
                )
            )
        if len(lines) >= BATCH:
            CheckLine.objects.bulk_create(lines)
            lines = []
    CheckLine.objects.bulk_create(lines)


def backward(apps, schema):
    Inspection = apps.get_model("awards", "Inspection")
    for visit in Inspection.objects.filter(lines__isnull=False).distinct().iterator():
        visit.checklist = [
            {"item": line.item, "claimed": line.claimed, "found": line.found, "agrees": line.agrees}
            for line in visit.lines.order_by("position", "pk")
        ]
        visit.save(update_fields=["checklist"])


class Migration(migrations.Migration):
    dependencies = [("awards", "0011_money_fence")]
    operations = [migrations.RunPython(forward, backward)]
