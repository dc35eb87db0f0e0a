"""The English catalogue is of today, complete, and fills the places its sentences have."""

from pathlib import Path

from django.utils.translation import gettext, override

from portal import messages

ROOT = Path(__file__).parents[2]


def test_every_sentence_of_today_is_in_the_catalogue():
    today = {(str(message.id), message.context) for message in messages.collect(ROOT) if message.id}
    kept = {(str(message.id), message.context) for message in messages.read_catalogue(ROOT) if message.id}
    assert sorted(str(each[0]) for each in today - kept) == []
    assert sorted(str(each[0]) for each in kept - today) == []


def test_english_is_complete():
    assert messages.untranslated(messages.read_catalogue(ROOT)) == []


def test_english_fills_the_same_places():
    assert messages.misplaced(messages.read_catalogue(ROOT)) == []


def test_a_marked_sentence_is_found_wherever_it_is_marked(tmp_path):
    (tmp_path / "portal").mkdir()
    (tmp_path / "templates").mkdir()
    code = 'raise Refused("不行，{who}。", who=_("人"))\nN_("题")\n'
    page = '{% translate "页" as page %}{% blocktranslate with n=1 %}共 {{ n }} 家{% endblocktranslate %}'
    (tmp_path / "portal" / "one.py").write_text(code, "utf-8")
    (tmp_path / "templates" / "two.html").write_text(page, "utf-8")
    assert {message for _file, message, _context in messages.found(tmp_path)} == {
        "不行，{who}。",
        "人",
        "题",
        "页",
        "共 %(n)s 家",
    }


def test_compiled_english_is_what_django_says():
    messages.compile_catalogue(ROOT)
    with override("en"):
        assert gettext("登录") == "Sign in"
