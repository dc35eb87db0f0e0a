"""A sealed result is equal to itself and to nothing else."""

import base64
import copy
import hashlib
import json
from decimal import Decimal
from fractions import Fraction

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from awards.resultfile import (
    Difference,
    Edition,
    Entry,
    Settings,
    Sheet,
    build,
    canonical,
    fraction_text,
    parse,
    rules_digest,
    seal,
    sign,
    verify,
)
from awards.rules import Rules
from portal.errors import Refused
from voting.rules.notes import Signer

DIMENSIONS = ("mechanism", "platform", "effect")
WEIGHTS = dict(zip(DIMENSIONS, map(Decimal, ("35", "30", "35")), strict=True))


def sheet(expert, *scores):
    if not scores:
        return Sheet(expert, valid=False)
    return Sheet(expert, True, dict(zip(DIMENSIONS, map(Decimal, scores), strict=True)))


def entry(number, sheets, picks, private=False, recognised=False):
    name = f"企业{number}（演示）"
    return Entry(number, name, f"演示代码{number}", private, recognised, tuple(sheets), picks)


def same(*scores):
    """Three experts who agree, so that the expert score is plain."""
    return [sheet(f"E0{n}", *scores) for n in (1, 2, 3)]


ENTRIES = [
    entry(1, [sheet(f"E0{n}", s, s, s) for n, s in enumerate(("90.5", "80", "85", "100", "60"), 1)], 40),
    entry(2, [sheet("E01"), *[sheet(f"E0{n}", "88", "90.5", "79") for n in (2, 3, 4)]], 30, True, True),
    entry(3, same("70", "70", "70"), 10, private=True),
    entry(4, same("70", "70", "70"), 10),
    entry(5, same("60", "60", "60"), 0),
]
SETTINGS = Settings(Rules(2), WEIGHTS, min_sheets=3, trim_from=5)
EDITION = Edition(7, "演示届", 2026)


@pytest.fixture
def data():
    return build(EDITION, SETTINGS, ENTRIES)


def test_fraction_text():
    assert [fraction_text(Fraction(*each)) for each in ((1, 2), (4, 2), (0, 1), (6, 4))] == [
        "1/2",
        "2",
        "0",
        "3/2",
    ]


def test_the_file_by_hand(data):
    assert set(data) == {"format", "edition", "rules", "nominations", "result", "sha256"}
    assert data["format"] == "xuanshu-result/1"
    assert data["edition"] == {"id": 7, "title": "演示届", "year": 2026, "seats": 2}
    rules = dict(data["rules"])
    assert rules.pop("digest") == hashlib.sha256(canonical(rules)).hexdigest()
    assert rules == {
        "ratio": "6/5",
        "expert_weight": "70",
        "vote_weight": "30",
        "dimension_weights": {"mechanism": "35", "platform": "30", "effect": "35"},
        "min_sheets": 3,
        "trim_from": 5,
        "tie_break": ["private", "recognised_key_industry", "expert_score"],
    }
    assert data["nominations"][1]["sheets"][:2] == [
        {"expert": "E01", "valid": False},
        {"expert": "E02", "valid": True, "scores": {"mechanism": "88", "platform": "90.5", "effect": "79"}},
    ]
    assert data["result"] == {
        "size": 3,
        "grew_by": 0,
        "rows": [
            # 90.5 80 85 trimmed of 100 and 60; 40 of 40 picks
            row(1, 1, "511/6", "100", "5377/60", True),
            # 30.8 + 27.15 + 27.65; 30 of 40
            row(2, 2, "428/5", "75", "4121/50", True),
            row(3, 3, "70", "25", "113/2", True, "private"),
            row(4, 4, "70", "25", "113/2", False, "private"),
            row(5, 5, "60", "0", "42", False),
        ],
    }
    body = {key: value for key, value in data.items() if key != "sha256"}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert data["sha256"] == hashlib.sha256(text.encode()).hexdigest()


def row(number, rank, expert, vote, total, shortlisted, tie=None):
    return {
        "id": number,
        "rank": rank,
        "expert_score": expert,
        "vote_score": vote,
        "composite": total,
        "shortlisted": shortlisted,
        "tie": tie,
    }


def test_it_verifies_also_after_a_journey(data):
    assert verify(data) == []
    assert verify(parse(canonical(data))) == []
    assert verify(parse(json.dumps(data, indent=4).encode())) == []


def test_order_of_entries_and_sheets_never_matters(data):
    turned = [copy.copy(each) for each in ENTRIES[::-1]]
    turned = [
        Entry(
            e.id, e.enterprise, e.credit_code, e.private, e.recognised_key_industry, e.sheets[::-1], e.picks
        )
        for e in turned
    ]
    assert build(EDITION, SETTINGS, turned) == data


