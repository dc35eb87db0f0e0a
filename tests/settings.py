"""The portal's own settings, with what makes tests quick and quiet."""

import os

os.environ.setdefault("XUANSHU_ENV", "development")

from portal.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
DEBUG = False
WHITENOISE_AUTOREFRESH = True
LOGGING["root"]["level"] = "ERROR"  # noqa: F405
