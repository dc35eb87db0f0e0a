"""Who objected, and who the medal is for, under lock: Fernet with keys derived from OBJECTION_KEY, which may
list several.

The first key seals, all of them open; so a key is changed by putting the new one in front. What is sealed for
one purpose does not open for another.
"""

import base64
import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from portal.errors import N_, Refused

OBJECTOR = b"xuanshu objector 1"
MEDAL = b"xuanshu medal person 1"
#: How every sealed text begins: the version, and the high bytes of a time of this century.
SEALED = b"gAAAAA"
_UNREADABLE = {
    OBJECTOR: N_("异议人信息无法解密：密钥不对或数据被改动，请联系系统管理员。"),
    MEDAL: N_("奖章人选信息无法解密：密钥不对或数据被改动，请联系系统管理员。"),
}


def seal(person: dict[str, str], purpose: bytes = OBJECTOR) -> bytes:
    return _lock(purpose).encrypt(json.dumps(person, ensure_ascii=False, sort_keys=True).encode())


def unseal(token: bytes, purpose: bytes = OBJECTOR) -> dict[str, str]:
    try:
        return json.loads(_lock(purpose).decrypt(bytes(token)))
    except InvalidToken:
        raise Refused(_UNREADABLE[purpose]) from None


def seal_bytes(data: bytes, purpose: bytes = OBJECTOR) -> bytes:
    """A file, or a text as UTF-8."""
    return _lock(purpose).encrypt(data)


def unseal_bytes(token: bytes, purpose: bytes = OBJECTOR) -> bytes:
    try:
        return _lock(purpose).decrypt(bytes(token))
    except InvalidToken:
        raise Refused(_UNREADABLE[purpose]) from None


def reseal(token: bytes, purpose: bytes = OBJECTOR) -> bytes:
    """The same, under the first key."""
    return _lock(purpose).rotate(bytes(token))


def _lock(purpose: bytes) -> MultiFernet:
    secrets = [part.strip() for part in settings.OBJECTION_KEY.split(",") if part.strip()]
    return MultiFernet([Fernet(_derive(secret, purpose)) for secret in secrets])


def _derive(secret: str, purpose: bytes) -> bytes:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
    return base64.urlsafe_b64encode(key)
