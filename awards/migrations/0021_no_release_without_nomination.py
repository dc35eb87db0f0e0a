from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("awards", "0020_releases_of_a_nomination")]
    operations = [
        migrations.AlterField(
            "release",
            "nomination",
            models.ForeignKey(
                on_delete=models.deletion.PROTECT,
                related_name="releases",
                to="nominations.nomination",
                verbose_name="推荐",
            ),
        ),
    ]
