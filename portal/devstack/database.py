"""What the launcher asks of databases: another name on the same server, a fresh one, a sign of life."""

import contextlib
from urllib.parse import urlsplit, urlunsplit

from portal.devstack.say import Halt


def named(url, name):
    """The same server, another database."""
    parts = urlsplit(url)
    if not parts.netloc:  # urlunsplit would drop the empty host of a socket address
        raise Halt(f"DATABASE_URL names no user: write it as postgresql://user@host/{name}.")
    return urlunsplit(parts._replace(path=f"/{name}"))


@contextlib.contextmanager
def session(url):
    import psycopg2

    connection = psycopg2.connect(url, connect_timeout=10)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def create_if_missing(url, name):
    with session(named(url, "postgres")) as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not cursor.fetchone():
            cursor.execute(f'CREATE DATABASE "{name}"')


def create_afresh(url, name):
    """Drop a scratch database and make it again, on the server of `url`; its address."""
    with session(url) as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')
    return named(url, name)


def require_answer(environ):
    """Refuse addresses given by the operator that lead nowhere, before anything is built on them."""
    import psycopg2
    import redis

    if url := environ.get("DATABASE_URL"):
        try:
            with session(url):
                pass
        except psycopg2.Error as error:
            reason = str(error).strip().splitlines()[0]
            raise Halt(
                f"DATABASE_URL does not lead to a database ({reason}): put it right or unset it."
            ) from None
    if url := environ.get("REDIS_URL"):
        try:
            redis.Redis.from_url(url, socket_connect_timeout=5).ping()
        except (redis.RedisError, ValueError) as error:
            raise Halt(f"REDIS_URL does not lead to a Redis ({error}): put it right or unset it.") from None
