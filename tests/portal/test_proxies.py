"""The address limits count by is the one our own proxy wrote down, as `deploy/nginx.conf` does."""

import pytest
from axes.helpers import get_client_ip_address
from django.test import RequestFactory


@pytest.mark.parametrize(
    "peer, forwarded, proxies, address",
    [
        ("203.0.113.9", None, 0, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", 0, "203.0.113.9"),
        ("", "198.51.100.1", 0, "198.51.100.1"),
        ("", "198.51.100.1", 1, "198.51.100.1"),
        ("", "6.6.6.6, 198.51.100.1", 1, "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1", 1, "198.51.100.1"),
        ("", "6.6.6.6, 198.51.100.1, 10.0.0.1", 2, "198.51.100.1"),
        ("", "198.51.100.1", 2, "198.51.100.1"),
        ("2001:db8::1", "6.6.6.6", 0, "2001:db8::1"),
        ("", "2001:db8::1", 1, "2001:db8::1"),
        ("", None, 1, ""),
    ],
)
def test_an_address_is_what_our_own_proxy_wrote_down(settings, peer, forwarded, proxies, address):
    settings.PROXY_COUNT = proxies
    said = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **said)
    assert (get_client_ip_address(request) or "") == address
