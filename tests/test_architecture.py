"""The house keeps its own sentences: read from the source, so that a breach fails before it runs."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from nominations.workflow import Workflow
from portal.acts import WORDS
from portal.permissions import MAY
from tests.test_rules_pure import MODULES as RULES

ROOT = Path(__file__).resolve().parent.parent
APPS = ("portal", "nominations", "review", "voting", "awards", "indicators")
CODE = sorted(
    path
    for app in APPS
    for path in (ROOT / app).rglob("*.py")
    if not {"migrations", "__pycache__"} & set(path.parts)
)
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
MOVES = {name for name in vars(Workflow) if hasattr(getattr(Workflow, name), "_django_fsm")}

#: Sentence 1: who may call for which move. Every other caller is a breach.
OWNERS = {
    "submit": {"nominations.services.declaring", "nominations.services.intake"},
    "repair": {"nominations.services.declaring"},
    "withdraw": {"nominations.services.declaring", "nominations.services.conclusion"},
    "recommend": {"nominations.services.recommending"},
    "send_back": {"nominations.services.returning"},
    "qualify": {"review.services.screening"},
    "put_to_vote": {"review.services.freezing"},
    "shortlist": {"awards.services.shortlisting", "awards.services.topping_up"},
    "publish": {"awards.services.publishing", "awards.services.correcting"},
    "unpublish": {"awards.services.correcting"},
    "honour": {"awards.services.naming"},
    "reject": {
        "nominations.services.conclusion",
        "review.services.screening",
        "review.services.rechecks",
        "review.services.freezing",
        "awards.services.closing_inspection",
        "awards.services.disposing",
        "awards.services.ending_found",
        "awards.services.referring",
        "awards.services.handling",
    },
    "refer": {"awards.services.referring"},
    "reinstate": {"awards.services.referring"},
}
#: Services that are asked under a hat and change nothing: they read, preview or write a paper out.
READING = re.compile(r"(read|preview|write|export)_|(duplicates|locked|may_edit|require_\w+|hats_below)$")
#: And these, each with its reason.
SILENT = {
    "keep_intake": "keeps a file between preview and applying; applying is on the record",
    "keep_inspections": "likewise",
    "save_sheet": "an expert's own draft, saved while typing; submitting is on the record",
    "declared": "a part of declare_clear and recuse, which are on the record",
    "freeze_count": "a part of close_poll, which is on the record with the digest",
    "keep_file": "likewise",
    "keep_answers": "likewise",
    "keep_round": "likewise",
    "keep_sheets": "likewise",
    "certificate_docx": "writes out what the naming, which is on the record, already said",
    "certificate_pdf": "likewise",
    "certificates_of": "likewise",
    "issue_decision": "a part of name_winners, which is on the record with the decision's number",
    "take_back": "a part of withdrawing and of deciding, which are on the record",
    "ask_file": "a large file is asked for; applying is on the record",
}


def module_of(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def called(call: ast.Call) -> str:
    """`advance` for advance(…), `audit.record` for audit.record(…), `self.x.advance` for that."""
    return ast.unparse(call.func)


def calls(node, *names):
    return [each for each in ast.walk(node) if isinstance(each, ast.Call) and called(each) in names]


def words_in(node) -> set[str]:
    return {
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }


def in_services(path: Path) -> bool:
    return path.parts[len(ROOT.parts) + 1] in ("services", "services.py")


# --- sentence 1: a nomination moves only through `advance`


def callers_of_advance():
    for path in CODE:
        for function in functions(tree_of(path)):
            for call in calls(function, "advance", "moves.advance", "services.advance"):
                move = call.args[1] if len(call.args) > 1 else None
                # A move held in a variable: every move named in the function counts as its own.
                moves = {move.value} if isinstance(move, ast.Constant) else words_in(function) & MOVES
                yield path, function.name, moves


def test_only_services_call_advance_and_each_move_has_its_owner():
    wrong, seen = [], set()
    for path, name, moves in callers_of_advance():
        assert in_services(path), f"{module_of(path)}.{name} is no service and calls advance"
        assert moves, f"{module_of(path)}.{name}: the move is not named"
        wrong += [
            f"{module_of(path)}.{name} {move}"
            for move in moves
            if module_of(path) not in OWNERS.get(move, ())
        ]
        seen |= moves
    assert wrong == []
    assert seen == MOVES == set(OWNERS)


def test_no_other_code_runs_a_transition_or_writes_a_state():
    door = "nominations.services.moves"
    for path in CODE:
        if module_of(path) == door:
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and called(node).endswith("nomination.save"):
                assert module_of(path).startswith("nominations.services"), module_of(path)
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in MOVES
            ):
                owner = ast.unparse(node.func.value)
                assert not owner.endswith("nomination"), f"{module_of(path)}: {ast.unparse(node)}"


def test_every_move_is_in_the_table_of_who_may():
    assert {f"nominations.{move}" for move in MOVES} <= set(MAY)


# --- sentence 2 and 9: rules


def test_every_module_of_rules_is_held_to_its_rules():
    on_disk = {
        module_of(path)
        for path in CODE
        if (path.name == "rules.py" or path.parent.name == "rules") and functions(tree_of(path))
    }
    assert on_disk <= set(RULES)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_has_no_clock_of_its_own(name):
    path = ROOT / Path(*name.split(".")).with_suffix(".py")
    path = path if path.exists() else path.with_suffix("") / "__init__.py"
    clocks = [
        called(node)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and re.search(r"\b(now|today|utcnow|localdate)$", called(node))
    ]
    assert clocks == []


# --- sentence 8: the clock comes in by the door


def test_services_take_the_clock_as_an_argument():
    clocks = [
        f"{module_of(path)}: {called(node)}"
        for path in CODE
        if in_services(path)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and re.fullmatch(
            r"(timezone|datetime|dt\.datetime|date|dt\.date)\.(now|today|utcnow)|.*time\.time", called(node)
        )
    ]
    assert clocks == []


# --- sentence 5: who may is one table, who did is one log


def literal_acts(*names):
    for path in CODE:
        for call in calls(tree_of(path), *names):
            for argument in call.args[:2]:
                if isinstance(argument, ast.Constant) and "." in str(argument.value):
                    yield path, argument.value


def test_every_act_that_is_asked_for_is_in_the_table():
    asked = {act: module_of(path) for path, act in literal_acts("require", "can")}
    for path in TEMPLATES:
        for act in re.findall(r"{%\s*can\s+\"([\w.]+)\"", path.read_text("utf-8")):
            asked[act] = path.name
    assert asked and {act: where for act, where in asked.items() if act not in MAY} == {}


def test_every_act_on_the_record_has_a_word():
    written = {act: module_of(path) for path, act in literal_acts("audit.record", "record")}
    written |= dict.fromkeys(MAY, "permissions")
    assert {act: where for act, where in written.items() if act not in WORDS} == {}


GROUND_SERVICES = ("portal.calendar", "portal.notify", "portal.verification")


def service_functions():
    for path in CODE:
        if in_services(path) or module_of(path) in GROUND_SERVICES:
            for function in tree_of(path).body:
                if isinstance(function, ast.FunctionDef):
                    yield path, function


def recording() -> set[str]:
    """Names of the functions that record, by themselves or through one that does."""
    known = {"audit.record", "advance", "close_step"}
    while True:
        more = {
            function.name
            for _path, function in service_functions()
            if function.name not in known
            and any(
                called(call).rpartition(".")[2] in known or called(call) in known for call in _calls(function)
            )
        }
        if not more:
            return known
        known |= more


def _calls(function):
    return [node for node in ast.walk(function) if isinstance(node, ast.Call)]


def _keywords(function) -> set[str]:
    """What a service takes by keyword alone; a sweep acts under the machine's own hat."""
    machine = {"by"} if "Membership.objects.system()" in ast.unparse(function) else set()
    return {argument.arg for argument in function.args.kwonlyargs} | machine


