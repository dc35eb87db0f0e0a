"""What a visit found is taken up again: by a second visit, or by screening."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from awards.models.inspections import Inspection
from nominations.models import Nomination
from portal.models import Membership, Role


class VisitReopening(models.Model):
    """A recorded visit taken up again, with what it said before."""

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="reopenings")
    reason = models.CharField(_("理由"), max_length=300)
    before = models.JSONField(_("原记录"))
    reopened_at = models.DateTimeField(_("时间"))
    reopened_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("办理人"), related_name="+")

    class Meta:
        verbose_name = _("重新考察")
        verbose_name_plural = _("重新考察")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_reopening_has_a_reason")
        ]

    def __str__(self):
        return self.reason


class ReferralQuerySet(models.QuerySet):
    def visible_to(self, hat: Membership):
        match hat.role:
            case Role.SYSTEM | Role.AUDITOR:
                return self
            case Role.OFFICE:
                return self.filter(nomination__edition__host=hat.organisation)
        return self.none()


class Referral(models.Model):
    """转资格审查: what a visit found goes back to screening; a second person of the office settles it."""

    class Outcome(models.TextChoices):
        CLEARED = "cleared", _("复审合格")
        REFUSED = "refused", _("复审不合格")

    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="referrals")
    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="referrals")
    # Keys of the lines whose difference is the matter, and codes of review.rules.ITEMS to be asked again.
    lines = models.JSONField(_("差异"), default=list)
    items = models.JSONField(_("核查项"), default=list)
    reason = models.CharField(_("理由"), max_length=500)
    referred_at = models.DateTimeField(_("转出时间"))
    referred_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("转出人"), related_name="+")
    batch = models.ForeignKey(
        "review.Batch", models.PROTECT, verbose_name=_("联审批次"), null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(_("结论"), max_length=8, choices=Outcome, blank=True)
    outcome_reason = models.CharField(_("结论理由"), max_length=500, blank=True)
    decided_at = models.DateTimeField(_("结论时间"), null=True, blank=True)
    decided_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("结论人"), null=True, blank=True, related_name="+"
    )

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = _("转资格审查")
        verbose_name_plural = _("转资格审查")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["nomination"], condition=models.Q(outcome=""), name="one_open_referral_a_nomination"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="")
                | models.Q(decided_at__isnull=False, decided_by__isnull=False) & ~models.Q(outcome_reason=""),
                name="a_settled_referral_names_who_when_and_why",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("referred_by")),
                name="a_referral_takes_two_people",
            ),
        ]

    def __str__(self):
        return str(self.nomination)
