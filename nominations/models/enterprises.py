import pghistory
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.models import Membership, Organisation, Role


class EnterpriseQuerySet(models.QuerySet):
    def visible_to(self, hat: Membership | None):
        """An enterprise is known to those through whose hands one of its nominations went."""
        if hat is None:
            return self.none()
        match hat.role:
            case Role.SYSTEM | Role.AUDITOR | Role.ADMIN:
                return self
            case Role.OFFICE:
                return self.filter(nominations__edition__host=hat.organisation).distinct()
            case Role.RECOMMENDER:
                return self.filter(nominations__recommender=hat.organisation).distinct()
            case Role.APPLICANT:
                return self.filter(organisation=hat.organisation)
        return self.none()


@pghistory.track()
class Enterprise(models.Model):
    """An enterprise, known by its credit code through all the years."""

    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, unique=True)
    name = models.CharField(_("企业名称"), max_length=120)
    division_name = models.CharField(_("所属区市"), max_length=30, blank=True)
    # Set when the enterprise has accounts of its own.
    organisation = models.OneToOneField(
        Organisation,
        models.PROTECT,
        verbose_name=_("账户单位"),
        null=True,
        blank=True,
        related_name="enterprise",
    )

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        verbose_name = _("企业")
        verbose_name_plural = _("企业")
        ordering = ["credit_code"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("nominations:enterprise", args=[self.pk])
