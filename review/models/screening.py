"""资格审查: who is asked what, what the departments answer, and what the office finds."""

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from nominations.models import Edition, Nomination
from portal.models import Membership, Organisation, Role
from review.rules import ITEM


class Consultation(models.Model):
    """One question of the joint check: this department answers this item for every nomination."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="consultations")
    department = models.ForeignKey(Organisation, models.PROTECT, verbose_name=_("部门"), related_name="+")
    item = models.CharField(_("核查项"), max_length=24)  # a code of review.rules.ITEMS
    due_on = models.DateField(_("答复期限"), null=True, blank=True)

    class Meta:
        verbose_name = _("征求意见")
        verbose_name_plural = _("征求意见")
        ordering = ["department__position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "department", "item"], name="one_question_a_department"
            )
        ]

    def __str__(self):
        return f"{self.department} {self.title_of_item}"

    @property
    def title_of_item(self) -> str:
        return ITEM[self.item].title if self.item in ITEM else self.item

    @property
    def title(self) -> str:
        return f"{self.department.short_name}：{self.title_of_item}"


class OpinionQuerySet(models.QuerySet):
    def visible_to(self, hat: Membership):
        match hat.role:
            case Role.SYSTEM | Role.AUDITOR:
                return self
            case Role.OFFICE:
                return self.filter(nomination__edition__host=hat.organisation)
            case Role.DEPARTMENT:
                return self.filter(consultation__department=hat.organisation)
        return self.none()


@pghistory.track()
class Opinion(models.Model):
    """A department's answer to one item for one nomination."""

    class Answer(models.TextChoices):
        CLEAR = "clear", _("无异议")
        PROBLEM = "problem", _("有问题")
        UNABLE = "unable", _("无法核查")

    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="opinions")
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="opinions")
    answer = models.CharField(_("结果"), max_length=8, choices=Answer)
    explanation = models.CharField(_("说明"), max_length=500, blank=True)
    looked_up_on = models.DateField(_("查询日期"))
    version = models.PositiveIntegerField(_("版本"), default=1)
    answered_at = models.DateTimeField(_("答复时间"))
    answered_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("答复人"), related_name="+")

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = _("部门意见")
        verbose_name_plural = _("部门意见")
        constraints = [
            models.UniqueConstraint(fields=["nomination", "consultation"], name="one_opinion_a_question"),
            models.CheckConstraint(
                condition=models.Q(answer="clear") | ~models.Q(explanation=""),
                name="an_opinion_that_is_not_clear_explains_itself",
            ),
        ]

    def __str__(self):
        return f"{self.consultation} {self.get_answer_display()}"


@pghistory.track()
class Finding(models.Model):
    """The conclusion on one item for one nomination, with its reason; what screening is decided by."""

    class Verdict(models.TextChoices):
        PASSED = "passed", _("通过")
        FAILED = "failed", _("不通过")
        REPAIR = "repair", _("需补正")

    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="findings")
    item = models.CharField(_("审查项"), max_length=24)
    verdict = models.CharField(_("结论"), max_length=8, choices=Verdict)
    reason = models.CharField(_("理由"), max_length=500, blank=True)
    looked_up_on = models.DateField(_("查询日期"))
    # Made by the rule from the declaration; a person's own conclusion is never made anew.
    proposed = models.BooleanField(_("按规则得出"), default=False)
    found_at = models.DateTimeField(_("结论时间"))
    found_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("结论人"), related_name="+")

    class Meta:
        verbose_name = _("审查结果")
        verbose_name_plural = _("审查结果")
        constraints = [
            models.UniqueConstraint(fields=["nomination", "item"], name="one_finding_an_item"),
            models.CheckConstraint(
                condition=models.Q(verdict="passed") | ~models.Q(reason=""),
                name="a_failed_finding_has_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.nomination} {self.item} {self.get_verdict_display()}"
