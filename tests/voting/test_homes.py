import subprocess
import sys

import pytest

from voting.rules.homes import home


@pytest.mark.parametrize(
    "number, area, expected",
    [
        ("13853200000", "青岛市", "local"),
        ("13853200000", "青岛", "local"),
        ("13853200000", "山东省青岛市", "local"),
        ("13853200000", "济南市", "away"),
        ("15066668888", "青岛市", "away"),  # 济南
        ("13001000000", "青岛市", "away"),  # 北京
        ("13853200000", "", ""),  # the poll names no area
        ("19912345678", "青岛市", ""),  # nobody knows where
        ("16212345678", "青岛市", "virtual"),
        ("16512345678", "青岛市", "virtual"),
        ("16712345678", "青岛市", "virtual"),
        ("17012345678", "青岛市", "virtual"),
        ("17112345678", "", "virtual"),
        ("16612345678", "", ""),
        ("17212345678", "", ""),
    ],
)
def test_where_a_number_was_issued(number, area, expected):
    assert home(number, area) == expected


def test_the_tables_are_loaded_only_where_a_poll_names_its_area():
    code = (
        "import sys\nfrom voting.rules.homes import home\n"
        "home('13853200000', '')\nhome('17012345678', '青岛市')\n"
        "assert 'phonenumbers' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
