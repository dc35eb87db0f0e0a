"""What production refuses to start on, asked of real processes with a production environment."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from portal import checks
from tests import factories as make

SECRETS = {
    "SECRET_KEY": "kZ3v-9sQ1rT7wB5nX8mC2fH6jL4pD0gYaEuWiOxN5bV-tR8yU1iO",
    "RECORD_KEY": "mZ4rT8wQ1nV6xB3kL9jH5fD7sA2gY0uEiOpRtWqXcV",
    "VOTER_SECRET": "qA7tG2nM9xC4vB6zL1kJ8hF3dS5wE0rYuTpIoPmN2b",
    "OBJECTION_KEY": "wS3eD5rF7tG9yH1uJ4iK6oL8pZ0xC2vB-nM4qA6zX8",
}
PRODUCTION = {
    **SECRETS,
    "XUANSHU_ENV": "production",
    "ALLOWED_HOSTS": "xuanshu.example.test",
    "SMS_BACKEND": "voting.sms.HttpBackend",
    "EMAIL_HOST": "mail.example.test",
}


def manage(*words, **environment):
    kept = {name: os.environ[name] for name in ("PATH", "DATABASE_URL", "REDIS_URL") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=settings.BASE_DIR,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_check_deploy_has_nothing_to_say_under_production_settings():
    done = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("value", ["", "short", "development-only-secret-never-used-in-production"])
def test_a_missing_short_or_default_secret_is_refused(name, value):
    done = manage("check", **{**PRODUCTION, name: value})
    assert done.returncode != 0
    assert f"{name} must be set to a secret of its own" in done.stderr


def test_debug_is_refused():
    done = manage("check", **PRODUCTION, DEBUG="1")
    assert done.returncode != 0 and "DEBUG must not be on" in done.stderr


def test_production_is_what_runs_when_nothing_is_said():
    done = manage("check")
    assert done.returncode != 0 and "SECRET_KEY must be set" in done.stderr


def test_codes_shown_on_a_page_are_refused():
    done = manage("check", "--deploy", **{**PRODUCTION, "SMS_BACKEND": "voting.sms.ConsoleBackend"})
    assert done.returncode != 0 and "portal.E001" in done.stderr


def test_a_secret_may_be_mounted_as_a_file(tmp_path):
    given = dict(PRODUCTION)
    (tmp_path / "key").write_text(given.pop("SECRET_KEY") + "\n", "utf-8")
    done = manage("check", **given, SECRET_KEY_FILE=str(tmp_path / "key"))
    assert done.returncode == 0, done.stderr


@pytest.mark.django_db
def test_production_does_not_serve_demo_accounts(settings):
    hat = make.hat("office")
    settings.PRODUCTION = True
    checks.refuse_demo_in_production()
    type(hat.user).objects.filter(pk=hat.user_id).update(is_demo=True)
    with pytest.raises(ImproperlyConfigured):
        checks.refuse_demo_in_production()
    assert [error.id for error in checks.no_demo_data(None, databases=["default"])] == ["portal.E002"]
    settings.PRODUCTION = False
    checks.refuse_demo_in_production()
    assert checks.no_demo_data(None, databases=["default"]) == []


def test_the_door_of_the_web_process_asks_for_demo_accounts():
    """`portal.wsgi` is what a production server loads."""
    text = (settings.BASE_DIR / "portal" / "wsgi.py").read_text("utf-8")
    assert "refuse_demo_in_production()" in text
