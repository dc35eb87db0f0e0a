"""What an enterprise lets the public see of itself, and what the office let through."""

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from awards.models.honours import Honour
from nominations.models import Enterprise, Nomination
from portal.files import private_name
from portal.models import Membership, Role


class ReleaseQuerySet(models.QuerySet):
    def public(self):
        """The one way to what the public may see: let through, not withdrawn, from a naming that stands."""
        standing = Honour.objects.public().filter(nomination=OuterRef("nomination"), revoked_on__isnull=True)
        return self.filter(Exists(standing), approved=True, withdrawn_at__isnull=True)

    def waiting(self):
        return self.filter(decided_at__isnull=True, withdrawn_at__isnull=True)

    def visible_to(self, hat: Membership | None):
        """For the pages of those at work."""
        if hat is None:
            return self.none()
        match hat.role:
            case Role.SYSTEM | Role.AUDITOR:
                return self
            case Role.OFFICE:
                return self.filter(nomination__edition__host=hat.organisation)
            case Role.APPLICANT:
                return self.filter(enterprise__organisation=hat.organisation)
            case Role.RECOMMENDER:
                return self.filter(
                    nomination__recommender=hat.organisation, enterprise__organisation__isnull=True
                )
        return self.none()


class Release(models.Model):
    """One thing an enterprise shows: its words and its picture as they were released, never the live file.

    What is to say something else is released anew.
    """

    class Kind(models.TextChoices):
        INTRODUCTION = "introduction", _("企业简介")
        STUDIO = "studio", _("创新工作室")
        TEAM = "team", _("创新班组")
        RESULT = "result", _("创新成果")
        FIGURE = "figure", _("创新数据")
        PICTURE = "picture", _("图片")

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, verbose_name=_("企业"), related_name="releases"
    )
    # The one it was named by: what it shows stands and falls with that naming.
    nomination = models.ForeignKey(
        Nomination, models.PROTECT, verbose_name=_("推荐"), related_name="releases"
    )
    kind = models.CharField(_("类型"), max_length=12, choices=Kind)
    title = models.CharField(_("标题"), max_length=120)
    text = models.TextField(_("内容"), max_length=1000, blank=True)
    picture = models.FileField(_("图片文件"), upload_to=private_name, blank=True)
    # What the picture shows, for who does not see it.
    alt = models.CharField(_("图片说明"), max_length=200, blank=True)
    # Where it comes from: {"nomination": pk, "field": key, "row": n} or {"evidence": pk}.
    source = models.JSONField(_("来源"), default=dict, blank=True)
    # The letter by which an enterprise without an account agreed.
    consent = models.CharField(_("企业同意的依据"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("次序"), default=0)
    released_at = models.DateTimeField(_("授权公开时间"))
    released_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("授权公开人"), related_name="+"
    )
    approved = models.BooleanField(_("同意公开"), null=True, blank=True)
    decided_at = models.DateTimeField(_("审核时间"), null=True, blank=True)
    decided_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("审核人"), null=True, blank=True, related_name="+"
    )
    declined_reason = models.CharField(_("不同意的理由"), max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        Membership, models.PROTECT, verbose_name=_("撤回人"), null=True, blank=True, related_name="+"
    )
    withdrawn_reason = models.CharField(_("撤回理由"), max_length=300, blank=True)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("公开内容")
        verbose_name_plural = _("公开内容")
        ordering = ["kind", "position", "pk"]
        indexes = [models.Index(fields=["enterprise", "approved"], name="releases_of_an_enterprise")]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved__isnull=True, decided_at__isnull=True, decided_by__isnull=True)
                | Q(approved__isnull=False, decided_at__isnull=False, decided_by__isnull=False),
                name="a_release_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(approved=False) | ~Q(declined_reason=""), name="a_declined_release_says_why"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="a_withdrawn_release_says_who",
            ),
            models.CheckConstraint(
                condition=~Q(kind="picture") | (~Q(picture="") & ~Q(alt="")),
                name="a_released_picture_is_described",
            ),
        ]

    def __str__(self):
        return self.title
