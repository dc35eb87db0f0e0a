"""“在选树范围内” was one finding; S1 四.1 asks for two things, so that it becomes a finding on each."""

from django.db import migrations

LEGAL_ALONE = ("不具有独立法人资格", "没有填写是否具有独立法人资格")
PLACE_ALONE = ("不在本市注册", "没有填写是否在本市注册")


def split(apps, schema_editor):
    Finding = apps.get_model("review", "Finding")
    for finding in Finding.objects.filter(item="standing").order_by("pk"):
        # A sentence of the rule speaks of one thing alone; a person's may mean either.
        alone = finding.reason if finding.proposed else ""
        if alone.startswith(LEGAL_ALONE):
            finding.item = "legal"
            finding.save(update_fields=["item"])
            continue
        finding.item = "place"
        finding.save(update_fields=["item"])
        if alone.startswith(PLACE_ALONE):
            continue
        finding.pk, finding.item = None, "legal"
        finding.save(force_insert=True)


class Migration(migrations.Migration):
    dependencies = [("review", "0008_findings_name_their_source_overrules_their_papers")]

    operations = [migrations.RunPython(split, migrations.RunPython.noop, elidable=True)]
