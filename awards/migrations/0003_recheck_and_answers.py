from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("awards", "0002_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="ended_told_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="期满提醒时间"),
        ),
        migrations.AddField(
            model_name="notice",
            name="recheck_note",
            field=models.CharField(blank=True, max_length=300, verbose_name="复核说明"),
        ),
        migrations.AddField(
            model_name="notice",
            name="rechecked",
            field=models.BooleanField(default=False, verbose_name="排除条件已复核"),
        ),
        migrations.AddField(
            model_name="objection",
            name="answer",
            field=models.TextField(blank=True, max_length=2000, verbose_name="答复"),
        ),
        migrations.AddField(
            model_name="objection",
            name="answered_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="答复时间"),
        ),
    ]
