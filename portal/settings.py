"""The only settings file. Secrets come from the environment; lenient defaults exist only in development."""

from pathlib import Path

import structlog
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from portal import environment as env
from portal.logs import hide_keys, hide_objectors

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = env.text("XUANSHU_ENV", "production")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.switch("DEBUG", default=not PRODUCTION)

DEVELOPMENT_SECRET = "development-only-secret-never-used-in-production"
SECRET_KEY = env.text("SECRET_KEY", "" if PRODUCTION else DEVELOPMENT_SECRET)
# Three further secrets, so that leaking one opens only one thing.
VOTER_SECRET = env.text("VOTER_SECRET", "" if PRODUCTION else DEVELOPMENT_SECRET)
OBJECTION_KEY = env.text("OBJECTION_KEY", "" if PRODUCTION else DEVELOPMENT_SECRET)
# Signs receipts, checkpoints and the published record of a poll, under a name anybody can check it by.
RECORD_KEY = env.text("RECORD_KEY", "" if PRODUCTION else DEVELOPMENT_SECRET)

if PRODUCTION:
    for name, secret in (
        ("SECRET_KEY", SECRET_KEY),
        ("VOTER_SECRET", VOTER_SECRET),
        ("OBJECTION_KEY", OBJECTION_KEY),
        ("RECORD_KEY", RECORD_KEY),
    ):
        if len(secret) < 32 or secret == DEVELOPMENT_SECRET:
            raise ImproperlyConfigured(f"{name} must be set to a secret of its own, 32 characters or more.")
    if DEBUG:
        raise ImproperlyConfigured("DEBUG must not be on in production.")

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "" if PRODUCTION else "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "portal.apps.PortalConfig",
    "portal.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_fsm",
    "django_prometheus",
    "django_structlog",
    "import_export",
    "pgtrigger",
    "pghistory",
    "nominations",
    "review",
    "voting",
    "awards",
    "indicators",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.middleware.RequestLog",
    "allauth.account.middleware.AccountMiddleware",
    "portal.middleware.Hat",
    "pghistory.middleware.HistoryMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "portal.context.frame",
            ],
            "builtins": ["portal.templatetags.portal", "portal.templatetags.may"],
        },
    }
]

