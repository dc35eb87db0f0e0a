"""Who visits: the people, their teams, and what stands between one of them and an enterprise."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from nominations.models import Edition, Nomination
from portal.models import Membership


class Inspector(models.Model):
    """What is known of somebody who visits: where he or she works, for finding conflicts."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("人员"), related_name="inspector"
    )
    employer = models.CharField(_("工作单位"), max_length=120, blank=True)
    employer_code = models.CharField(_("工作单位统一社会信用代码"), max_length=18, blank=True)
    division_name = models.CharField(_("所在区市"), max_length=30, blank=True)
    post = models.CharField(_("职务"), max_length=60, blank=True)
    phone = models.CharField(_("联系电话"), max_length=40, blank=True)
    active = models.BooleanField(_("可以派出"), default=True)

    class Meta:
        verbose_name = _("考察人员")
        verbose_name_plural = _("考察人员")
        ordering = ["user_id"]

    def __str__(self):
        return str(self.user)


class Team(models.Model):
    """A 考察组 of an edition; one team makes many visits."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="teams")
    number = models.PositiveSmallIntegerField(_("组号"))
    name = models.CharField(_("名称"), max_length=60)
    active = models.BooleanField(_("在用"), default=True)
    made_at = models.DateTimeField(_("设立时间"))
    made_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("设立人"), related_name="+")

    class Meta:
        verbose_name = _("考察组")
        verbose_name_plural = _("考察组")
        ordering = ["edition", "number"]
        constraints = [models.UniqueConstraint(fields=["edition", "number"], name="one_team_of_a_number")]

    def __str__(self):
        return self.name


class TeamMember(models.Model):
    """One person in one team, from when till when; nobody is taken out of the past."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="members")
    # None: somebody without an account, named for the papers.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="team_places"
    )
    name = models.CharField(_("姓名"), max_length=60)
    post = models.CharField(_("单位和职务"), max_length=120, blank=True)
    leader = models.BooleanField(_("组长"), default=False)
    joined_at = models.DateTimeField(_("加入时间"))
    left_at = models.DateTimeField(_("退出时间"), null=True, blank=True)
    left_reason = models.CharField(_("退出原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("考察组成员")
        verbose_name_plural = _("考察组成员")
        ordering = ["team", "-leader", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["team"],
                condition=models.Q(leader=True, left_at__isnull=True),
                name="one_leader_a_team",
            ),
            models.UniqueConstraint(
                fields=["team", "user"],
                condition=models.Q(user__isnull=False, left_at__isnull=True),
                name="once_in_a_team",
            ),
            models.CheckConstraint(
                condition=models.Q(left_at__isnull=True) | ~models.Q(left_reason=""),
                name="who_leaves_a_team_has_a_reason",
            ),
        ]

    def __str__(self):
        return self.name


class InspectorConflict(models.Model):
    """What stands, or does not stand, between somebody who visits and a nomination.

    The four states of the experts' conflicts: a pinned one was set by the office with a reason and is not
    changed by the finder or by the person.
    """

    class State(models.TextChoices):
        PINNED_CONFLICT = "pinned", _("确认回避")
        CONFLICT = "conflict", _("须回避")
        CLEAR = "clear", _("无回避情形")
        PINNED_CLEAR = "cleared", _("确认无须回避")

    class Source(models.TextChoices):
        DECLARED = "declared", _("本人申报")
        FOUND = "found", _("系统发现")
        OFFICE = "office", _("办公室认定")

    STANDING = (State.PINNED_CONFLICT, State.CONFLICT)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("考察人员"), related_name="+"
    )
    nomination = models.ForeignKey(Nomination, models.CASCADE, related_name="inspector_conflicts")
    state = models.CharField(_("状态"), max_length=8, choices=State)
    source = models.CharField(_("来源"), max_length=8, choices=Source)
    reason = models.CharField(_("理由"), max_length=300, blank=True)
    set_at = models.DateTimeField(_("时间"))
    set_by = models.ForeignKey(Membership, models.PROTECT, verbose_name=_("认定人"), related_name="+")

    class Meta:
        verbose_name = _("考察回避")
        verbose_name_plural = _("考察回避")
        constraints = [
            models.UniqueConstraint(fields=["user", "nomination"], name="one_inspector_conflict_a_pair"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["pinned", "cleared"]) | ~models.Q(reason=""),
                name="a_pinned_inspector_conflict_has_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.user} × {self.nomination} {self.get_state_display()}"
