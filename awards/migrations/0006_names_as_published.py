"""Lists published before names were kept with them take the names of today, the only ones there are."""

from django.db import migrations
from django.utils import timezone


def as_published(apps, schema_editor):
    rows = apps.get_model("awards", "NoticeRow").objects.select_related(
        "nomination__enterprise", "nomination__recommender"
    )
    for row in rows:
        row.name = row.nomination.enterprise.name
        row.recommender_name = row.nomination.recommender.name
        row.division_name = row.nomination.recommender.division_name
        row.save(update_fields=["name", "recommender_name", "division_name"])
    for notice in apps.get_model("awards", "Notice").objects.select_related("edition"):
        notice.places = notice.edition.seats if notice.kind == "list" else notice.rows.count()
        notice.starts_on = timezone.localtime(notice.published_at).date()
        notice.save(update_fields=["places", "starts_on"])


class Migration(migrations.Migration):
    dependencies = [("awards", "0005_in_depth")]
    operations = [migrations.RunPython(as_published, migrations.RunPython.noop)]
