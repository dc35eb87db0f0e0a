"""S1 五.2: the city guides the unions below it. A visit, what was found, what was agreed, was it done."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models import Membership, Organisation, Role


class GuidanceQuerySet(models.QuerySet):
    def visible_to(self, hat: Membership | None):
        if hat is None:
            return self.none()
        match hat.role:
            case Role.SYSTEM | Role.AUDITOR:
                return self
            case Role.OFFICE:
                return self.filter(models.Q(host=hat.organisation) | models.Q(unit=hat.organisation))
            case Role.RECOMMENDER:
                return self.filter(unit=hat.organisation)
        return self.none()


class Guidance(models.Model):
    """A guidance visit to a union: planned, then made and recorded, or called off with a reason."""

    host = models.ForeignKey(Organisation, models.PROTECT, verbose_name=_("指导单位"), related_name="+")
    unit = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name=_("被指导单位"), related_name="guidance"
    )
    planned_on = models.DateField(_("计划日期"))
    purpose = models.CharField(_("事由"), max_length=200)
    visited_on = models.DateField(_("指导日期"), null=True, blank=True)
    people = models.CharField(_("指导人员"), max_length=200, blank=True)
    looked_at = models.TextField(_("查看情况"), max_length=3000, blank=True)
    found = models.TextField(_("发现的问题"), max_length=3000, blank=True)
    recorded_at = models.DateTimeField(_("记录时间"), null=True, blank=True)
    recorded_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("记录人"), null=True, blank=True, related_name="+"
    )
    cancelled_at = models.DateTimeField(_("取消时间"), null=True, blank=True)
    cancelled_reason = models.CharField(_("取消理由"), max_length=300, blank=True)

    objects = GuidanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("指导")
        verbose_name_plural = _("指导")
        ordering = ["-planned_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(visited_on__isnull=True)
                | models.Q(recorded_at__isnull=False, recorded_by__isnull=False),
                name="a_recorded_guidance_names_who_and_when",
            ),
            models.CheckConstraint(
                condition=models.Q(cancelled_at__isnull=True) | ~models.Q(cancelled_reason=""),
                name="a_cancelled_guidance_has_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.unit} {self.planned_on}"


class Agreement(models.Model):
    """What was agreed at a visit: what, by when, and how it ended."""

    guidance = models.ForeignKey(Guidance, models.PROTECT, related_name="agreements")
    matter = models.CharField(_("商定事项"), max_length=300)
    due_on = models.DateField(_("完成期限"))
    done_on = models.DateField(_("完成日期"), null=True, blank=True)
    outcome = models.CharField(_("完成情况"), max_length=500, blank=True)
    settled_at = models.DateTimeField(_("登记时间"), null=True, blank=True)
    settled_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("登记人"), null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("商定事项")
        verbose_name_plural = _("商定事项")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(done_on__isnull=True)
                | models.Q(settled_at__isnull=False, settled_by__isnull=False) & ~models.Q(outcome=""),
                name="a_settled_agreement_says_who_when_and_how",
            )
        ]

    def __str__(self):
        return self.matter
