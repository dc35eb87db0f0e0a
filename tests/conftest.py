"""The ground every test stands on: organisations, one hat a role, an edition, a fixed clock."""

from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.db import connection
from hypothesis import settings as hypothesis_settings

from portal.shelf import Shelf

# A busy machine is no failure; what is checked is never how long it took.
hypothesis_settings.register_profile("house", deadline=None)
hypothesis_settings.load_profile("house")

NO_TRUNCATE = (
    ("portal_auditentry", "audit_entry_no_truncate"),
    ("portal_auditlink", "audit_link_no_truncate"),
)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """A test database is emptied between transactional tests, which the record's own guard would refuse."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table, trigger in NO_TRUNCATE:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    yield
    # The ballot tier's own connection would keep the test database from being dropped.
    from voting.box import inside

    inside.close()


@pytest.fixture
def now():
    return datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def private_root(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path / "files"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.fixture(autouse=True)
def nothing_kept(private_root):
    """Pages are kept for a while, and knocks counted, in each process: a test finds nothing of another's."""
    cache.clear()
    for shelf in Shelf.every:
        shelf.clear()
