"""Where a request comes from: what our own proxy wrote down, never what the client claims."""

import ipaddress

from django.conf import settings


def over_socket(environ: dict) -> bool:
    """Whether it came over a unix socket, where only a proxy of ours can speak."""
    try:
        ipaddress.ip_address((environ.get("REMOTE_ADDR") or "").strip("[]"))
    except ValueError:
        return True
    return False


def address_of(environ: dict) -> str:
    """The client's address; empty where nobody wrote one down.

    The last of `PROXY_COUNT` proxies overwrote X-Forwarded-For or appended to it; without a proxy the
    header is the client's own claim.
    """
    count = settings.PROXY_COUNT or (1 if over_socket(environ) else 0)
    hops = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    if count and hops:
        return hops[-min(count, len(hops))]
    return environ.get("REMOTE_ADDR") or ""


def client_address(request) -> str:
    """For `axes`, and with it for whoever asks `axes.helpers.get_client_ip_address`."""
    return address_of(request.META)
