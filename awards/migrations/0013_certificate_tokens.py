"""Every honour gets the sign its certificate is verified by."""

import secrets

from django.db import migrations


def give(apps, schema_editor):
    honours = apps.get_model("awards", "Honour").objects.filter(token__isnull=True)
    for honour in honours.iterator():
        honour.token = secrets.token_hex(16)
        honour.save(update_fields=["token"])


class Migration(migrations.Migration):
    dependencies = [("awards", "0012_lines_of_a_visit")]
    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
