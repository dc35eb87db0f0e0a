"""What production refuses to start on."""

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.core.exceptions import ImproperlyConfigured


@register(Tags.security, deploy=True)
def sms_backend_is_real(app_configs, **kwargs):
    if settings.PRODUCTION and settings.SMS_BACKEND.endswith("ConsoleBackend"):
        return [
            Error("SMS_BACKEND shows codes on a page; it must not be used in production.", id="portal.E001")
        ]
    return []


def demo_accounts() -> int:
    from portal.models import User

    return User.objects.filter(is_demo=True, is_active=True).count()


@register(Tags.database, deploy=True)
def no_demo_data(app_configs, databases=None, **kwargs):
    if databases and settings.PRODUCTION and demo_accounts():
        return [Error("The database holds demo accounts.", id="portal.E002")]
    return []


def refuse_demo_in_production() -> None:
    """Called where a process begins to serve."""
    if settings.PRODUCTION and demo_accounts():
        raise ImproperlyConfigured(
            "The database holds demo accounts; production does not start on demo data."
        )
