from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("awards", "0021_no_release_without_nomination")]
    operations = [
        migrations.AlterField("honour", "number", models.CharField(max_length=40, verbose_name="命名编号")),
        migrations.AddConstraint(
            "honour",
            models.UniqueConstraint(
                fields=["number"],
                condition=models.Q(nomination__isnull=False),
                name="a_number_is_drawn_once",
            ),
        ),
        migrations.AddConstraint(
            "honour",
            models.UniqueConstraint(
                fields=["host", "year", "number"],
                condition=models.Q(nomination__isnull=True),
                name="one_naming_of_a_number_on_paper",
            ),
        ),
    ]
