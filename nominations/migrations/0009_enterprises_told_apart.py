import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("nominations", "0008_version_returned"),
        ("portal", "0002_record_triggers"),
    ]

    operations = [
        migrations.CreateModel(
            name="NotSame",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="理由")),
                ("marked_at", models.DateTimeField(verbose_name="标记时间")),
                (
                    "host",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.organisation",
                        verbose_name="主办单位",
                    ),
                ),
                (
                    "marked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.membership",
                        verbose_name="标记人",
                    ),
                ),
                (
                    "one",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nominations.enterprise",
                        verbose_name="企业",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nominations.enterprise",
                        verbose_name="另一家企业",
                    ),
                ),
            ],
            options={
                "verbose_name": "不是同一家",
                "verbose_name_plural": "不是同一家",
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("host", "one", "other"), name="a_pair_is_told_apart_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("one__lt", models.F("other"))), name="a_pair_in_order"
                    ),
                ],
            },
        ),
    ]
