"""How dates, money, scores, states and clauses are written."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from django import forms
from django.template import Context, Template
from django.utils.translation import override

from nominations.states import State
from portal.clauses import CLAUSES, find_clause
from portal.templatetags import portal as display

HOUSE = Path(__file__).resolve().parents[2]


def page(source, **context):
    with override("zh-hans"):
        return Template(source).render(Context(context))


def test_dates_are_written_in_full_with_the_weekday():
    with override("zh-hans"):
        assert display.cndate(date(2026, 9, 24)) == "2026年9月24日 (周四)"
        assert display.cndate(None) == ""
    with override("en"):
        assert display.cndate(date(2026, 9, 24)) == "24 September 2026 (Thu)"


def test_a_moment_is_told_on_the_clock_of_the_city():
    with override("zh-hans"):
        assert display.cndatetime(datetime(2026, 9, 23, 16, 5, tzinfo=UTC)) == "2026年9月24日 (周四) 00:05"


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (Decimal("300000"), "¥300,000.00"),
        (0, "¥0.00"),
        (Decimal("-1234.5"), "\N{MINUS SIGN}¥1,234.50"),
        (None, "—"),
    ],
)
def test_money(amount, written):
    assert display.yuan(amount) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Fraction(27413, 300), "91.38"),
        ("27413/300", "91.38"),
        ("0.005", "0.01"),
        (Decimal("2.675"), "2.68"),
        (Fraction(-1, 200), "\N{MINUS SIGN}0.01"),
        (Fraction(-1, 300), "0.00"),
        (100, "100.00"),
        (0, "0.00"),
        (None, "—"),
        ("none", "—"),
        ("1/0", "—"),
    ],
)
def test_scores_round_half_up_for_the_eye(value, written):
    assert display.score(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Fraction(145, 2), "72.5"),
        (Fraction(70), "70"),
        (Decimal("1.20"), "1.2"),
        (Fraction(1, 3), "1/3"),
        (0, "0"),
        (None, ""),
    ],
)
def test_a_weight_is_written_as_it_is(value, written):
    assert display.exact(value) == written


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_badge_of_icon_and_word(state):
    word, icon, _tone = display.STATES[state.value]
    badge = page("{% state name %}", name=state.value)
    with override("zh-hans"):
        assert word == str(state.label)
    assert word in badge
    assert f"bi-{icon}" in badge


def test_every_clause_cited_in_the_code_can_be_opened():
    cited = set()
    for app in ("nominations", "review", "voting", "awards", "portal"):
        for file in (HOUSE / app).rglob("*.py"):
            cited |= set(re.findall(r"S1 [一二三四五](?:\.\d)?[①-⑥]?", file.read_text()))
    assert len(cited) > 5
    assert cited - set(CLAUSES) == set()


def test_a_chip_opens_its_clause_and_says_where_it_stands():
    chip = page('{% clause "S1 四.3⑤" %}')
    note = re.search(r'popovertarget="([\w-]+)"', chip)
    assert note and f'id="{note[1]}"' in chip
    assert "1∶1.2" in chip and "2020年4月16日" in chip


def test_what_the_committee_decided_is_never_shown_as_the_regulation():
    chip = page('{% clause "委员会" %}')
    assert "委员会决定，法规未作规定" in chip
    assert "关于培育选树" not in chip
    assert find_clause("委员会决定") is CLAUSES["委员会"]
    with pytest.raises(KeyError):
        find_clause("S1 九.9")


class Sheet(forms.Form):
    code = forms.CharField(label="信用代码", help_text="18 位")
    staff = forms.IntegerField(label="职工人数", required=False)


def test_a_field_names_its_error_to_those_who_do_not_see_it():
    form = Sheet(data={"code": "", "staff": "x"})
    html = page('{% include "components/field.html" %}', field=form["code"])
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_code_helptext id_code_error"' in html
    assert 'id="id_code_helptext"' in html and 'id="id_code_error"' in html
    assert "选填" not in html
    assert "选填" in page('{% include "components/field.html" %}', field=form["staff"])


def test_the_summary_links_to_each_wrong_field():
    form = Sheet(data={"code": "", "staff": "x"})
    html = page('{% include "components/form_errors.html" %}', form=form)
    assert re.findall(r'href="#(\w+)"', html) == ["id_code", "id_staff"]


def test_no_template_carries_inline_style_or_script():
    for file in (HOUSE / "templates").rglob("*.html"):
        text = file.read_text()
        found = re.search(r"<[^>{%]*\s(?:style|on[a-z]+)=|<style|<script(?![^>]*\bsrc=)(?![^>]*json)", text)
        assert found is None, f"{file}: {found and found[0]}"
