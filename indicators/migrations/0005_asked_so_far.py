"""Rounds opened before it was kept were asked of whoever reports now, and of whoever reported."""

from django.db import migrations


def fill(apps, schema_editor):
    Asked, Round = apps.get_model("indicators", "Asked"), apps.get_model("indicators", "Round")
    Reporter, Value = apps.get_model("indicators", "Reporter"), apps.get_model("indicators", "Value")
    for opened in Round.objects.all():
        pairs = set(Value.objects.filter(round=opened).values_list("indicator", "organisation"))
        for reporter in Reporter.objects.filter(system=opened.system_id):
            for indicator in reporter.indicators.filter(fill=""):
                pairs.add((indicator.pk, reporter.organisation_id))
        Asked.objects.bulk_create(
            Asked(round=opened, indicator_id=indicator, organisation_id=unit) for indicator, unit in pairs
        )


class Migration(migrations.Migration):
    dependencies = [("indicators", "0004_asked")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
