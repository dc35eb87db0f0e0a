import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from nominations.models import Edition, Nomination
from portal.files import private_name
from portal.models import Membership, Role


class InspectionQuerySet(models.QuerySet):
    def visible_to(self, hat: Membership):
        match hat.role:
            case Role.SYSTEM | Role.AUDITOR:
                return self
            case Role.OFFICE:
                return self.filter(nomination__edition__host=hat.organisation)
            case Role.INSPECTOR:
                return self.filter(inspectors=hat.user)
        return self.none()


@pghistory.track()
class Inspection(models.Model):
    """The visit to one shortlisted enterprise: who, when, what was found, and two signatures."""

    class Verdict(models.TextChoices):
        PASSED = "passed", _("合格")
        FAILED = "failed", _("不合格")

    nomination = models.OneToOneField(Nomination, models.PROTECT, related_name="inspection")
    inspectors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("考察人员"), related_name="+"
    )
    leader_name = models.CharField(_("考察组长"), max_length=60, blank=True)
    member_names = models.CharField(_("考察成员"), max_length=200, blank=True)
    planned_on = models.DateField(_("计划日期"), null=True, blank=True)
    visited_on = models.DateField(_("考察日期"), null=True, blank=True)
    # [{"item", "claimed", "found", "agrees"}], built from the enterprise's own claims.
    checklist = models.JSONField(_("核对清单"), default=list, blank=True)
    verdict = models.CharField(_("结论"), max_length=8, choices=Verdict, blank=True)
    problem = models.CharField(_("问题"), max_length=500, blank=True)
    leader_signature = models.CharField(_("组长签名"), max_length=60, blank=True)
    member_signature = models.CharField(_("成员签名"), max_length=60, blank=True)
    recorded_at = models.DateTimeField(_("记录时间"), null=True, blank=True)
    recorded_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(_("版本"), default=1)

    objects = InspectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("考察")
        verbose_name_plural = _("考察")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verdict="")
                | models.Q(recorded_at__isnull=False, recorded_by__isnull=False, visited_on__isnull=False),
                name="a_verdict_names_who_and_when",
            ),
            models.CheckConstraint(
                condition=~models.Q(verdict="failed") | ~models.Q(problem=""), name="a_failed_visit_says_why"
            ),
        ]

    def __str__(self):
        return str(self.nomination)


class InspectionPhoto(models.Model):
    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="photos")
    file = models.ImageField(_("照片"), upload_to=private_name)
    caption = models.CharField(_("说明"), max_length=120, blank=True)
    taken_at = models.DateTimeField(_("拍摄时间"), null=True, blank=True)
    uploaded_at = models.DateTimeField(_("上传时间"))
    uploaded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("考察照片")
        verbose_name_plural = _("考察照片")

    def __str__(self):
        return self.caption or str(self.pk)


class InspectionFile(models.Model):
    """A 考察记录.xlsx looked through and then applied; the applied one is kept as it came in."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="inspection_files")
    file = models.FileField(_("文件"), upload_to=private_name)
    name = models.CharField(_("文件名"), max_length=200)
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(_("上传时间"))
    uploaded_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("上传人"), related_name="+")
    applied_at = models.DateTimeField(_("登记时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("考察记录文件")
        verbose_name_plural = _("考察记录文件")
        ordering = ["-pk"]

    def __str__(self):
        return self.name
