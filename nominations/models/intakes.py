from django.db import models
from django.utils.translation import gettext_lazy as _

from nominations.models.editions import Edition
from portal.files import private_name
from portal.models import Membership


class Handout(models.Model):
    """A workbook handed out to be filled in and brought back: what every row said when it went out."""

    class Kind(models.TextChoices):
        ROUND = "round", _("推荐填报表")
        ANSWERS = "answers", _("部门意见表")
        SCORES = "scores", _("评分表")

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="handouts")
    kind = models.CharField(_("类型"), max_length=8, choices=Kind)
    token = models.CharField(_("编号"), max_length=32, unique=True)
    issued_at = models.DateTimeField(_("下载时间"))
    issued_to = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("下载人"), related_name="+")
    # Row key → {"version": n, "values": {column key: value as text}}.
    rows = models.JSONField(_("下载时的内容"), default=dict)

    class Meta:
        verbose_name = _("下载的表格")
        verbose_name_plural = _("下载的表格")
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.get_kind_display()} {self.token}"


class IntakeFile(models.Model):
    """A workbook handed in to be looked through and then applied; the applied one is kept as what came in."""

    class Kind(models.TextChoices):
        SUMMARY = "summary", _("推荐汇总表")
        ROUND = "round", _("推荐填报表")
        ANSWERS = "answers", _("部门意见表")
        SCORES = "scores", _("评分表")
        FORMER = "former", _("历年命名表")

    kind = models.CharField(_("类型"), max_length=8, choices=Kind, default=Kind.SUMMARY)
    handout = models.ForeignKey(
        Handout, models.SET_NULL, verbose_name=_("对应的下载"), null=True, blank=True, related_name="uploads"
    )
    # None where what is brought belongs to no edition, as the namings of former years.
    edition = models.ForeignKey(Edition, models.CASCADE, null=True, blank=True, related_name="intake_files")
    file = models.FileField(_("文件"), upload_to=private_name)
    name = models.CharField(_("文件名"), max_length=200)
    sha256 = models.CharField(max_length=64)
    recommended = models.BooleanField(_("已经推荐单位审核推荐"), default=False)
    uploaded_at = models.DateTimeField(_("上传时间"))
    uploaded_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("上传人"), related_name="+")
    applied_at = models.DateTimeField(_("导入时间"), null=True, blank=True)
    # A large file is applied by a task: how far it is, and why it was refused.
    asked_at = models.DateTimeField(_("提交导入时间"), null=True, blank=True)
    total = models.PositiveIntegerField(_("行数"), default=0)
    done = models.PositiveIntegerField(_("已处理"), default=0)
    problems = models.JSONField(_("未能导入的原因"), default=list, blank=True)
    # What the person chose where the record had moved meanwhile, and other answers to the preview.
    choices = models.JSONField(_("核对结果"), default=dict, blank=True)

    class Meta:
        verbose_name = _("导入文件")
        verbose_name_plural = _("导入文件")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="former") | models.Q(edition__isnull=False),
                name="a_file_belongs_to_an_edition",
            )
        ]

    def __str__(self):
        return self.name
