"""The picture of the machine in the handbook is the machine as it is."""

from pathlib import Path
from xml.etree import ElementTree

from nominations.management.commands.graph_workflow import picture

HANDBOOK = Path(__file__).parents[2] / "docs" / "handbook" / "workflow.svg"
SVG = "{http://www.w3.org/2000/svg}"


def test_the_committed_picture_is_current():
    assert HANDBOOK.read_text("utf-8") == picture()


def test_every_state_has_a_box_and_every_move_a_word():
    root = ElementTree.fromstring(picture())
    words = [node.text for node in root.iter(f"{SVG}text")]
    states = [
        "起草",
        "审核推荐",
        "资格审查",
        "专家评审",
        "公众投票",
        "差额考察",
        "公示",
        "命名",
        "不予通过",
        "撤回",
    ]
    moves = [
        "提交",
        "推荐",
        "退回",
        "补正",
        "资格合格",
        "提名",
        "列入考察名单",
        "公示",
        "命名",
        "不予通过",
        "撤回",
    ]
    assert not set(states + moves) - set(words)
    assert words.count("退回") == 2
    assert len(list(root.iter(f"{SVG}rect"))) == len(states) + 1


def test_a_step_left_out_is_said_and_not_drawn():
    root = ElementTree.fromstring(picture())
    words = [node.text for node in root.iter(f"{SVG}text")]
    assert any("不设专家评审、公众投票或差额考察" in each for each in words)
    # One line down to each of the next seven, as in an edition with all six steps.
    assert [words.count(each) for each in ("资格合格", "列入考察名单", "撤下公示")] == [1, 1, 1]
