"""Who objects, and the papers that came with it, move to tables of their own, encrypted."""

import hashlib

import django.db.models.deletion
from django.core.files.base import ContentFile
from django.db import migrations, models, transaction

from awards import sealed


def apart(apps, schema_editor):
    objections = apps.get_model("awards", "Objection")
    objector = apps.get_model("awards", "Objector")
    paper = apps.get_model("awards", "ObjectionPaper")
    for row in objections.objects.order_by("pk").iterator():
        objector.objects.create(objection=row, sealed=bytes(row.objector))
        if row.evidence:
            _seal(paper, row)


def _seal(model, row):
    """The plain file becomes an encrypted one; it goes once the move is committed."""
    stored = row.evidence
    if not stored.storage.exists(stored.name):
        raise RuntimeError(f"{row.number}: the evidence {stored.name} is not on the disk and cannot be moved")
    with stored.storage.open(stored.name) as file:
        data = file.read()
    name = f"{row.number}.{stored.name.rpartition('.')[2]}"
    paper = model(
        objection=row,
        name_sealed=sealed.seal_bytes(name.encode()),
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        uploaded_at=row.lodged_at,
    )
    paper.file.save("paper", ContentFile(sealed.seal_bytes(data)), save=False)
    paper.save()
    transaction.on_commit(lambda: stored.storage.delete(stored.name))


# Heard is heard; only the key of what the objector said may be changed.
RELAX = """
DROP TRIGGER awards_hearing_no_change ON awards_hearing;
CREATE TRIGGER awards_hearing_no_delete BEFORE DELETE ON awards_hearing
    FOR EACH ROW EXECUTE FUNCTION awards_row_kept();
CREATE TRIGGER awards_hearing_no_change BEFORE UPDATE ON awards_hearing
    FOR EACH ROW WHEN (
        to_jsonb(OLD) - 'words_sealed' IS DISTINCT FROM to_jsonb(NEW) - 'words_sealed'
        OR (OLD.words_sealed IS NULL) <> (NEW.words_sealed IS NULL)
    ) EXECUTE FUNCTION awards_row_kept();
"""
TIGHTEN = """
DROP TRIGGER awards_hearing_no_delete ON awards_hearing;
DROP TRIGGER awards_hearing_no_change ON awards_hearing;
CREATE TRIGGER awards_hearing_no_change BEFORE UPDATE OR DELETE ON awards_hearing
    FOR EACH ROW EXECUTE FUNCTION awards_row_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("awards", "0008_vouchers")]
    operations = [
        migrations.AddField(
            "objection",
            "matter",
            models.TextField(blank=True, default="", max_length=2000, verbose_name="转告企业的内容"),
            preserve_default=False,
        ),
        migrations.AddField(
            "objection",
            "matter_at",
            models.DateTimeField(blank=True, null=True, verbose_name="转告时间"),
        ),
        migrations.AddField(
            "objection",
            "matter_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="portal.membership",
            ),
        ),
        migrations.AddField(
            "objection",
            "reply_due",
            models.DateField(blank=True, null=True, verbose_name="请企业答复的期限"),
        ),
        migrations.RunPython(apart, migrations.RunPython.noop),
        migrations.RunSQL(RELAX, TIGHTEN),
    ]
