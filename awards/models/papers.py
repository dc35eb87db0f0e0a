"""Documents the office issues, and the templates they are made from."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from nominations.models import Edition
from portal.files import private_name
from portal.models import Membership, Organisation


class PaperTemplate(models.Model):
    """A docx of the office's own for one kind of document. Where there is none, ours is used."""

    host = models.ForeignKey(Organisation, models.PROTECT, related_name="paper_templates")
    kind = models.CharField(_("文件类型"), max_length=24)
    version = models.PositiveSmallIntegerField(_("版本"))
    file = models.FileField(_("模板"), upload_to=private_name)
    name = models.CharField(_("文件名"), max_length=200)
    sha256 = models.CharField(max_length=64)
    active = models.BooleanField(_("在用"), default=False)
    uploaded_at = models.DateTimeField(_("上传时间"))
    uploaded_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("上传人"), related_name="+")

    class Meta:
        verbose_name = _("文件模板")
        verbose_name_plural = _("文件模板")
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["host", "kind", "version"], name="one_template_of_a_version"),
            models.UniqueConstraint(
                fields=["host", "kind"], condition=models.Q(active=True), name="one_active_template_a_kind"
            ),
        ]

    def __str__(self):
        return f"{self.kind} v{self.version}"


class IssuedPaper(models.Model):
    """A numbered document as it went out: a notice letter, a certificate. Voided, never replaced."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="issued_papers")
    kind = models.CharField(_("文件类型"), max_length=24)
    number = models.CharField(_("文号"), max_length=60)
    inspection = models.ForeignKey(
        "awards.Inspection", models.PROTECT, null=True, blank=True, related_name="issued_papers"
    )
    honour = models.ForeignKey(
        "awards.Honour", models.PROTECT, null=True, blank=True, related_name="issued_papers"
    )
    file = models.FileField(_("文件"), upload_to=private_name)
    sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField(_("制发时间"))
    issued_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("制发人"), related_name="+")
    voided_at = models.DateTimeField(_("作废时间"), null=True, blank=True)
    void_reason = models.CharField(_("作废原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("制发文件")
        verbose_name_plural = _("制发文件")
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "kind", "number"], name="one_paper_of_a_number"),
            models.CheckConstraint(
                condition=models.Q(voided_at__isnull=True) | ~models.Q(void_reason=""),
                name="a_voided_paper_has_a_reason",
            ),
        ]

    def __str__(self):
        return self.number
