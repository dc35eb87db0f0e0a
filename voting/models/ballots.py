"""Ballots, what was set aside, and the two people it takes."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models import Membership
from voting.models.polls import Poll


class Home(models.TextChoices):
    """Where a number was issued; a hint for people, and nobody is refused for it."""

    LOCAL = "local", _("本地")
    AWAY = "away", _("外地")
    VIRTUAL = "virtual", _("虚拟运营商")


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
    # What stands for this ballot in the public record: `rules.entries` says how both are made.
    record = models.UUIDField(editable=False)
    commitment = models.BinaryField(max_length=32, editable=False)
    # Risk signals, never identity: HMAC of the address and of its /24, and what else detection looks at.
    address = models.CharField(max_length=64, blank=True)
    network = models.CharField(max_length=64, blank=True)
    device = models.CharField(max_length=64, blank=True)
    block = models.CharField(max_length=64, blank=True)  # keyed: a hundred neighbouring numbers
    home = models.CharField(max_length=8, choices=Home, blank=True)
    dwell = models.PositiveSmallIntegerField(null=True, blank=True)  # seconds from page to ballot

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
    case = models.OneToOneField("Case", models.PROTECT, related_name="act", null=True, blank=True)
    ballots = models.ManyToManyField(Ballot, related_name="quarantines")

    class Meta:
        verbose_name = _("异常票隔离")
        verbose_name_plural = _("异常票隔离")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.get_kind_display()} {self.reason}"


class Case(models.Model):
    """案: a proposal to set ballots aside, or to restore them, by one person, decided by another.

    The ballots are fixed when it is proposed. An approved case appends a `Quarantine`; nothing else does.
    """

    class Grounds(models.TextChoices):
        """The published codes of why."""

        BURST = "burst", _("短时间内异常集中")
        ADDRESS = "address", _("来源地址异常集中")
        DEVICE = "device", _("同一设备反复投票")
        AREA = "area", _("外地号码异常集中")
        DWELL = "dwell", _("停留时间异常短")
        CLIQUE = "clique", _("选择完全相同且集中")
        SEQUENCE = "sequence", _("号码连续")
        REPORT = "report", _("举报查实")
        OTHER = "other", _("其他")

    class Decision(models.TextChoices):
        APPROVED = "approved", _("同意")
        DECLINED = "declined", _("不同意")

    poll = models.ForeignKey(Poll, models.PROTECT, related_name="cases")
    number = models.PositiveIntegerField(_("案号"))
    kind = models.CharField(_("操作"), max_length=10, choices=Quarantine.Kind)
    grounds = models.CharField(_("类别"), max_length=8, choices=Grounds)
    reason = models.CharField(_("理由"), max_length=300)
    # How the ballots were chosen: the rule and its figures, or the filter typed by hand.
    basis = models.JSONField(default=dict)
    proposed_at = models.DateTimeField(_("提出时间"))
    proposed_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("提出人"), related_name="+")
    decision = models.CharField(_("决定"), max_length=8, choices=Decision, blank=True)
    decided_at = models.DateTimeField(_("决定时间"), null=True, blank=True)
    decided_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("决定人"), related_name="+", null=True, blank=True
    )
    note = models.CharField(_("决定说明"), max_length=300, blank=True)
    undoes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="undone_by")
    ballots = models.ManyToManyField(Ballot, related_name="cases")

    class Meta:
        verbose_name = _("异常票处置案")
        verbose_name_plural = _("异常票处置案")
        ordering = ["poll", "number"]
        constraints = [
            models.UniqueConstraint(fields=["poll", "number"], name="one_case_a_number"),
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("proposed_by")),
                name="a_case_takes_two",
            ),
        ]

    def __str__(self):
        return f"{self.number} {self.get_kind_display()}"


class Alarm(models.Model):
    """What detection noticed, with its figures; a person decides. One row grows while the matter lasts."""

    class Rule(models.TextChoices):
        VELOCITY = "velocity", _("得票速度突增")
        ADDRESS = "address", _("来源地址集中")
        NETWORK = "network", _("来源网段集中")
        DEVICE = "device", _("设备重复使用")
        AREA = "area", _("外地号码比例突增")
        DWELL = "dwell", _("停留时间过短")
        CLIQUE = "clique", _("相同选择成批出现")
        SEQUENCE = "sequence", _("号码连续")

    class State(models.TextChoices):
        OPEN = "open", _("待处理")
        DISMISSED = "dismissed", _("已排除")
        CASE = "case", _("已立案")

    poll = models.ForeignKey(Poll, models.PROTECT, related_name="alarms")
    rule = models.CharField(_("规则"), max_length=8, choices=Rule)
    candidate = models.ForeignKey("Candidate", models.PROTECT, null=True, blank=True, related_name="alarms")
    key = models.CharField(max_length=64, blank=True)  # the keyed network, device, set … it is about
    since = models.DateTimeField(_("从"))
    until = models.DateTimeField(_("到（不含）"))
    # What was seen, what was expected, the threshold, and the series of its chart.
    figures = models.JSONField(default=dict)
    raised_at = models.DateTimeField(_("发现时间"))
    seen_at = models.DateTimeField(_("最近一次"))
    state = models.CharField(_("状态"), max_length=9, choices=State, default=State.OPEN)
    settled_at = models.DateTimeField(_("处理时间"), null=True, blank=True)
    settled_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("处理人"), related_name="+", null=True, blank=True
    )
    note = models.CharField(_("处理说明"), max_length=300, blank=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="alarms")
    ballots = models.ManyToManyField(Ballot, related_name="alarms")

    class Meta:
        verbose_name = _("异常预警")
        verbose_name_plural = _("异常预警")
        ordering = ["-raised_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["poll", "rule", "candidate", "key"],
                condition=models.Q(state="open"),
                nulls_distinct=False,
                name="one_open_alarm_a_matter",
            )
        ]

    def __str__(self):
        return f"{self.get_rule_display()} {self.raised_at:%m-%d %H:%M}"
