import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("awards", "0016_namings_by_name")]
    operations = [
        migrations.AlterField(
            "honour",
            "category",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="honours",
                to="nominations.category",
                verbose_name="类别",
            ),
        ),
        migrations.AlterField(
            "honour", "subject_key", models.CharField(max_length=64, verbose_name="对象标识")
        ),
        migrations.AlterField(
            "honour", "subject_name", models.CharField(max_length=120, verbose_name="命名对象")
        ),
    ]
