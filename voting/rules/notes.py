"""Signed notes in the C2SP form: text, an empty line, a line per signature (Ed25519)."""

import base64
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"


class Signer:
    """A key and the name it signs under. `seed` is any secret text; the same text is the same key."""

    def __init__(self, name: str, seed: str):
        if not name or any(letter in name for letter in "+ \n"):
            raise ValueError(name)
        self.name = name
        self._key = Ed25519PrivateKey.from_private_bytes(
            hashlib.sha256(b"xuanshu record key 1" + seed.encode()).digest()
        )
        self.public = self._key.public_key().public_bytes_raw()

    @property
    def verifier(self) -> str:
        """What a reader must know beforehand: name+hash+key."""
        return f"{self.name}+{key_hash(self.name, self.public).hex()}+{_text(ED25519 + self.public)}"

    def sign(self, body: str) -> str:
        """委员会决定: the note of a body, whose last line ends with a line end."""
        if not body.endswith("\n"):
            raise ValueError("a note's body ends with a line end")
        signature = key_hash(self.name, self.public) + self._key.sign(body.encode())
        return f"{body}\n\N{EM DASH} {self.name} {_text(signature)}\n"

    def seal(self, data: bytes) -> str:
        """委员会决定: the bare signature, in base64, of bytes that are no note."""
        return _text(self._key.sign(data))


def key_hash(name: str, public: bytes) -> bytes:
    """委员会决定: four bytes that say which key; a hint, no proof."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def fits(data: bytes, signature: str, verifier: str) -> bool:
    """委员会决定: whether this is the verifier's signature over the bytes, in its one way of writing."""
    name, _plus, rest = verifier.partition("+")
    told, _plus, key = rest.partition("+")
    try:
        public, raw = base64.b64decode(key, validate=True), base64.b64decode(signature, validate=True)
        if (_text(public), _text(raw)) != (key, signature) or public[:1] != ED25519:
            return False
        Ed25519PublicKey.from_public_bytes(public[1:]).verify(raw, data)
    except (ValueError, InvalidSignature):
        return False
    return told == key_hash(name, public[1:]).hex()


def opened(note: str, verifier: str) -> str:
    """委员会决定: the body of a note signed by the key of `verifier`; ValueError when it is not."""
    name, _hash, key = verifier.split("+", 2)
    public = base64.b64decode(key)[1:]
    body, found, tail = note.rpartition("\n\n")
    body += "\n"
    for line in tail.splitlines() if found else ():
        dash, _space, rest = line.partition(" ")
        who, _space, signature = rest.partition(" ")
        raw = base64.b64decode(signature)
        if dash == "\N{EM DASH}" and who == name and raw[:4] == key_hash(name, public):
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], body.encode())
            except InvalidSignature:
                raise ValueError("the signature does not fit the text") from None
            return body
    raise ValueError("no signature of this key")


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
