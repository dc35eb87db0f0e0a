import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from nominations.rules import (
    CODE_ALPHABET,
    KEY_INDUSTRIES,
    NATURES,
    RECOGNITIONS,
    Missing,
    central_level,
    check_quota,
    competition_ranks,
    complete,
    credit_code,
    is_private,
    normalise,
    out_of_city,
    parse_key_industry,
    parse_nature,
    parse_recognitions,
    quota_left,
    recognised_key_industry,
    subject_key,
)
from portal.errors import Refused

FULL_WIDTH = {n: n + 0xFEE0 for n in range(33, 127)}
GOOD = [
    "91370202MA2TH3BJ32",
    "91370211MADD272H4D",
    "91370281MAH3J9HT4H",
    "91370211MA8EGHRF20",  # remainder 0
    "91370214MAJJC171X0",  # remainder 0
    "91350100M000100Y43",
    "91110108551385082Q",
]


def said(call, *args, **kwargs):
    with pytest.raises(Refused) as refused:
        call(*args, **kwargs)
    return str(refused.value)


@pytest.mark.parametrize("code", GOOD)
def test_good_credit_codes(code):
    assert credit_code(code) == code


@pytest.mark.parametrize(
    "text",
    [
        " 91370202ma2th3bj32 ",
        "9137 0202 MA2T H3BJ 32",
        "91370202MA2TH3BJ32".translate(FULL_WIDTH),
        "91370202MA2TH3BJ32\u200b",
        "\ufeff91370202\u3000MA2TH3BJ32\n",
        "91370202\u00a0MA2TH3BJ32",
    ],
)
def test_width_and_spaces_are_put_right(text):
    assert credit_code(text) == "91370202MA2TH3BJ32"


@pytest.mark.parametrize(
    "text, words",
    [
        ("", ["空"]),
        (None, ["空"]),
        ("91370202MA2TH3BJ3", ["18 位", "17 位"]),
        ("91370202MA2TH3BJ322", ["19 位"]),
        ("91370202MA2TH3BJI2", ["第 17 位", "“I”"]),
        ("91370202MAOTH3BJ32", ["第 11 位", "“O”"]),
        ("91370202MASTH3BJ32", ["“S”"]),
        ("91370202MAVTH3BJ32", ["“V”"]),
        ("91370202MAZTH3BJ32", ["“Z”"]),
        ("91370202-A2TH3BJ32", ["第 9 位", "“-”"]),
        ("91370202企A2TH3BJ32", ["“企”"]),
        ("9137A202MA2TH3BJ32", ["第 5 位", "数字"]),
        ("91370202MA2TH3BJ33", ["末位应为“2”", "现为“3”"]),
        ("91350100M000100Y4Z", ["“Z”"]),
        ("91350100M000100Y4Y", ["末位应为“3”", "现为“Y”"]),
        ("91370211MA8EGHRF2W", ["末位应为“0”"]),
        (91370202, ["8 位"]),
    ],
)
def test_bad_credit_codes_say_what_is_wrong(text, words):
    answer = said(credit_code, text)
    assert all(word in answer for word in words), answer


@given(st.sampled_from(GOOD), st.integers(8, 17), st.sampled_from(CODE_ALPHABET))
def test_any_single_wrong_character_is_found(code, place, character):
    changed = code[:place] + character + code[place + 1 :]
    if changed == code:
        assert credit_code(changed)
    else:
        assert "校验码不符" in said(credit_code, changed)
    assert uscc.is_valid(changed) == (changed == code)


def test_out_of_city():
    assert not out_of_city("91370202MA2TH3BJ32", ["3702"])
    assert out_of_city("91110108551385082Q", ["3702"])
    assert not out_of_city("91110108551385082Q", ["3702", "1101"])


def test_normalise_keeps_case_and_words():
    assert normalise(" 盐田 纺织（演示）Ab ") == "盐田纺织(演示)Ab"
    assert normalise(None) == ""


@pytest.mark.parametrize("quota, used, left", [(6, 0, 6), (6, 6, 0), (6, 7, 0), (0, 0, 0), (None, 99, None)])
def test_quota_left(quota, used, left):
    assert quota_left(quota, used) == left


def test_quota_is_refused_past_its_end():
    check_quota(6, 5)
    check_quota(6, 0, adding=6)
    check_quota(None, 100)
    answer = said(check_quota, 6, 5, adding=2, recommender="市南区总工会（演示）")
    assert "市南区总工会（演示）" in answer and "6 家" in answer and "1 家" in answer
    said(check_quota, 6, 6)
    said(check_quota, 0, 0)


