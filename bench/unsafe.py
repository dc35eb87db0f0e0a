"""The ballot tier without its own refusal of `synchronous_commit = off`: only for bench/crash.py --unsafe."""

from voting.box import wire

wire.DURABLE = (*wire.DURABLE, "off")

from voting.box.wsgi import application  # noqa: E402, F401
