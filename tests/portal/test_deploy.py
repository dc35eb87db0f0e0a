"""What is shipped for a production machine agrees with itself."""

from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
WRITES = {
    "web": {"PRIVATE_ROOT", "POLL_KEYS", "PUBLIC_ROOT"},
    "worker": {"PRIVATE_ROOT", "POLL_KEYS", "PUBLIC_ROOT"},
}


def sample() -> dict[str, str]:
    lines = (DEPLOY / "environment.sample").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


@pytest.mark.parametrize("unit", WRITES)
def test_a_unit_may_write_where_its_environment_sends_it(unit):
    text = (DEPLOY / f"xuanshu-{unit}.service").read_text(encoding="utf-8")
    allowed = next(line for line in text.splitlines() if line.startswith("ReadWritePaths=")).partition("=")[2]
    assert {sample()[name] for name in WRITES[unit]} <= set(allowed.split())
