import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("voting", "0006_the_record_is_kept")]
    operations = [
        migrations.AddField(
            model_name="entry",
            name="record",
            field=models.UUIDField(default=uuid.UUID(int=0), verbose_name="记录号"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(fields=("poll", "record"), name="one_entry_a_record"),
        ),
    ]
