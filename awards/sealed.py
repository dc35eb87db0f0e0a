"""Who objected, under lock: Fernet with a key derived from OBJECTION_KEY, which may list several.

The first key seals, all of them open; so a key is changed by putting the new one in front.
"""

import base64
import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from portal.errors import Refused

_PURPOSE = b"xuanshu objector 1"


def seal(person: dict[str, str]) -> bytes:
    return _lock().encrypt(json.dumps(person, ensure_ascii=False, sort_keys=True).encode())


def unseal(token: bytes) -> dict[str, str]:
    try:
        return json.loads(_lock().decrypt(bytes(token)))
    except InvalidToken:
        raise Refused("异议人信息无法解密：密钥不对或数据被改动，请联系系统管理员。") from None


def reseal(token: bytes) -> bytes:
    """The same, under the first key."""
    return _lock().rotate(bytes(token))


def _lock() -> MultiFernet:
    secrets = [part.strip() for part in settings.OBJECTION_KEY.split(",") if part.strip()]
    return MultiFernet([Fernet(_derive(secret)) for secret in secrets])


def _derive(secret: str) -> bytes:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
    return base64.urlsafe_b64encode(key)
