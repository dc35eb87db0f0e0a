"""How the portal and a gateway know each other: HMAC-SHA256 of the time and the body.

X-Xuanshu-Timestamp: seconds since 1970
X-Xuanshu-Signature: hexadecimal HMAC-SHA256, under SMS_GATEWAY_SECRET, of "<timestamp>.<body>"
"""

import hmac
import re
from datetime import datetime

from django.utils.crypto import constant_time_compare

TIMESTAMP, SIGNATURE = "X-Xuanshu-Timestamp", "X-Xuanshu-Signature"
WINDOW = 300  # seconds a signature is good for, in both directions


def signature(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, "sha256").hexdigest()


def headers(secret: str, body: bytes, *, at: datetime) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    return {TIMESTAMP: timestamp, SIGNATURE: signature(secret, timestamp, body)}


def is_signed(secret: str, body: bytes, *, timestamp: str, said: str, now: datetime) -> bool:
    """Whether the other side signed this body, within the window. Without a secret nobody did."""
    if not secret or not re.fullmatch(r"[0-9]{1,12}", timestamp, re.ASCII):
        return False
    fresh = abs(now.timestamp() - int(timestamp)) <= WINDOW
    return constant_time_compare(signature(secret, timestamp, body), said) and fresh
