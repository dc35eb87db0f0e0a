"""Every release so far says by which nomination it was named, as its source does."""

from django.db import migrations, models


def fill(apps, schema_editor):
    evidence = apps.get_model("nominations", "Evidence").objects
    for release in apps.get_model("awards", "Release").objects.filter(nomination__isnull=True).iterator():
        source = release.source
        release.nomination_id = (
            source["nomination"]
            if "nomination" in source
            else evidence.values_list("nomination", flat=True).get(pk=source["evidence"])
        )
        release.save(update_fields=["nomination"])


class Migration(migrations.Migration):
    dependencies = [
        ("awards", "0019_notices_say_whose_it_is"),
        ("nominations", "0014_rubrics_and_forms_kept"),
    ]
    operations = [
        migrations.AddField(
            "release",
            "nomination",
            models.ForeignKey(
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="releases",
                to="nominations.nomination",
                verbose_name="推荐",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
