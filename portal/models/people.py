"""Who there is: organisations in a tree, people, and the hats they wear."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Organisation(models.Model):
    class Kind(models.TextChoices):
        CITY = "city", _("市总工会")
        DISTRICT = "district", _("区市总工会")
        ZONE = "zone", _("功能区总工会")
        DIRECT = "direct", _("市直单位工会")
        CENTRAL = "central", _("中央、省驻青单位工会")
        DEPARTMENT = "department", _("委员会成员部门")
        CONSULTEE = "consultee", _("外部征求意见单位")
        PANEL = "panel", _("专家评审委员会")
        TEAM = "team", _("考察组")
        ENTERPRISE = "enterprise", _("企业")

    RECOMMENDING = (Kind.DISTRICT, Kind.ZONE, Kind.DIRECT, Kind.CENTRAL)
    CONSULTED = (Kind.DEPARTMENT, Kind.CONSULTEE)

    code = models.CharField(_("单位编码"), max_length=32, unique=True)
    name = models.CharField(_("单位名称"), max_length=120, unique=True)
    short_name = models.CharField(_("简称"), max_length=60)
    kind = models.CharField(_("单位类型"), max_length=12, choices=Kind)
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("上级单位"), null=True, blank=True, related_name="children"
    )
    # GB/T 2260; a functional zone has none, and none is invented for it.
    division_code = models.CharField(_("行政区划代码"), max_length=6, blank=True)
    division_name = models.CharField(_("所属区市"), max_length=30, blank=True)
    position = models.PositiveIntegerField(_("排序"), default=0)
    active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = _("单位")
        verbose_name_plural = _("单位")
        ordering = ["position", "code"]

    def __str__(self):
        return self.name


class User(AbstractUser):
    full_name = models.CharField(_("姓名"), max_length=60)
    is_demo = models.BooleanField(_("演示账号"), default=False, editable=False)

    class Meta:
        verbose_name = _("人员")
        verbose_name_plural = _("人员")

    def __str__(self):
        return self.full_name or self.username


class Role(models.TextChoices):
    OFFICE = "office", _("办公室")
    RECOMMENDER = "recommender", _("推荐单位")
    APPLICANT = "applicant", _("申报企业")
    DEPARTMENT = "department", _("部门")
    EXPERT = "expert", _("专家")
    INSPECTOR = "inspector", _("考察组")
    AUDITOR = "auditor", _("监督")
    ADMIN = "admin", _("系统管理员")
    SYSTEM = "system", _("系统")
    PUBLIC = "public", _("公众")


class MembershipQuerySet(models.QuerySet):
    def active(self):
        return self.filter(active=True, user__is_active=True).filter(
            models.Q(organisation__isnull=True) | models.Q(organisation__active=True)
        )

    def at(self, organisation, *roles):
        return self.active().filter(organisation=organisation, role__in=roles)

    def system(self):
        """The machine's own hat: what beat and the sweepers act with."""
        return self._service(Role.SYSTEM, "system", "系统")

    def public(self):
        """Stands for an anonymous citizen, so that no act is without somebody who did it."""
        return self._service(Role.PUBLIC, "public", "公众")

    def _service(self, role, username, name):
        hat = self.select_related("user", "organisation").filter(role=role).first()
        if hat:
            return hat
        user, _made = User.objects.get_or_create(
            username=f"-{username}-", defaults={"full_name": name, "is_active": False, "password": "!"}
        )
        return self.get_or_create(user=user, role=role, organisation=None)[0]


class Membership(models.Model):
    """A hat: a person in a role at an organisation. Every act is done under one."""

    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("人员"), related_name="memberships")
    role = models.CharField(_("角色"), max_length=12, choices=Role)
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        verbose_name=_("单位"),
        null=True,
        blank=True,
        related_name="memberships",
    )
    active = models.BooleanField(_("启用"), default=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "organisation"], name="one_hat_of_a_kind", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=models.Q(organisation__isnull=False) | models.Q(role__in=["system", "public"]),
                name="a_hat_belongs_to_an_organisation",
            ),
        ]

    def __str__(self):
        where = self.organisation.short_name if self.organisation_id else ""
        return f"{self.user} · {where}{self.get_role_display()}"

    @property
    def is_office(self):
        return self.role == Role.OFFICE
