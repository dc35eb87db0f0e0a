"""Keyed names: what stands for a phone number or an address, so that neither is ever stored.

Each poll has a secret of its own, made of the portal's VOTER_SECRET and of a key that lies in a file (or in
the environment). Once that key is destroyed, no name of the poll can be made or recognised any more.
"""

import hashlib
import hmac
import ipaddress
import os
import re
import secrets
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from portal import environment
from portal.errors import Refused
from voting.models import Poll
from voting.rules.notes import Signer

BEFORE_FILES = "default"  # polls set up before each had a key of its own


class Destroyed(Refused):
    """Nobody can be named in this poll any more."""

    reason = "destroyed"


def new_key() -> str:
    """Make a key file; its name."""
    key_id = secrets.token_hex(8)
    folder = Path(settings.POLL_KEYS)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(key_path(key_id), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    return key_id


def key_path(key_id: str) -> Path:
    return Path(settings.POLL_KEYS) / f"{key_id}.key"


def poll_secret(poll: Poll) -> bytes:
    """The secret of one poll; a name made with it says nothing in another poll."""
    if poll.secret_destroyed_at:
        raise Destroyed("本次投票的密钥已按规定销毁，不能再按手机号码查询。")
    return _secret(settings.VOTER_SECRET, poll.key_id, poll.pk)


@lru_cache(maxsize=64)
def _secret(outer: str, key_id: str, pk: int) -> bytes:
    material = "" if key_id == BEFORE_FILES else _key(key_id)
    return hmac.digest(outer.encode(), f"poll {key_id} {pk} {material}".strip().encode(), "sha256")


def key_variable(key_id: str) -> str:
    """Where there are no shared files: the variable of the environment that holds the key."""
    return f"POLL_KEY_{key_id.upper()}"


def forget_secrets() -> None:
    """Keep no secret in the memory of this process."""
    _secret.cache_clear()


def _key(key_id):
    try:
        key = environment.text(key_variable(key_id)) or key_path(key_id).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        key = ""
    # An empty or broken file must not make names that anybody could make.
    if not re.fullmatch(r"[0-9a-f]{64}", key):
        raise Refused("本次投票的密钥文件不在，暂不能核验身份，请联系办公室。")
    return key


def keyed(secret: bytes, purpose: str, text: str) -> str:
    return hmac.new(secret, f"{purpose} {text}".encode(), hashlib.sha256).hexdigest()


def voter_key(poll: Poll, number: str) -> str:
    """HMAC-SHA256 of a normalised number under the secret of the poll."""
    return keyed(poll_secret(poll), "voter", number)


def block_key(poll: Poll, number: str) -> str:
    """The hundred neighbouring numbers a number lies among, keyed: sequential numbers share it."""
    return keyed(poll_secret(poll), "block", number[:-2])[:32]


def address_keys(poll: Poll, address: str | None) -> tuple[str, str]:
    """The keyed address and its keyed network (/24, or /56 of IPv6); empty for an address nobody can read."""
    return address_names(poll_secret(poll), address)


def address_names(secret: bytes, address: str | None) -> tuple[str, str]:
    try:
        found = ipaddress.ip_address((address or "").strip())
    except ValueError:
        return "", ""
    if found.version == 6 and found.ipv4_mapped:
        found = found.ipv4_mapped
    network = ipaddress.ip_network((found, 24 if found.version == 4 else 56), strict=False)
    if found.version == 6:  # a line has a whole /64, and a telephone changes its address in it at will
        found = ipaddress.ip_network((found, 64), strict=False)
    return keyed(secret, "address", str(found))[:32], keyed(secret, "network", str(network))[:32]


def signer() -> Signer:
    """Who signs receipts, checkpoints and the published record."""
    return _signer(settings.RECORD_NAME, settings.RECORD_KEY)


def result_signer() -> Signer:
    """Who signs the result files: a key of its own, so that nothing signed for the record passes for one."""
    seed = hmac.digest(settings.RECORD_KEY.encode(), b"result", "sha256").hex()
    return _signer(f"{settings.RECORD_NAME[:60]}/result", seed)


@lru_cache(maxsize=4)
def _signer(name: str, seed: str) -> Signer:
    return Signer(name, seed)


def receipt_secret(poll: Poll) -> bytes:
    """What receipt codes are signed with; it outlives the voters' secret, so that they can be looked up."""
    return hmac.digest(settings.RECORD_KEY.encode(), f"receipt {poll.pk}".encode(), "sha256")


def origin(poll_id: int) -> str:
    """What the log of a poll is called in everything that is signed."""
    return f"{settings.RECORD_NAME}/vote/{poll_id}"
