"""What a form hands to its service."""

import pytest
from django import forms

from portal.forms import ServiceForm


class Form(ServiceForm):
    reason = forms.CharField(max_length=6)
    text = forms.CharField(required=False, widget=forms.Textarea)
    password = forms.CharField(strip=False, widget=forms.PasswordInput, required=False)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("弄虚\x0b作假", "弄虚作假"),
        ("\x00\x01弄虚作假\x08\x1f", "弄虚作假"),
        ("一二三四五六\x02\ufffe\uffff", "一二三四五六"),
        ("甲\t乙\n丙", "甲\t乙\n丙"),
    ],
)
def test_control_characters_go_nowhere(typed, kept):
    form, got = Form({"reason": typed, "text": typed}), {}
    assert form.perform(got.update), form.errors
    assert (got["reason"], got["text"]) == (kept, kept)


def test_nothing_but_control_characters_is_nothing():
    form = Form({"reason": "\x01\x02"})
    assert not form.is_valid() and list(form.errors) == ["reason"]


def test_a_password_stays_as_it_was_typed():
    form = Form({"reason": "演示", "password": " a\x01 "})
    assert form.is_valid() and form.cleaned_data["password"] == " a\x01 "