def test_text_ids_and_no_trimming():
    entries = [
        Entry("甲", "甲（演示）", "x", True, False, tuple(same("80", "81", "82.5")), 3),
        Entry("乙", "乙（演示）", "y", True, False, tuple(same("80", "81", "82.5")), 3),
    ]
    data = build(Edition("2026-a", "演示届", 2026), Settings(Rules(1, 1), WEIGHTS, 3, None), entries)
    assert verify(data) == []
    assert [row["tie"] for row in data["result"]["rows"]] == ["equal", "equal"]
    assert data["result"]["grew_by"] == 1
    data["result"]["rows"].reverse()  # equals have no order
    assert verify(seal(data)) == []


def test_building_without_enough_sheets_is_refused():
    with pytest.raises(Refused, match="企业9"):
        build(EDITION, SETTINGS, [entry(9, same("70", "70", "70")[:2], 1)])


def leaves(value, path=()):
    if isinstance(value, dict):
        for key, held in value.items():
            yield from leaves(held, (*path, key))
    elif isinstance(value, list):
        for place, held in enumerate(value):
            yield from leaves(held, (*path, place))
    else:
        yield path


def changed(data, path, value):
    data = copy.deepcopy(data)
    spot = data
    for step in path[:-1]:
        spot = spot[step]
    spot[path[-1]] = value
    return data


