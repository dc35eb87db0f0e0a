"""An expense may have several vouchers: the one each had becomes its first."""

import hashlib

from django.db import migrations


def move(apps, schema_editor):
    Expense, Voucher = apps.get_model("awards", "Expense"), apps.get_model("awards", "Voucher")
    for row in Expense.objects.exclude(voucher_file="").iterator():
        Voucher.objects.create(
            expense=row,
            file=row.voucher_file.name,
            name=f"{row.voucher}.{row.voucher_file.name.rpartition('.')[2]}"[:200],
            sha256=_digest(row.voucher_file),
            uploaded_at=row.recorded_at,
            uploaded_by_id=row.recorded_by_id,
        )
    # The column of the former way is dropped next: no check of a row may still be waiting then.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


def _digest(file) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


class Migration(migrations.Migration):
    dependencies = [("awards", "0007_kept")]
    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
