"""The door: `python3 portal/devstack VERB`. Kept parseable by old Pythons, so that they get a sentence."""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
WANTED = (3, 11)


def refuse_old_python(version, found=None):
    """The sentence for a Python that is too old, or None. `found` is a newer one seen on the path."""
    if tuple(version[:2]) >= WANTED:
        return None
    cure = "name a newer one: make PYTHON=%s ..." % (found or "/path/to/python3.11")
    have = ".".join(str(part) for part in version[:3])
    return "Python %s is too old, the portal needs 3.11 or later: %s\n" % (have, cure)  # noqa: UP031


def newer_python():
    """The name of a newer Python on the path that really starts (a version manager's shim may not)."""
    import subprocess

    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        for minor in range(19, WANTED[1] - 1, -1):
            name = "python3.%d" % minor  # noqa: UP031
            try:
                if subprocess.call([name, "-c", ""], stdout=nowhere, stderr=nowhere) == 0:
                    return name
            except OSError:
                pass
    return None


def stand_in_for_portal():
    """Name the package `portal` without running its `__init__`, which needs what is not installed yet."""
    import types

    package = types.ModuleType("portal")
    package.__path__ = [os.path.join(ROOT, "portal")]  # noqa: PTH118
    sys.modules.setdefault("portal", package)
    sys.path[0] = ROOT


if __name__ == "__main__":
    sentence = refuse_old_python(sys.version_info)
    if sentence:
        sentence = refuse_old_python(sys.version_info, newer_python())
        sys.stderr.write(sentence)
        sys.exit(2)
    if not __package__:
        stand_in_for_portal()
    from portal.devstack.main import main

    sys.exit(main(sys.argv[1:]))
