"""Every naming so far says of whom, where and in what trade it was."""

from django.db import migrations


def fill(apps, schema_editor):
    honours = apps.get_model("awards", "Honour").objects
    only = apps.get_model("nominations", "Category").objects.filter(code="qycx").first()
    rows = honours.select_related("nomination__edition", "nomination__declaration", "enterprise")
    for honour in rows.filter(category__isnull=True).iterator():
        nomination, enterprise = honour.nomination, honour.enterprise
        declared = getattr(nomination, "declaration", None)
        honour.category_id = nomination.edition.category_id if nomination else only.pk
        honour.subject_key = nomination.subject_key if nomination else enterprise.credit_code
        honour.subject_name = nomination.subject_name if nomination else enterprise.name
        honour.division_name = (declared and declared.division_name) or enterprise.division_name
        honour.industry = declared.industry if declared else ""
        honour.save()


class Migration(migrations.Migration):
    dependencies = [
        ("awards", "0015_registry_and_releases"),
        ("nominations", "0012_city_rewards"),
    ]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
