"""What a line of the log does not say."""

import pytest

from portal.logs import hide_keys


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("GET /review/by-link/abc-_123/", "GET /review/by-link/…/"),
        ("POST /review/by-link/abc/row/ 409", "POST /review/by-link/…/row/ 409"),
        ("Not Found: /review/by-link/x", "Not Found: /review/by-link/…"),
        ("GET /review/4/links/", "GET /review/4/links/"),
    ],
)
def test_the_key_of_a_link_is_not_in_the_log(written, kept):
    event = {"event": written, "request": written, "code": 404}
    assert hide_keys(None, "info", event) == {"event": kept, "request": kept, "code": 404}