def test_complete_names_what_is_missing_in_order():
    required = {
        "name": "企业名称",
        "workers": "职工人数",
        "lawful": "独立法人",
        "files": "佐证",
        "story": "主要事迹",
    }
    assert (
        complete({"name": "甲", "workers": 0, "lawful": False, "files": (1,), "story": "有"}, required) == []
    )
    assert complete({"name": " \u3000", "workers": None, "files": ()}, required) == [
        Missing(name, title) for name, title in required.items()
    ]


def test_competition_ranks():
    assert competition_ranks({"a": 9, "b": 9, "c": 8, "d": 7, "e": 7, "f": 1}) == {
        "a": 1,
        "b": 1,
        "c": 3,
        "d": 4,
        "e": 4,
        "f": 6,
    }
    assert competition_ranks({}) == {}


@given(st.dictionaries(st.integers(), st.integers(0, 5)), st.randoms())
def test_rank_is_one_more_than_how_many_are_better(keys, random):
    shuffled = list(keys.items())
    random.shuffle(shuffled)
    assert competition_ranks(dict(shuffled)) == {
        each: 1 + sum(other > key for other in keys.values()) for each, key in keys.items()
    }


def test_names_of_the_regulation():
    assert len(set(KEY_INDUSTRIES)) == 10
    assert len(set(RECOGNITIONS)) == 8
    assert len(set(NATURES)) == 7


@pytest.mark.parametrize(
    "text, names",
    [
        (None, ()),
        ("", ()),
        ("无", ()),
        ("高新技术企业", ("高新技术企业",)),
        ("高新技术", ("高新技术企业",)),
        ("隐形冠军企业、高新技术企业", ("高新技术企业", "隐形冠军企业")),
        ("专精特新中小企业,瞪羚；独角兽企业", ("“专精特新”中小企业", "独角兽企业", "瞪羚企业")),
        ('"专精特新"中小企业', ("“专精特新”中小企业",)),
        ("「专精特新」中小企业，，", ("“专精特新”中小企业",)),
        ("瞪羚企业、瞪羚", ("瞪羚企业",)),
        (
            "科技型 中小企业\n创新型企业;技术创新示范企业",
            ("技术创新示范企业", "创新型企业", "科技型中小企业"),
        ),
    ],
)
def test_parse_recognitions(text, names):
    assert parse_recognitions(text) == names


@pytest.mark.parametrize(
    "text", ["创新型中小企业", "高新技术企业、龙头企业", "企业", "专精", "高新技术企业 瞪羚企业"]
)
def test_unknown_recognition_is_named(text):
    assert text.split("、")[-1] in said(parse_recognitions, text)


def test_every_name_reads_as_itself():
    assert [parse_recognitions(name) for name in RECOGNITIONS] == [(name,) for name in RECOGNITIONS]
    assert [parse_key_industry(name) for name in KEY_INDUSTRIES] == list(KEY_INDUSTRIES)
    assert [parse_nature(name) for name in NATURES] == list(NATURES)


def test_parse_key_industry_and_nature():
    assert parse_key_industry(None) == parse_key_industry("无") == ""
    assert parse_key_industry("现代海洋产业") == "现代海洋"
    assert "房地产" in said(parse_key_industry, "房地产")
    assert parse_nature("民营企业") == "民营"
    assert "私营" in said(parse_nature, "私营")
    assert said(parse_nature, None)


@pytest.mark.parametrize(
    "industry, recognitions, answer",
    [
        ("现代海洋", ("瞪羚企业",), True),
        ("现代海洋", (), False),
        ("", ("瞪羚企业",), False),
        ("房地产", ("瞪羚企业",), False),
        ("现代海洋", ("别的",), False),
    ],
)
def test_recognised_key_industry(industry, recognitions, answer):
    assert recognised_key_industry(industry, recognitions) is answer


def test_natures():
    assert [nature for nature in NATURES if is_private(nature)] == ["民营"]
    assert {nature: central_level(nature) for nature in NATURES if central_level(nature)} == {
        "驻青央企所属二级单位": 2,
        "驻青央企所属三级单位": 3,
    }


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("轴承自动检测装置", "轴承 自动检测装置", True),
        ("\uff21GV 改造", "agv改造", True),
        ("轴承自动检测装置", "轴承自动检测装置二代", False),
    ],
)
def test_what_belongs_to_an_enterprise_is_known_by_its_name(one, other, same):
    code = "91370202MA3DEMO012"
    assert (subject_key(code, one) == subject_key(code, other)) is same
    assert subject_key(code, one).startswith(f"{code}-") and len(subject_key(code, one)) <= 64
    assert subject_key(code) == code
