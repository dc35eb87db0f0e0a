import json
from datetime import date
from types import SimpleNamespace

from awards import structured


def honour(**fields):
    said = {"year": 2026, "title": "演示称号", "revoked_on": None, "level": "city"}
    return SimpleNamespace(**said | fields)


def test_what_was_revoked_is_no_award_and_what_is_not_known_is_not_said():
    standing, revoked = honour(), honour(year=2025, revoked_on=date(2026, 6, 1))
    found = structured.enterprise("演示企业", [standing, revoked], "/x/", place="市南区")
    assert found == {
        "@type": "Organization",
        "name": "演示企业",
        "url": "/x/",
        "award": ["2026 演示称号 (市级)"],
        "address": {"@type": "PostalAddress", "addressLocality": "市南区", "addressCountry": "CN"},
    }


def test_nothing_in_the_data_ends_the_block():
    name = "</script><script>alert(1)</script> & “名”"
    block = structured.data_block(structured.enterprise(name, [], "/x/"))
    assert "<" not in block and "&" not in block
    assert json.loads(block) == {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": name,
        "url": "/x/",
    }
