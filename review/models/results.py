from django.db import models
from django.utils.translation import gettext_lazy as _

from nominations.models import Edition, Nomination
from portal.fields import FractionField
from portal.models import Membership


class Result(models.Model):
    """The frozen result of the expert review: what the composite uses, and nothing else."""

    edition = models.OneToOneField(Edition, models.PROTECT, related_name="review_result")
    inputs = models.JSONField(_("输入"))
    digest = models.CharField(_("摘要"), max_length=64)
    frozen_at = models.DateTimeField(_("冻结时间"))
    frozen_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("专家评审结果")
        verbose_name_plural = _("专家评审结果")

    def __str__(self):
        return f"{self.edition} {self.digest[:12]}"


class ResultRow(models.Model):
    result = models.ForeignKey(Result, models.CASCADE, related_name="rows")
    nomination = models.OneToOneField(Nomination, models.PROTECT, related_name="review_row")
    score = FractionField(_("专家得分"))
    mean = FractionField(_("平均分"))
    median = FractionField(_("中位数"))
    deviation = models.DecimalField(_("标准差"), max_digits=8, decimal_places=4)
    sheets = models.PositiveSmallIntegerField(_("有效评分表"))
    rank = models.PositiveSmallIntegerField(_("名次"))
    nominee = models.BooleanField(_("提名"))

    class Meta:
        verbose_name = _("专家评审成绩")
        verbose_name_plural = _("专家评审成绩")
        ordering = ["rank", "nomination__subject_key"]

    def __str__(self):
        return f"{self.rank} {self.nomination}"
