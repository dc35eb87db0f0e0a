from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("review", "0011_a_matter_sent_back")]

    operations = [
        migrations.AddField(
            "batch", "items", models.JSONField(blank=True, default=list, verbose_name="核查项")
        ),
    ]
