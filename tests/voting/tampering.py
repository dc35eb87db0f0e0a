"""What somebody could do who rules the database: the guards of the record are put aside."""

from contextlib import contextmanager

from django.db import connection


@contextmanager
def without_guards():
    """No trigger speaks; needs a superuser, as whoever tampers with a record would be."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = DEFAULT")
