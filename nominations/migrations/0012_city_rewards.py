"""The one category there was keeps what its namings at city level came with."""

from django.db import migrations


def keep(apps, schema_editor):
    apps.get_model("nominations", "Category").objects.filter(code="qycx").update(certificate=True, medal=True)


class Migration(migrations.Migration):
    dependencies = [("nominations", "0011_steps_and_categories")]
    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
