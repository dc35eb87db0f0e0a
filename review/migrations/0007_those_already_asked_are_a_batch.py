"""Until now every nomination at screening was before the departments at once: that was a first batch."""

from django.db import migrations

NOT_YET = ("draft", "recommendation")


def gather(apps, schema_editor):
    Edition = apps.get_model("nominations", "Edition")
    Nomination = apps.get_model("nominations", "Nomination")
    Membership = apps.get_model("portal", "Membership")
    Batch = apps.get_model("review", "Batch")
    Consultation = apps.get_model("review", "Consultation")
    Opinion = apps.get_model("review", "Opinion")
    asked = Consultation.objects.values("edition")
    for edition in Edition.objects.filter(pk__in=asked, batches__isnull=True):
        answered = Opinion.objects.filter(nomination__edition=edition)
        there = Nomination.objects.filter(edition=edition).exclude(state__in=NOT_YET)
        there = set(there.values_list("pk", flat=True)) | set(answered.values_list("nomination", flat=True))
        office = Membership.objects.filter(role="office", organisation=edition.host_id).order_by("pk").first()
        first = answered.order_by("answered_at").first()
        if not there or office is None:
            continue
        due = Consultation.objects.filter(edition=edition, due_on__isnull=False).first()
        nominations = Nomination.objects.filter(pk__in=there).order_by("created_at")
        batch = Batch.objects.create(
            edition=edition,
            number=1,
            due_on=due and due.due_on,
            sent_at=first.answered_at if first else nominations.last().created_at,
            sent_by=office,
        )
        batch.nominations.set(there)


class Migration(migrations.Migration):
    dependencies = [("review", "0006_joint_check")]

    operations = [migrations.RunPython(gather, migrations.RunPython.noop)]
