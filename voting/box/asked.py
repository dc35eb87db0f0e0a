"""What is read of a request, and nothing else: host, scheme, size, origin, address, language."""

from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils import translation

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
    if said is not None and (settings.SECURE_PROXY_SSL_HEADER or local(environ)):
        return "https" if said == value else "http"
    return environ.get("wsgi.url_scheme", "http")


def local(environ: dict) -> bool:
    """Whether it came over the unix socket, where only a proxy of ours can speak."""
    return not _is_address(environ.get("REMOTE_ADDR"))


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
        parts = urlsplit(said)
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


def address(environ: dict) -> str:
    """Where it came from: what the last proxy of ours wrote down, of `PROXY_COUNT` of them."""
    count = settings.AXES_IPWARE_PROXY_COUNT or (1 if local(environ) else 0)
    hops = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    if count and hops:
        return hops[-min(count, len(hops))]
    return environ.get("REMOTE_ADDR") or ""


def language(environ: dict) -> str:
    """The reader's: by cookie, then by what the browser asks for, then Chinese."""
    try:
        cookies = {name: one.value for name, one in SimpleCookie(environ.get("HTTP_COOKIE", "")).items()}
    except CookieError:
        cookies = {}
    asked = SimpleNamespace(COOKIES=cookies, META=environ, path_info="/")
    return translation.get_language_from_request(asked)


def _is_address(text):
    return bool(text) and text[0] in "0123456789abcdef:" and ("." in text or ":" in text)