def test_every_service_that_is_given_a_hat_leaves_a_line_on_the_record():
    known = recording()
    silent = [
        f"{module_of(path)}.{function.name}"
        for path, function in service_functions()
        if not function.name.startswith("_")
        and "by" in {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
        and function.name not in known
        and not READING.match(function.name)
        and function.name not in SILENT
    ]
    assert silent == []


def test_services_are_asked_by_keyword_under_a_hat_and_a_clock():
    """`by` and `now` are never positional: nobody passes them by accident."""
    wrong = [
        f"{module_of(path)}.{function.name}"
        for path, function in service_functions()
        if in_services(path)
        and not function.name.startswith("_")
        and "audit.record" in {called(call) for call in _calls(function)}
        and not {"by", "now"} <= _keywords(function)
    ]
    assert wrong == []


def test_only_services_and_the_ground_write_the_record():
    """And the two workshops that make demo data, and the back rooms that record what they change."""
    allowed = re.compile(r"portal\b|\w+\.services\b|\w+\.admin\b|awards\.(demonstration|rehearsal)\b")
    wrong = [
        module_of(path)
        for path in CODE
        if calls(tree_of(path), "audit.record") and not allowed.match(module_of(path))
    ]
    assert wrong == []


# --- sentence 3: a view never decides


def test_views_write_no_rows():
    """A view may mark a bell as read; everything else that is written is written by a service."""
    writing = re.compile(
        r"\.(save|delete|bulk_create|bulk_update|get_or_create|update_or_create)$|objects\.create$"
    )
    wrong = [
        f"{module_of(path)}: {ast.unparse(node)[:60]}"
        for path in CODE
        if "views" in path.parts or path.name == "views.py"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and writing.search(called(node)) and "session" not in called(node)
    ]
    assert wrong == []


# --- the shape of the house


def test_no_file_is_too_long():
    long = {module_of(path): n for path in CODE if (n := len(path.read_text("utf-8").splitlines())) > 400}
    assert long == {}


def test_nobody_gave_up_looking_for_the_word():
    banned = re.compile(r"(utils?|helpers?|common|misc)(\.py)?$")
    assert [
        str(path) for path in CODE if any(banned.fullmatch(part) for part in path.relative_to(ROOT).parts)
    ] == []


def test_the_contracts_of_the_floors_are_there():
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    assert tool["root_packages"] == list(APPS)
    first = tool["contracts"][0]
    assert first["layers"] == ["indicators", "awards", "review | voting", "nominations", "portal"]
    assert len(tool["contracts"]) >= 5
    assert not any(contract.get("ignore_imports") for contract in tool["contracts"])


# --- strict CSP: nothing inline


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_has_nothing_inline(path):
    text = re.sub(
        r"{%\s*comment.*?endcomment\s*%}|{[%#].*?[%#]}|{{.*?}}", "", path.read_text("utf-8"), flags=re.S
    )
    for tag in re.findall(r"<[a-zA-Z][^<>]*>", text):
        assert not re.search(r"\sstyle\s*=", tag), tag
        assert not re.search(r"\son[a-z]+\s*=", tag), tag
        assert "javascript:" not in tag, tag
        if tag.startswith("<script"):
            # A block of data is never run.
            assert " src=" in tag or re.search(r'type="application/(ld\+)?json"', tag), tag
        assert not tag.startswith("<style"), tag
