from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("awards", "0009_objectors_apart")]
    operations = [
        migrations.RemoveField("objection", "objector"),
        migrations.RemoveField("objection", "evidence"),
    ]
