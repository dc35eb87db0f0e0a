"""Keyed names: what stands for a phone number or an address, so that neither is ever stored."""

import hashlib
import hmac
import ipaddress

from django.conf import settings

from voting.models import Poll


def poll_secret(poll: Poll) -> bytes:
    """The secret of one poll; a name made with it says nothing in another poll."""
    return hmac.digest(settings.VOTER_SECRET.encode(), f"poll {poll.key_id} {poll.pk}".encode(), "sha256")


def keyed(secret: bytes, purpose: str, text: str) -> str:
    return hmac.new(secret, f"{purpose} {text}".encode(), hashlib.sha256).hexdigest()


def voter_key(poll: Poll, number: str) -> str:
    """HMAC-SHA256 of a normalised number under the secret of the poll."""
    return keyed(poll_secret(poll), "voter", number)


def address_keys(poll: Poll, address: str | None) -> tuple[str, str]:
    """The keyed address and its keyed network (/24, or /56 of IPv6); empty for an address nobody can read."""
    try:
        found = ipaddress.ip_address((address or "").strip())
    except ValueError:
        return "", ""
    if found.version == 6 and found.ipv4_mapped:
        found = found.ipv4_mapped
    network = ipaddress.ip_network((found, 24 if found.version == 4 else 56), strict=False)
    secret = poll_secret(poll)
    return keyed(secret, "address", str(found)), keyed(secret, "network", str(network))
