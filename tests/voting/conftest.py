"""Pages are kept for a second, in each process: a test does not find what another left."""

import pytest

from voting.views.booth import SHELVES


@pytest.fixture(autouse=True)
def empty_shelves():
    for shelf in SHELVES:
        shelf.clear()
