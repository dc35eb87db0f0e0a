"""What papers in PDF need of the system: Pango and a font for Chinese, installed where they can be."""

import os

from portal import typesetting
from portal.devstack import debian


def ensure(places, family):
    """A word for the step. Nothing here fails a start: without PDF the portal offers Word and printing."""
    if typesetting.can_set():
        return "as it was"
    if os.environ.get("XUANSHU_NO_PDF") or not debian.can_install():
        return "no PDF on this machine"
    debian.install(family, places, *typesetting.PACKAGES)
    return "" if typesetting.can_set() else "no PDF on this machine"
