from datetime import datetime, time, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from nominations.models import Edition, Nomination
from portal.files import private_name
from portal.models import Membership, Role


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, hat: Membership | None):
        """A notice of a published edition is public; a rehearsal's only its office and the auditor find."""
        if hat is not None and hat.role in (Role.SYSTEM, Role.AUDITOR):
            return self
        seen = models.Q(edition__published=True)
        if hat is not None and hat.role == Role.OFFICE:
            seen |= models.Q(edition__host=hat.organisation)
        return self.filter(seen)


class Notice(models.Model):
    """A published list with its period. A replacement (递补) has a notice of its own."""

    class Kind(models.TextChoices):
        LIST = "list", _("拟命名名单公示")
        REPLACEMENT = "replacement", _("递补公示")

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="notices")
    kind = models.CharField(_("类型"), max_length=12, choices=Kind, default=Kind.LIST)
    version = models.PositiveSmallIntegerField(_("版本"), default=1)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    title = models.CharField(_("标题"), max_length=160)
    text = models.TextField(_("正文"))
    published_at = models.DateTimeField(_("发布时间"))
    published_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    workdays = models.PositiveSmallIntegerField(_("工作日"))
    # The period's last working day; computed once and stored, never recomputed silently.
    ends_on = models.DateField(_("公示截止日"))
    provisional_confirmed = models.BooleanField(_("暂定日历已确认"), default=False)
    departs = models.CharField(_("未按名次的理由"), max_length=300, blank=True)
    minute = models.CharField(_("会议纪要文号"), max_length=60, blank=True)
    # Somebody says the exclusions were looked at again for this list, and how.
    rechecked = models.BooleanField(_("排除条件已复核"), default=False)
    recheck_note = models.CharField(_("复核说明"), max_length=300, blank=True)
    document = models.FileField(_("公告文件"), upload_to=private_name, blank=True)
    ended_told_at = models.DateTimeField(_("期满提醒时间"), null=True, blank=True, editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("公示")
        verbose_name_plural = _("公示")
        ordering = ["-published_at", "-pk"]

    def __str__(self):
        return self.title

    @property
    def ends_at(self) -> datetime:
        """The first moment after the period: midnight at the end of its last day."""
        midnight = datetime.combine(self.ends_on + timedelta(days=1), time.min)
        return timezone.make_aware(midnight)


class NoticeRow(models.Model):
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="rows")
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="notice_rows")
    position = models.PositiveSmallIntegerField(_("序号"))

    class Meta:
        verbose_name = _("公示名单")
        verbose_name_plural = _("公示名单")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["notice", "nomination"], name="once_on_a_notice")]

    def __str__(self):
        return f"{self.position} {self.nomination}"


class ObjectionQuerySet(models.QuerySet):
    def visible_to(self, hat: Membership):
        match hat.role:
            case Role.SYSTEM | Role.AUDITOR:
                return self
            case Role.OFFICE:
                return self.filter(notice__edition__host=hat.organisation)
        return self.none()

    def open(self):
        return self.filter(
            state__in=(
                Objection.State.LODGED,
                Objection.State.ACCEPTED,
                Objection.State.UPHELD,
                Objection.State.DISMISSED,
            )
        )


class Objection(models.Model):
    """An objection by a named person or unit. Who it is stands encrypted; only handlers see it."""

    class State(models.TextChoices):
        LODGED = "lodged", _("已登记")
        ACCEPTED = "accepted", _("已受理")
        DECLINED = "declined", _("不予受理")
        UPHELD = "upheld", _("成立")
        DISMISSED = "dismissed", _("不成立")
        ANSWERED = "answered", _("已答复")

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="objections")
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="objections")
    number = models.CharField(_("受理编号"), max_length=24, unique=True)
    code_hash = models.CharField(max_length=128)
    # Fernet of {"name", "contact", "unit"}; see awards.sealed.
    objector = models.BinaryField(_("异议人"))
    grounds = models.TextField(_("异议事实与理由"), max_length=3000)
    evidence = models.FileField(_("证据材料"), upload_to=private_name, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.LODGED)
    upheld = models.BooleanField(_("是否成立"), null=True)
    decision = models.TextField(_("处理意见"), blank=True)
    public_outcome = models.CharField(_("公开结果"), max_length=300, blank=True)
    answer = models.TextField(_("答复"), max_length=2000, blank=True)
    lodged_at = models.DateTimeField(_("提出时间"))
    decided_at = models.DateTimeField(_("处理时间"), null=True, blank=True)
    decided_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("异议")
        verbose_name_plural = _("异议")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=("lodged", "accepted"))
                | models.Q(decided_at__isnull=False, decided_by__isnull=False),
                name="a_decided_objection_names_who_and_when",
            )
        ]

    def __str__(self):
        return self.number
