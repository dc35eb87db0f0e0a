"""公众投票: the poll, its ballots, what was set aside, the frozen tally."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from nominations.models import Edition, Nomination
from portal.fields import FractionField
from portal.models import Membership


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
    # Names the secret in the environment that makes the voter keys of this poll.
    key_id = models.CharField(max_length=32, default="default")

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

    class Meta:
        verbose_name = _("候选")
        verbose_name_plural = _("候选")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["poll", "number"], name="one_candidate_a_number")]

    def __str__(self):
        return f"{self.number} {self.nomination}"


class Ballot(models.Model):
    """A valid ballot, as cast. Never changed: a trigger refuses UPDATE and DELETE.

    `id` is the voter's own request number, so that a repeated request is one ballot; `turn` is the
    voting day, or the day the poll opened where a voter has one ballot for the whole poll.
    """

    id = models.UUIDField(primary_key=True)
    poll = models.ForeignKey(Poll, models.PROTECT, related_name="ballots")
    voter = models.CharField(_("投票人标识"), max_length=64)  # HMAC of the number, never the number
    turn = models.DateField(_("投票日"))
    picks = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("所选编号"))
    cast_at = models.DateTimeField(_("投票时间"))
    # Risk signals, never identity: HMAC of the address and of its /24, and what else detection looks at.
    address = models.CharField(max_length=64, blank=True)
    network = models.CharField(max_length=64, blank=True)
    device = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("选票")
        verbose_name_plural = _("选票")
        constraints = [
            models.UniqueConstraint(fields=["poll", "voter", "turn"], name="one_ballot_a_turn"),
        ]
        indexes = [models.Index(fields=["poll", "cast_at"], name="ballots_in_time")]

    def __str__(self):
        return str(self.id)


class RefusedBallots(models.Model):
    """How many ballots of a paper record were refused and why; nothing that was refused is kept."""

    class Reason(models.TextChoices):
        OUTSIDE = "outside", _("不在投票时间内")
        VOID = "void", _("选择不符合规则")
        AGAIN = "again", _("已投过票")

    poll = models.ForeignKey(Poll, models.PROTECT, related_name="refused")
    reason = models.CharField(_("原因"), max_length=8, choices=Reason)
    number = models.PositiveIntegerField(_("张数"), default=0)

    class Meta:
        verbose_name = _("未计选票")
        verbose_name_plural = _("未计选票")
        constraints = [models.UniqueConstraint(fields=["poll", "reason"], name="one_count_a_reason")]

    def __str__(self):
        return f"{self.get_reason_display()} {self.number}"


class Quarantine(models.Model):
    """One act of setting ballots aside, or of restoring them. Only appended; the newest act counts."""

    class Kind(models.TextChoices):
        SET_ASIDE = "set_aside", _("隔离")
        RESTORE = "restore", _("恢复")

    poll = models.ForeignKey(Poll, models.PROTECT, related_name="quarantines")
    kind = models.CharField(_("操作"), max_length=10, choices=Kind)
    reason = models.CharField(_("理由"), max_length=300)
    done_at = models.DateTimeField(_("时间"))
    done_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("经办人"), related_name="+")
    ballots = models.ManyToManyField(Ballot, related_name="quarantines")

    class Meta:
        verbose_name = _("异常票隔离")
        verbose_name_plural = _("异常票隔离")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.get_kind_display()} {self.reason}"


class PhoneCode(models.Model):
    """A one-time code sent to a phone: kept as a hash, bound to one poll, good once and for a short time."""

    poll = models.ForeignKey(Poll, models.CASCADE, related_name="+")
    voter = models.CharField(max_length=64)
    address = models.CharField(max_length=64, blank=True)
    code_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("验证码")
        verbose_name_plural = _("验证码")
        indexes = [
            models.Index(fields=["poll", "voter", "-sent_at"], name="codes_of_a_voter"),
            models.Index(fields=["poll", "-sent_at"], name="codes_of_a_poll"),
        ]

    def __str__(self):
        return f"{self.poll} {self.sent_at:%H:%M:%S}"


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