def other(value):
    """Something of the same kind that is not the same."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value is None:
        return "private"
    return value[:-1] + ("1" if value[-1] != "1" else "2")


SIGNER, OTHER = Signer("演示/result", "演示"), Signer("演示/result", "别的")
SIGNED = build(EDITION, SETTINGS, ENTRIES, SIGNER)
SEALED = build(EDITION, SETTINGS, ENTRIES)
LEAVES = list(leaves(SEALED))


@pytest.mark.parametrize("path", LEAVES, ids=str)
def test_any_single_change_is_found(path):
    spot = SEALED
    for step in path:
        spot = spot[step]
    assert verify(changed(SEALED, path, other(spot)))


@pytest.mark.parametrize("path", [path for path in LEAVES if path[0] == "result"], ids=str)
def test_a_changed_result_is_found_even_when_sealed_anew(path):
    spot = SEALED
    for step in path:
        spot = spot[step]
    differences = verify(seal(changed(SEALED, path, other(spot))))
    assert differences
    assert not any("摘要" in each for each in differences)


@pytest.mark.parametrize("path", list(leaves(SIGNED)), ids=str)
def test_any_single_change_of_a_signed_file_is_found_even_when_sealed_anew(path):
    spot = SIGNED
    for step in path:
        spot = spot[step]
    data = changed(SIGNED, path, other(spot))
    assert verify(data)
    assert verify(seal(data)) or path in (("sha256",), ("rules", "digest"))  # made anew, as they were


def test_the_signed_file_by_hand():
    assert SIGNED["format"] == "xuanshu-result/2"
    assert set(SIGNED) == {*SEALED, "signature"}
    body = {key: value for key, value in SIGNED.items() if key != "signature"}
    assert seal({**SEALED, "format": "xuanshu-result/2"})["sha256"] == SIGNED["sha256"]
    public = Ed25519PublicKey.from_public_bytes(SIGNER.public)
    public.verify(base64.b64decode(SIGNED["signature"]["value"]), canonical(body))
    assert SIGNED["signature"]["key"] == SIGNER.verifier
    assert build(EDITION, SETTINGS, ENTRIES, SIGNER) == SIGNED


def test_who_signed_is_asked_with_a_key_from_elsewhere():
    assert verify(SIGNED) == verify(SIGNED, SIGNER.verifier) == verify(parse(canonical(SIGNED))) == []
    assert [each.partition("：")[0] for each in verify(SIGNED, OTHER.verifier)] == ["签名公钥不符"]
    assert verify(SEALED, SIGNER.verifier) == ["文件没有签名，不能确认由谁生成。"]
    forged = sign(seal(changed(SIGNED, ("nominations", 0, "enterprise"), "另一家（演示）")), OTHER)
    assert verify(forged) == []  # in order in itself, but signed by somebody else
    assert len(verify(forged, SIGNER.verifier)) == 1


SIGNATURES = [("signature",), ("signature", "key"), ("signature", "value")]


@given(st.sampled_from(SIGNATURES), st.deferred(lambda: junk))
def test_no_signature_at_all_is_answered_with_a_sentence(path, value):
    differences = verify(changed(SIGNED, path, value))
    assert differences and all(each.endswith("。") for each in differences)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
ALL_PATHS = sorted({path[:n] for path in LEAVES for n in range(1, len(path) + 1)}, key=str)


@given(st.sampled_from(ALL_PATHS), junk)
def test_anything_anywhere_is_answered_with_a_sentence(path, value):
    spot = SEALED
    for step in path:
        spot = spot[step]
    differences = verify(changed(SEALED, path, value))
    same_json = type(value) is type(spot) and value == spot
    assert bool(differences) != same_json
    assert all(isinstance(each, Difference) and each.endswith("。") for each in differences)


@given(st.sampled_from(ALL_PATHS))
def test_anything_left_out_is_answered_with_a_sentence(path):
    data = copy.deepcopy(SEALED)
    spot = data
    for step in path[:-1]:
        spot = spot[step]
    del spot[path[-1]]
    assert verify(data)


@given(junk)
def test_no_file_at_all_is_answered_with_a_sentence(value):
    assert verify(value)


def without(path):
    data = copy.deepcopy(SEALED)
    spot = data
    for step in path[:-1]:
        spot = spot[step]
    del spot[path[-1]]
    return seal(data)


@pytest.mark.parametrize(
    "data, words",
    [
        (changed(SEALED, ("format",), "xuanshu-result/4"), "xuanshu-result/1"),
        (changed(SIGNED, ("format",), "xuanshu-result/3"), "edition.steps"),
        (changed(SEALED, ("format",), "xuanshu-result/2"), "signature"),
        (changed(SIGNED, ("format",), "xuanshu-result/1"), "signature"),
        (seal(changed(SIGNED, ("edition", "title"), "另一届")), "签名与文件内容不符"),
        (changed(SIGNED, ("signature", "key"), OTHER.verifier), "签名与文件内容不符"),
        (seal(changed(SEALED, ("note",), "x")), "note"),
        (
            seal(changed(SEALED, ("nominations", 0, "sheets", 0, "note"), "x")),
            "nominations[0].sheets[0].note",
        ),
        (without(("result", "rows", 0, "tie")), "result.rows[0].tie"),
        (without(("nominations", 2, "sheets", 0, "scores")), "nominations[2].sheets[0]"),
        (without(("nominations", 2, "sheets", 0)), "有效评分表 2 份"),
        (without(("nominations", 0, "sheets", 0, "scores", "effect")), "scores.effect"),
        (seal(changed(SEALED, ("nominations", 0, "sheets", 0, "scores", "effect"), "100.5")), "100.5"),
        (seal(changed(SEALED, ("nominations", 0, "id"), 2)), "nominations"),
        (seal(changed(SEALED, ("nominations", 0, "sheets", 0, "expert"), "E02")), "expert"),
        (seal(changed(SEALED, ("result", "rows", 0, "id"), 2)), "result.rows"),
        (seal(changed(SEALED, ("result", "rows", 0, "composite"), "2146/24")), "result.rows[0].composite"),
        (seal(changed(SEALED, ("rules", "tie_break"), ["name"])), "name"),
        (seal(changed(SEALED, ("rules", "ratio"), "0")), "考察数与名额之比"),
        (seal(changed(SEALED, ("rules", "expert_weight"), "71")), "100"),
        (seal(changed(SEALED, ("rules", "dimension_weights", "effect"), "36")), "101"),
        (seal(changed(SEALED, ("rules", "trim_from"), 2)), "3 份"),
        (seal(changed(SEALED, ("rules", "min_sheets"), True)), "rules.min_sheets"),
        (changed(SEALED, ("edition", "title"), "另一届"), "文件摘要不符"),
        (without(("result", "rows", 4)), "企业5"),
        (without(("nominations", 4)), "编号 5"),
        (seal(changed(SEALED, ("nominations", 4, "picks"), 41)), "企业1"),
        (seal(changed(SEALED, ("result", "size"), 2)), "考察名单家数"),
        (seal(changed(SEALED, ("result", "rows"), SEALED["result"]["rows"][::-1])), "按名次"),
    ],
)
def test_what_is_wrong_is_said(data, words):
    assert any(words in each for each in verify(data)), verify(data)


def test_a_digest_of_other_rules_is_found_under_a_right_seal():
    data = changed(SEALED, ("rules", "digest"), "0" * 64)
    body = {key: value for key, value in data.items() if key != "sha256"}
    data["sha256"] = hashlib.sha256(canonical(body)).hexdigest()
    assert [each.message.partition("：")[0] for each in verify(data)] == ["规则摘要不符"]
    assert rules_digest(data["rules"]) == SEALED["rules"]["digest"]


@pytest.mark.parametrize(
    "raw, words",
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"picks":1,"picks":2}', "picks"),
        (b'{"picks":1.0}', "1.0"),
        (b'{"picks":NaN}', "NaN"),
        (b"[" * 100_000, "JSON"),
        (b"9" * 10_000, "JSON"),
    ],
)
def test_parse_refuses_what_is_no_plain_json(raw, words):
    with pytest.raises(Refused) as refused:
        parse(raw)
    assert words in str(refused.value)


def test_a_file_too_deep_is_a_sentence():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert len(verify(SEALED | {"edition": deep})) == 1
    while deep:  # so that freeing it does not recurse
        deep = deep.pop()
