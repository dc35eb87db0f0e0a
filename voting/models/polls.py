"""The poll of an edition, and who stands in it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from nominations.models import Edition, Nomination


class PollQuerySet(models.QuerySet):
    def open_at(self, now):
        return self.filter(opened_at__isnull=False, closed_at__isnull=True, opens__lte=now, closes__gt=now)

    def public(self):
        """What anybody may walk into: opened, of an edition that is published (a rehearsal's is not)."""
        return self.filter(opened_at__isnull=False, edition__published=True)

    def due(self, now):
        """Over, not counted, and meant to be closed by the clock."""
        return self.filter(
            opened_at__isnull=False, closed_at__isnull=True, closes_itself=True, closes__lte=now
        )


class Effort(models.TextChoices):
    """How much a telephone must compute before a code is sent or a ballot is taken."""

    NORMAL = "normal", _("常规")
    RAISED = "raised", _("加强")
    HIGH = "high", _("最高")


class Poll(models.Model):
    """The poll of one edition: window [opens, closes), ballot rules, frozen with a digest when it opens."""

    edition = models.OneToOneField(Edition, models.PROTECT, related_name="poll")
    opens = models.DateTimeField(_("开始"))
    closes = models.DateTimeField(_("截止"))
    opened_at = models.DateTimeField(_("开启时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("关闭时间"), null=True, blank=True)
    paused_at = models.DateTimeField(_("暂停时间"), null=True, blank=True)
    public_note = models.CharField(_("公开说明"), max_length=300, blank=True)
    # Off where the office looks through the ballots first, or enters them from paper, and counts by hand.
    closes_itself = models.BooleanField(_("到时自动关闭并计票"), default=True)
    # Names the key file that makes the voter keys of this poll; no file, no key (`services.keys`).
    key_id = models.CharField(max_length=32, blank=True)
    appeal_days = models.PositiveSmallIntegerField(
        _("查询期（天）"),
        default=30,
        help_text=_("投票截止后多少天内，投票人可以凭手机号码查询；过后由办公室销毁密钥。"),
    )
    secret_destroyed_at = models.DateTimeField(_("密钥销毁时间"), null=True, blank=True)
    area = models.CharField(
        _("参评地区"),
        max_length=40,
        blank=True,
        help_text=_("如：青岛市。用于提示外地号码比例，不限制外地号码投票；空白则不提示。"),
    )
    effort = models.CharField(_("防刷强度"), max_length=8, choices=Effort, default="normal")

    objects = PollQuerySet.as_manager()

    class Meta:
        verbose_name = _("投票")
        verbose_name_plural = _("投票")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opens__lt=models.F("closes")), name="a_poll_opens_first"
            )
        ]

    def __str__(self):
        return str(self.edition)


class Candidate(models.Model):
    poll = models.ForeignKey(Poll, models.PROTECT, related_name="candidates")
    nomination = models.OneToOneField(Nomination, models.PROTECT, related_name="candidacy")
    number = models.PositiveSmallIntegerField(_("编号"))
    introduction = models.CharField(_("简介"), max_length=500, blank=True)
    # Drawn anew from what was uploaded, small, without its metadata; the digest is its public name.
    picture = models.FileField(_("图片"), upload_to="candidates/", blank=True)
    picture_digest = models.CharField(max_length=64, blank=True, db_index=True)

    class Meta:
        verbose_name = _("候选")
        verbose_name_plural = _("候选")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["poll", "number"], name="one_candidate_a_number")]

    def __str__(self):
        return f"{self.number} {self.nomination}"
