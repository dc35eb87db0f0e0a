"""专家评审: experts, their panel, recusals, sheets and scores."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from nominations.models import Dimension, Edition, Nomination
from portal.models import Membership, Role


class Expert(models.Model):
    """The register of experts. One without an account can be scored for from the panel's workbook."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("账户"),
        null=True,
        blank=True,
        related_name="expert",
    )
    name = models.CharField(_("姓名"), max_length=60)
    employer = models.CharField(_("工作单位"), max_length=120, blank=True)
    employer_code = models.CharField(_("工作单位信用代码"), max_length=18, blank=True)
    fields = models.JSONField(_("专业领域"), default=list, blank=True)
    active = models.BooleanField(_("在库"), default=True)

    class Meta:
        verbose_name = _("专家")
        verbose_name_plural = _("专家")

    def __str__(self):
        return self.name


class PanelMember(models.Model):
    """An expert on the panel of an edition, under the panel's own number (E01 …)."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="panel")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="panels")
    code = models.CharField(_("专家编号"), max_length=12)
    # Repeated from the expert, for the queries of the floors below.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("专家组成员")
        verbose_name_plural = _("专家组成员")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="one_panel_member_of_a_code"),
            models.UniqueConstraint(fields=["edition", "expert"], name="an_expert_sits_once"),
        ]

    def __str__(self):
        return self.code


class AssignmentQuerySet(models.QuerySet):
    def open_to(self, hat: Membership):
        """Those whose file this hat may read: an expert only after declaring, never after recusing."""
        mine = self.visible_to(hat)
        if hat.role == Role.EXPERT:
            mine = mine.filter(declared_at__isnull=False, recusal__isnull=True)
        return mine

    def visible_to(self, hat: Membership):
        match hat.role:
            case Role.SYSTEM | Role.AUDITOR:
                return self
            case Role.OFFICE:
                return self.filter(nomination__edition__host=hat.organisation)
            case Role.EXPERT:
                return self.filter(member__user=hat.user)
        return self.none()


class Assignment(models.Model):
    """This expert reviews this nomination."""

    member = models.ForeignKey(PanelMember, models.PROTECT, related_name="assignments")
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="assignments")
    assigned_at = models.DateTimeField(_("分配时间"))
    # The expert states that nothing stands in the way, before the file is opened; or recuses.
    declared_at = models.DateTimeField(_("无回避声明时间"), null=True, blank=True)
    declared_signature = models.CharField(_("声明签名"), max_length=60, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("评审任务")
        verbose_name_plural = _("评审任务")
        ordering = ["nomination__subject_key", "member__code"]
        constraints = [models.UniqueConstraint(fields=["member", "nomination"], name="one_assignment_a_pair")]

    def __str__(self):
        return f"{self.member} → {self.nomination}"


class Recusal(models.Model):
    class Kind(models.TextChoices):
        EMPLOYMENT = "employment", _("三年内有劳动关系")
        OFFICER = "officer", _("担任董事、监事或为股东")
        KINSHIP = "kinship", _("与负责人有亲属关系")
        OTHER = "other", _("其他可能影响公正的关系")

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="recusal")
    kind = models.CharField(_("回避事由"), max_length=12, choices=Kind)
    reason = models.CharField(_("说明"), max_length=300, blank=True)
    signature = models.CharField(_("签名"), max_length=60)
    signed_at = models.DateTimeField(_("签署时间"))
    signed_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("回避")
        verbose_name_plural = _("回避")

    def __str__(self):
        return f"{self.assignment} {self.get_kind_display()}"


@pghistory.track()
class ScoreSheet(models.Model):
    """One expert's sheet for one nomination. Submitting locks it; `version` guards against two tabs."""

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="sheet")
    comment = models.TextField(_("评语"), blank=True, max_length=2000)
    version = models.PositiveIntegerField(_("版本"), default=1)
    saved_at = models.DateTimeField(_("保存时间"))
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("评分表")
        verbose_name_plural = _("评分表")

    def __str__(self):
        return f"{self.assignment}"


@pghistory.track()
class Score(models.Model):
    sheet = models.ForeignKey(ScoreSheet, models.CASCADE, related_name="scores")
    dimension = models.ForeignKey(Dimension, models.PROTECT, related_name="+")
    points = models.DecimalField(_("得分"), max_digits=4, decimal_places=1)

    class Meta:
        verbose_name = _("得分")
        verbose_name_plural = _("得分")
        ordering = ["dimension__position"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "dimension"], name="one_score_a_dimension"),
            models.CheckConstraint(
                condition=models.Q(points__gte=0, points__lte=100), name="a_score_is_between_0_and_100"
            ),
        ]

    def __str__(self):
        return f"{self.dimension} {self.points}"
