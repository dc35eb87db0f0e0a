from django.db import models
from django.utils.translation import gettext_lazy as _

from nominations.models.editions import Edition
from portal.files import private_name
from portal.models import Membership


class IntakeFile(models.Model):
    """A workbook handed in to be looked through and then applied; the applied one is kept as what came in."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="intake_files")
    file = models.FileField(_("文件"), upload_to=private_name)
    name = models.CharField(_("文件名"), max_length=200)
    sha256 = models.CharField(max_length=64)
    recommended = models.BooleanField(_("已经推荐单位审核推荐"), default=False)
    uploaded_at = models.DateTimeField(_("上传时间"))
    uploaded_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("上传人"), related_name="+")
    applied_at = models.DateTimeField(_("导入时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("导入文件")
        verbose_name_plural = _("导入文件")
        ordering = ["-pk"]

    def __str__(self):
        return self.name
