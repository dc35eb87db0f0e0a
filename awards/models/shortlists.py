from django.db import models
from django.utils.translation import gettext_lazy as _

from nominations.models import Edition, Nomination
from portal.fields import FractionField
from portal.models import Membership


class Shortlist(models.Model):
    """The 1∶1.2 list of an edition: the one row is the truth, the task only fills it in.

    Where an edition has no 差额考察 it is 综合排序: the size is the seats, and nobody is moved by it.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("等待计算")
        RUNNING = "running", _("正在计算")
        DONE = "done", _("已生成")
        FAILED = "failed", _("计算未完成")

    edition = models.OneToOneField(Edition, models.PROTECT, related_name="shortlist")
    status = models.CharField(_("状态"), max_length=8, choices=Status, default=Status.QUEUED)
    done = models.PositiveIntegerField(_("已完成"), default=0)
    total = models.PositiveIntegerField(_("总数"), default=0)
    message = models.CharField(_("进度说明"), max_length=300, blank=True)
    size = models.PositiveSmallIntegerField(_("应考察家数"), null=True)
    grew_by = models.PositiveSmallIntegerField(_("同分增加"), default=0)
    warning = models.CharField(_("提示"), max_length=300, blank=True)
    inputs = models.JSONField(_("输入"), null=True)
    sealed = models.JSONField(_("可复算结果"), null=True)
    digest = models.CharField(_("摘要"), max_length=64, blank=True)
    signature = models.CharField(_("签名"), max_length=128, blank=True)
    key_name = models.CharField(_("签名公钥"), max_length=120, blank=True)
    asked_at = models.DateTimeField(_("提交时间"))
    asked_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(_("生成时间"), null=True)

    class Meta:
        verbose_name = _("考察名单")
        verbose_name_plural = _("考察名单")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(status="done") | ~models.Q(digest=""), name="a_drawn_list_has_a_digest"
            )
        ]

    def __str__(self):
        return str(self.edition)


class ShortlistRow(models.Model):
    shortlist = models.ForeignKey(Shortlist, models.CASCADE, related_name="rows")
    nomination = models.OneToOneField(Nomination, models.PROTECT, related_name="shortlist_row")
    rank = models.PositiveSmallIntegerField(_("名次"))
    # Empty where the edition leaves that step out.
    expert_score = FractionField(_("专家得分"), null=True, blank=True)
    vote_score = FractionField(_("投票得分"), null=True, blank=True)
    composite = FractionField(_("综合得分"))
    picks = models.PositiveIntegerField(_("有效票"), null=True, blank=True)
    # Where the edition has no 差额考察: within the seats.
    shortlisted = models.BooleanField(_("入围考察"))
    tie = models.CharField(_("同分处理"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("综合成绩")
        verbose_name_plural = _("综合成绩")
        ordering = ["rank", "nomination__subject_key"]

    def __str__(self):
        return f"{self.rank} {self.nomination}"


class ShortlistAddition(models.Model):
    """递补考察: the next in line, taken in after the draw because somebody left. The draw itself stays."""

    row = models.OneToOneField(ShortlistRow, models.PROTECT, related_name="addition")
    instead_of = models.OneToOneField(
        Nomination, models.PROTECT, null=True, blank=True, related_name="refilled_by"
    )
    reason = models.CharField(_("理由"), max_length=300)
    minute = models.CharField(_("会议纪要文号"), max_length=60, blank=True)
    added_at = models.DateTimeField(_("递补时间"))
    added_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("办理人"), related_name="+")

    class Meta:
        verbose_name = _("递补考察")
        verbose_name_plural = _("递补考察")
        ordering = ["row__rank", "pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="an_addition_has_a_reason")
        ]

    def __str__(self):
        return str(self.row)
