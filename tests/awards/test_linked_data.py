import json
import re
from datetime import date
from types import SimpleNamespace

from awards.services import linked_data


def honour(**fields):
    return SimpleNamespace(
        **{
            "year": 2026,
            "title": "演示称号",
            "revoked_on": None,
            "get_level_display": lambda: "市级",
            **fields,
        }
    )


def test_nothing_in_the_data_ends_the_block():
    name = "</script><script>alert(1)</script> & \u2028 “名”"
    block = linked_data.block(linked_data.organisation(name, [], url="/x/"))
    assert re.findall(r"</?script", block) == ["<script", "</script"]
    assert "&" not in block and "\u2028" not in block
    data = json.loads(block.removeprefix('<script type="application/ld+json">').removesuffix("</script>"))
    assert data == {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": name,
        "url": "/x/",
    }


def test_what_was_revoked_is_no_award():
    standing, revoked = honour(), honour(year=2025, revoked_on=date(2026, 6, 1))
    found = linked_data.organisation("演示企业", [standing, revoked], url="/x/", place="市南区")
    assert found["award"] == ["2026年 市级“演示称号”"]
    assert found["address"]["addressLocality"] == "市南区"


def test_a_list_keeps_its_order():
    found = linked_data.items([{"name": "甲"}, {"name": "乙"}], name="名录", url="/r/", total=9)
    assert [(each["position"], each["item"]["name"]) for each in found["itemListElement"]] == [
        (1, "甲"),
        (2, "乙"),
    ]
    assert found["numberOfItems"] == 9
