from datetime import datetime, time, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from nominations.models import Edition, Nomination
from portal.files import private_name
from portal.models import Membership, Role


class NoticeQuerySet(models.QuerySet):
    def public(self):
        """Those of published editions, in every version."""
        return self.filter(edition__published=True)

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
    # The list that counts: of an edition one list is in force, whatever came before it.
    in_force = models.BooleanField(_("有效"), default=True)
    places = models.PositiveSmallIntegerField(_("名单占用名额"), null=True, blank=True)
    starts_on = models.DateField(_("起算日"), null=True, blank=True)
    correction_reason = models.CharField(_("更正理由"), max_length=300, blank=True)
    changes = models.JSONField(_("更正内容"), default=list, blank=True)
    restarted = models.BooleanField(_("公示期重新计算"), default=False)
    template_sha256 = models.CharField(max_length=64, blank=True)
    # What a later look at the calendar found, once a provisional year was confirmed.
    recount = models.JSONField(_("日历复核"), null=True, blank=True)
    ended_told_at = models.DateTimeField(_("期满提醒时间"), null=True, blank=True, editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("公示")
        verbose_name_plural = _("公示")
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition"],
                condition=models.Q(kind="list", in_force=True),
                name="one_list_in_force_an_edition",
            )
        ]

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
    # As published: a public page does not change when an enterprise takes another name.
    name = models.CharField(_("名称"), max_length=120, blank=True)
    # Whose it is, where what is selected is not the enterprise itself.
    enterprise_name = models.CharField(_("所在企业"), max_length=120, blank=True)
    recommender_name = models.CharField(_("推荐单位"), max_length=120, blank=True)
    division_name = models.CharField(_("所在区市"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("公示名单")
        verbose_name_plural = _("公示名单")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["notice", "nomination"], name="once_on_a_notice")]

    def __str__(self):
        return f"{self.position} {self.nomination}"


class Look(models.Model):
    """The office looked an enterprise up itself, for one exclusion, on a day, in a source it names."""

    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="looks")
    item = models.CharField(_("核查项"), max_length=24)  # a code of review.rules.ITEMS
    looked_up_on = models.DateField(_("查询日期"))
    source = models.CharField(_("查询来源"), max_length=160)
    clear = models.BooleanField(_("未发现问题"), default=True)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    paper = models.FileField(_("查询截图或文件"), upload_to=private_name, blank=True)
    noted_at = models.DateTimeField(_("登记时间"))
    noted_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("登记人"), related_name="+")

    class Meta:
        verbose_name = _("复核记录")
        verbose_name_plural = _("复核记录")
        ordering = ["-looked_up_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(clear=True) | ~models.Q(note=""),
                name="a_look_that_found_something_says_what",
            )
        ]

    def __str__(self):
        return f"{self.nomination} {self.item} {self.looked_up_on}"
