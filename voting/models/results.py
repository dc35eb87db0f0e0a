"""The frozen tally."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from nominations.models import Edition, Nomination
from portal.fields import FractionField
from portal.models import Membership


class Result(models.Model):
    """The frozen tally."""

    edition = models.OneToOneField(Edition, models.PROTECT, related_name="vote_result")
    cast = models.PositiveIntegerField(_("收到选票"))
    set_aside = models.PositiveIntegerField(_("隔离选票"))
    inputs = models.JSONField(_("输入"))
    digest = models.CharField(_("摘要"), max_length=64)
    frozen_at = models.DateTimeField(_("冻结时间"))
    frozen_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("公众投票结果")
        verbose_name_plural = _("公众投票结果")

    def __str__(self):
        return f"{self.edition} {self.digest[:12]}"

    @property
    def valid(self) -> int:
        return self.cast - self.set_aside


class ResultRow(models.Model):
    result = models.ForeignKey(Result, models.CASCADE, related_name="rows")
    nomination = models.OneToOneField(Nomination, models.PROTECT, related_name="vote_row")
    picks = models.PositiveIntegerField(_("有效票"))
    score = FractionField(_("投票得分"))
    rank = models.PositiveSmallIntegerField(_("名次"))

    class Meta:
        verbose_name = _("公众投票成绩")
        verbose_name_plural = _("公众投票成绩")
        ordering = ["rank", "nomination__subject_key"]

    def __str__(self):
        return f"{self.rank} {self.nomination}"
