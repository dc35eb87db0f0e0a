from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.utils.translation import gettext_lazy as _

# Imported here and not in the package: the launcher loads the package before Celery is installed.
from portal.celery import app as celery_app  # noqa: F401


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("单位与人员")

    def ready(self):
        from portal import checks  # noqa: F401  registers the system checks


class AdminConfig(DjangoAdminConfig):
    """The admin is the operators' back room: behind the same sign-in and second factor as everything else."""

    default_site = "portal.admin_site.AdminSite"
