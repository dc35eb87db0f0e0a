"""The portal's own settings, with what makes tests quick and quiet."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

os.environ.setdefault("XUANSHU_ENV", "development")

from portal.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
DEBUG = False
WHITENOISE_AUTOREFRESH = True
# No key, and no published record, of a test lies among those of the portal at work.
_SCRATCH = Path(tempfile.mkdtemp(prefix="xuanshu-tests-"))
POLL_KEYS, PUBLIC_ROOT = _SCRATCH / "keys", _SCRATCH / "public"
atexit.register(shutil.rmtree, _SCRATCH, ignore_errors=True)
LOGGING["root"]["level"] = "ERROR"  # noqa: F405
