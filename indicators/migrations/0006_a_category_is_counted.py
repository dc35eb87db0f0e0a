import django.db.models.deletion
from django.db import migrations, models


def counted_so_far(apps, schema_editor):
    """Until now there was one category, and the portal counted its namings."""
    category = apps.get_model("nominations", "Category").objects.filter(code="qycx").first()
    filled = apps.get_model("indicators", "Indicator").objects.exclude(fill="")
    if category is not None:
        filled.update(category=category)


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0005_asked_so_far"),
        ("nominations", "0012_city_rewards"),
    ]

    operations = [
        migrations.AddField(
            model_name="indicator",
            name="category",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="nominations.category",
                verbose_name="类别",
            ),
        ),
        migrations.RunPython(counted_so_far, migrations.RunPython.noop),
    ]