DATABASES = {"default": env.database(env.text("DATABASE_URL", "postgresql:///xuanshu"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Everything in Redis can be rebuilt: losing it loses nothing.
REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
        "KEY_PREFIX": "xuanshu",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 1800
CELERY_TASK_SOFT_TIME_LIMIT = 1700
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 7200}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A row is the truth, a task only a trigger: what is due is swept, never scheduled long ahead.
CELERY_BEAT_SCHEDULE = {
    # Not kept for a worker that was away: an old sign of life says nothing.
    "heartbeat": {"task": "portal.tasks.heartbeat", "schedule": 15.0, "options": {"expires": 30}},
    "send-due-notifications": {"task": "portal.tasks.send_due_notifications", "schedule": 60.0},
    # Left out where the worker is late: the next look has all that this one would have seen.
    "watch-polls": {"task": "voting.tasks.watch_polls", "schedule": 10.0, "options": {"expires": 10}},
    "open-and-close-due-polls": {
        "task": "voting.tasks.turn_due_polls",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    # One that comes too late to matter is dropped: the next is on its way.
    "sequence-logs": {"task": "voting.tasks.sequence_logs", "schedule": 3.0, "options": {"expires": 3}},
    "publish-records": {"task": "voting.tasks.publish_records", "schedule": 60.0, "options": {"expires": 60}},
    "resume-stale-shortlists": {"task": "awards.tasks.resume_stale_shortlists", "schedule": 120.0},
    "set-objection-due-days": {
        "task": "awards.tasks.set_objection_due_days",
        "schedule": crontab(hour=3, minute=40),
    },
    "remind-objections": {
        "task": "awards.tasks.remind_objections_due",
        "schedule": crontab(hour=8, minute=45),
    },
    "end-due-notices": {"task": "awards.tasks.end_due_notices", "schedule": crontab(minute=5)},
    "recount-notices": {"task": "awards.tasks.recount_notices", "schedule": crontab(hour=3, minute=10)},
    "ask-for-reports": {"task": "awards.tasks.ask_for_reports", "schedule": crontab(hour=8, minute=20)},
    "remind": {"task": "nominations.tasks.remind_due", "schedule": crontab(hour=8, minute=30)},
    "rebalance": {"task": "review.tasks.rebalance_due", "schedule": 900.0},
    "close-discussions": {"task": "review.tasks.close_discussions", "schedule": 900.0},
    "remind-departments": {
        "task": "review.tasks.remind_departments_due",
        "schedule": crontab(hour=8, minute=35),
    },
    "remind-experts": {
        "task": "review.tasks.remind_experts_due",
        "schedule": crontab(hour=8, minute=40),
    },
    "resume-intakes": {"task": "nominations.tasks.resume_intakes", "schedule": 120.0},
    "resume-former-files": {"task": "awards.tasks.resume_former_files", "schedule": 120.0},
    "check-invariants": {
        "task": "portal.tasks.check_invariants",
        "schedule": crontab(hour=3, minute=20),
    },
    "resume-answers": {"task": "review.tasks.resume_answers", "schedule": 120.0},
}

AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:home"
ACCOUNT_ADAPTER = "portal.signin.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = True
ACCOUNT_LOGOUT_ON_GET = False
MFA_TOTP_ISSUER = "选树"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
# Office and admin sign in with a second factor; a demo machine may do without.
REQUIRE_SECOND_FACTOR = env.switch("REQUIRE_SECOND_FACTOR", default=PRODUCTION)
# An address in the log beside the path of a ballot or a receipt would outlive the poll's own secret.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "portal.proxies.client_address"
# Proxies of our own before the web server; over a unix socket there is always one.
PROXY_COUNT = int(env.text("PROXY_COUNT", "0"))

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
_PACKAGES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    *(
        (prefix, folder)
        for prefix, folder in (
            ("vendor/bootstrap", _PACKAGES / "bootstrap" / "dist"),
            ("vendor/icons", _PACKAGES / "bootstrap-icons" / "font"),
            ("vendor/htmx", _PACKAGES / "htmx.org" / "dist"),
            ("vendor/echarts", _PACKAGES / "echarts" / "dist"),
            ("vendor/altcha", _PACKAGES / "altcha" / "dist" / "workers"),
            ("vendor/lean-qr", _PACKAGES / "lean-qr"),
        )
        if folder.is_dir()
    ),
]
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "portal.files.PrivateStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
PRIVATE_ROOT = Path(env.text("PRIVATE_ROOT", str(BASE_DIR / ".local" / "files")))
# A key per poll, made when it is set up, destroyed after the period of appeal; every web process reads it.
POLL_KEYS = Path(env.text("POLL_KEYS", str(BASE_DIR / ".local" / "poll-keys")))
RECORD_NAME = env.text(
    "RECORD_NAME", (ALLOWED_HOSTS or ["xuanshu"])[0] if PRODUCTION else "xuanshu.localhost"
)
# Files anybody may have: the published record of a poll.
PUBLIC_ROOT = Path(env.text("PUBLIC_ROOT", str(BASE_DIR / ".local" / "public")))
# The ballot tier's own socket, where there is one; without it the portal takes ballots itself.
BALLOT_SOCKET = env.text("BALLOT_SOCKET")
USE_X_ACCEL = env.switch("USE_X_ACCEL")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if env.text("EMAIL_HOST")
    else "django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = int(env.text("EMAIL_PORT", "25"))
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.switch("EMAIL_USE_TLS")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "xuanshu@localhost")

# `console` shows one-time codes on a development page and is refused in production.
SMS_BACKEND = env.text("SMS_BACKEND", "" if PRODUCTION else "voting.sms.ConsoleBackend")
SMS_GATEWAY_URL = env.text("SMS_GATEWAY_URL")
SMS_GATEWAY_SECRET = env.text("SMS_GATEWAY_SECRET")
# What voters' codes may cost in any 24 hours, over all polls; and how many a process hands over at a time.
SMS_DAILY_BUDGET = int(env.text("SMS_DAILY_BUDGET", "50000"))
SMS_IN_FLIGHT = int(env.text("SMS_IN_FLIGHT", "2"))

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31536000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SILENCED_SYSTEM_CHECKS = [
    "axes.W003",  # the standalone backend is listed; its check does not know our order
]

# Each app tells the home page what waits for a hat; named by string, as the ground knows no floor above it.
TODO_SOURCES = [
    "nominations.todo.todos",
    "review.todo.todos",
    "voting.todo.todos",
    "awards.todos.todos",
    "indicators.todo.todos",
]

# What the floors above lay beside organisations, categories and calendars: () -> {what: how many were added}.
GROUND = ["indicators.services.loading.lay"]

# What else is made for the demonstration, after the editions: (now=) -> None.
DEMONSTRATIONS = ["indicators.demonstration.make"]

# What of the floors above stands in sitemap.xml: {section: Sitemap}.
SITEMAPS = ["awards.sitemaps.SITEMAPS", "voting.sitemaps.SITEMAPS"]

# What must always hold, floor by floor; see portal.invariants.
INVARIANTS = [
    "portal.invariants.CHECKS",
    "nominations.invariants.CHECKS",
    "review.invariants.CHECKS",
    "voting.invariants.CHECKS",
    "awards.invariants.CHECKS",
]

# What the other floors show on the record page of a nomination: (hat, nomination) -> [(template, context)].
NOMINATION_SECTIONS = ["review.sections.sections", "voting.sections.sections", "awards.sections.sections"]

# What of the record a person is not shown: (hat) -> Q of the entries.
RECORD_CURTAINS = ["review.services.office_sight.curtain"]

IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_ESCAPE_ILLEGAL_CHARS_ON_EXPORT = True
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
PGHISTORY_APPEND_ONLY = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(ensure_ascii=False),
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso"),
                hide_keys,
                hide_objectors,
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {"fontTools": {"level": "WARNING"}, "weasyprint": {"level": "ERROR"}},
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        hide_keys,
        hide_objectors,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

SENTRY_DSN = env.text("SENTRY_DSN")
if SENTRY_DSN:
    import sentry_sdk

    # A voter's number may be a local variable where something fails.
    sentry_sdk.init(dsn=SENTRY_DSN, send_default_pii=False, include_local_variables=False)
