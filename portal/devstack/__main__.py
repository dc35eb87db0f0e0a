"""The door: `python3 portal/devstack VERB`. Kept parseable by old Pythons, so that they get a sentence."""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
WANTED = (3, 11)


def refuse_old_python(version, found=None):
    """The sentence for a Python that is too old, or None. `found` is a newer one seen on the path."""
    if tuple(version[:2]) >= WANTED:
        return None
    cure = "name a newer one: make PYTHON=%s ..." % (found or "/path/to/python3.11")  # noqa: UP031
    have = ".".join(str(part) for part in version[:3])
    return "Python %s is too old, the portal needs 3.11 or later: %s\n" % (have, cure)  # noqa: UP031


def newer_python():
    for minor in range(19, WANTED[1] - 1, -1):
        name = "python3.%d" % minor  # noqa: UP031
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            if os.access(os.path.join(folder, name), os.X_OK):  # noqa: PTH118
                return name
    return None


def stand_in_for_portal():
    """Name the package `portal` without running its `__init__`, which needs what is not installed yet."""
    import types

    package = types.ModuleType("portal")
    package.__path__ = [os.path.join(ROOT, "portal")]  # noqa: PTH118
    sys.modules.setdefault("portal", package)
    sys.path[0] = ROOT


if __name__ == "__main__":
    sentence = refuse_old_python(sys.version_info, newer_python())
    if sentence:
        sys.stderr.write(sentence)
        sys.exit(2)
    if not __package__:
        stand_in_for_portal()
    from portal.devstack.main import main

    sys.exit(main(sys.argv[1:]))
