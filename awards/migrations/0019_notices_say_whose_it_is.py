from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("awards", "0018_scores_of_the_steps_there_are")]
    operations = [
        migrations.AlterField(
            "noticerow", "name", models.CharField(blank=True, max_length=120, verbose_name="名称")
        ),
        migrations.AddField(
            "noticerow",
            "enterprise_name",
            models.CharField(blank=True, max_length=120, verbose_name="所在企业"),
        ),
    ]
