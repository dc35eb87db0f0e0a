"""What is read of a request, and nothing else: host, scheme, size, origin, language."""

from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils import translation

from portal.proxies import over_socket
from voting.box import refusals

MOST = 4096  # bytes of a ballot


def path(environ: dict) -> tuple[str, ...]:
    return tuple(environ.get("PATH_INFO", "").strip("/").split("/"))


def query(environ: dict, name: str) -> str:
    return parse_qs(environ.get("QUERY_STRING", "")[:1000]).get(name, [""])[0]


def host(environ: dict) -> str:
    """The name the portal was asked by; raises `BallotRefused` for one that is not ours."""
    said = environ.get("HTTP_HOST", "")
    hosts = settings.ALLOWED_HOSTS
    if not hosts and settings.DEBUG:
        hosts = (".localhost", "127.0.0.1", "[::1]")
    if not _ours(said, tuple(hosts)):
        raise refusals.host()
    return said


@lru_cache(maxsize=64)
def _ours(said, hosts):
    domain, _port = split_domain_port(said)
    return bool(domain) and validate_host(domain, hosts)


def scheme(environ: dict) -> str:
    header, value = settings.SECURE_PROXY_SSL_HEADER or ("HTTP_X_FORWARDED_PROTO", "https")
    said = environ.get(header)
    if said is not None and (settings.SECURE_PROXY_SSL_HEADER or over_socket(environ)):
        return "https" if said == value else "http"
    return environ.get("wsgi.url_scheme", "http")


def secure(environ: dict) -> bool:
    """Whether the page had crypto.subtle, without which there is no proof of work."""
    domain, _port = split_domain_port(environ.get("HTTP_HOST", ""))
    return scheme(environ) == "https" or domain in ("localhost", "127.0.0.1", "[::1]")


def check_origin(environ: dict) -> None:
    """Refuse what a page of somebody else's sends.

    A browser that says neither is let through: nothing here goes by cookies, the token must be shown.
    """
    if environ.get("HTTP_SEC_FETCH_SITE", "same-origin") != "same-origin":
        raise refusals.origin()
    said = environ.get("HTTP_ORIGIN")
    if said is not None and said != f"{scheme(environ)}://{environ.get('HTTP_HOST', '')}":
        try:
            parts = urlsplit(said)
        except ValueError:
            raise refusals.origin() from None
        if f"{parts.scheme}://{parts.netloc}" not in settings.CSRF_TRUSTED_ORIGINS:
            raise refusals.origin()


def body(environ: dict) -> bytes:
    """What was posted, if it is JSON and no more than `MOST` bytes."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit():
        raise refusals.shape()
    if int(length) > MOST:
        raise refusals.size()
    if environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != "application/json":
        raise refusals.shape()
    said = environ["wsgi.input"].read(int(length))
    if len(said) != int(length):
        raise refusals.shape()
    return said


def language(environ: dict) -> str:
    """The reader's: by cookie, then by what the browser asks for, then Chinese."""
    try:
        cookies = {name: one.value for name, one in SimpleCookie(environ.get("HTTP_COOKIE", "")).items()}
    except CookieError:
        cookies = {}
    asked = SimpleNamespace(COOKIES=cookies, META=environ, path_info="/")
    return translation.get_language_from_request(asked)
