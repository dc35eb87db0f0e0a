"""A workbook handed in is kept between the preview and the import."""

import django.db.models.deletion
import portal.files
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("nominations", "0003_frozen_rules"),
        ("portal", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="IntakeFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("file", models.FileField(upload_to=portal.files.private_name, verbose_name="文件")),
                ("name", models.CharField(max_length=200, verbose_name="文件名")),
                ("sha256", models.CharField(max_length=64)),
                ("recommended", models.BooleanField(default=False, verbose_name="已经推荐单位审核推荐")),
                ("uploaded_at", models.DateTimeField(verbose_name="上传时间")),
                ("applied_at", models.DateTimeField(blank=True, null=True, verbose_name="导入时间")),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="intake_files",
                        to="nominations.edition",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.membership",
                        verbose_name="上传人",
                    ),
                ),
            ],
            options={
                "verbose_name": "导入文件",
                "verbose_name_plural": "导入文件",
                "ordering": ["-pk"],
            },
        ),
    ]
