"""What is handed out of a drawn list: the file that can be computed again, and 综合成绩表.xlsx."""

import json
from dataclasses import replace

from django.utils import timezone

from awards import resultform
from awards.models import ShortlistAddition
from awards.services.board import TIE_CLAUSES, TIE_WORDS, board_of
from awards.services.frozen_results import speaking
from awards.services.shortlisting import drawn
from nominations import subjects
from nominations.models import Edition
from nominations.order import STEPS
from nominations.states import StepKind
from portal.figures import exact_text
from portal.models import Membership
from portal.permissions import require
from portal.workbook import Column, Leaf, write_leaves

COMPOSITE_COLUMNS = (
    Column("序号", "number", "integer"),
    Column("企业名称", "name"),
    Column("统一社会信用代码", "credit_code", code=True),
    Column("推荐单位", "recommender"),
    Column("专家得分", "expert_score", "decimal"),
    Column("有效票", "picks", "integer"),
    Column("投票折算分", "vote_score", "decimal"),
    Column("权重（专家:投票）", "weights"),
    Column("综合得分", "composite", "decimal"),
    Column("名次", "rank", "integer"),
    Column("是否入围考察", "shortlisted", "boolean"),
    Column("同分处理", "tie"),
)
NOTES = (Column("项目", "item", width=18), Column("内容", "words", width=72))


def result_bytes(shortlist) -> bytes:
    """result.json as it is handed out: for the eye, in the order of its form; `verify_result` reads it."""
    order = ("format", "edition", "rules", "nominations", "result", "sha256", "signature")
    ordered = {key: shortlist.sealed[key] for key in order if key in shortlist.sealed}
    return json.dumps(ordered, ensure_ascii=False, indent=1).encode("utf-8")


def write_composite_table(edition: Edition, out, *, by: Membership) -> None:
    """Write 综合成绩表.xlsx to `out` (a path or a binary file): the list, and by which rules it was made."""
    require(by, "awards.export", edition)
    board = board_of(drawn(edition))
    weights = f"{exact_text(board.rules.expert_weight)}:{exact_text(board.rules.vote_weight)}"
    rows = (
        {
            "number": number,
            **subjects.cells_of(edition, line.row.nomination),
            "recommender": line.row.nomination.recommender.name,
            "expert_score": line.row.expert_score,
            "picks": line.row.picks,
            "vote_score": line.row.vote_score,
            "weights": weights,
            "composite": line.row.composite,
            "rank": line.row.rank,
            "shortlisted": line.row.shortlisted,
            "tie": line.tie_word,
        }
        for number, line in enumerate(board.lines, start=1)
    )
    title = f"{edition.title}综合成绩表"
    heads = _there(
        board, [*COMPOSITE_COLUMNS[:2], *subjects.subject_columns(edition), *COMPOSITE_COLUMNS[2:]]
    )
    write_leaves(
        out,
        [
            Leaf("综合成绩表", title, heads, rows, footer=True),
            Leaf("说明", f"{title}说明", NOTES, _notes(edition, board), subtitle=" "),
        ],
    )


#: The columns that belong to a part of the score.
EXPERT, VOTE = frozenset({"expert_score", "weights"}), frozenset({"picks", "vote_score", "weights"})


def _there(board, columns) -> list[Column]:
    """The columns of the parts and steps the edition has."""
    gone = (frozenset() if board.reviewed else EXPERT) | (frozenset() if board.voted else VOTE)
    kept = [column for column in columns if column.key not in gone]
    if board.inspected:
        return kept
    return [replace(each, name="是否在名额以内") if each.key == "shortlisted" else each for each in kept]


def _notes(edition, board):
    """By which rules the list was made, from the frozen file itself, and what came after it."""
    shortlist, rules = board.shortlist, board.rules
    form = resultform.read(shortlist.sealed)
    yield "生成时间", f"{timezone.localtime(shortlist.drawn_at):%Y-%m-%d %H:%M}"
    yield "命名名额", f"{rules.seats} 家（委员会决定）"
    if left_out := [str(StepKind(step).label) for step in STEPS if step not in form.settings.steps]:
        yield "本届不设", f"{'、'.join(left_out)}（委员会决定）"
    yield from _size_notes(board)
    if shortlist.warning:
        yield "提示", shortlist.warning
    yield (
        "综合得分",
        f"{_composite_rule(board)}（委员会决定）；表中的数四舍五入到两位小数，排序按未舍入的准确值",
    )
    if board.voted:
        yield "投票折算分", "有效票 ÷ 最高有效票 × 100；隔离的异常票不计"
    if board.reviewed:
        yield "专家得分", _expert_rule(edition, form.settings)
    yield (
        "同分处理",
        "；".join(
            f"{number}. {TIE_WORDS[name]}（{_clause(name)}）"
            for number, name in enumerate(speaking(edition), start=1)
        )
        + ("；末位仍完全相同的，全部列入" if board.inspected else "；仍完全相同的，名次并列"),
    )
    yield "摘要（SHA-256）", shortlist.digest
    if shortlist.signature:
        yield "签名（Ed25519）", shortlist.signature
        yield "签名公钥", shortlist.key_name
    additions = ShortlistAddition.objects.filter(row__shortlist=shortlist)
    for addition in additions.select_related("row__nomination", "instead_of"):
        yield "递补考察", _addition(addition)


def _size_notes(board):
    if not board.inspected:
        yield "名额以内", f"{len(board.chosen)} 家，其中因末位并列比名额多 {board.shortlist.grew_by} 家"
        return
    ratio = exact_text(board.rules.ratio)
    yield "应考察家数", f"{board.shortlist.size} 家：名额的 {ratio} 倍，不足 1 家的按 1 家计（S1 四.3⑤）"
    yield "列入考察", f"{len(board.chosen)} 家，其中因末位并列增加 {board.shortlist.grew_by} 家"


def _composite_rule(board) -> str:
    rules = board.rules
    if not board.voted:
        return "即专家得分，本届不设公众投票"
    if not board.reviewed:
        return "即投票折算分，本届不设专家评审"
    return f"专家得分 × {exact_text(rules.expert_weight)}% ＋ 投票折算分 × {exact_text(rules.vote_weight)}%"


def _clause(name):
    code = TIE_CLAUSES[name]
    return "委员会决定" if code == "委员会" else code


def _expert_rule(edition, settings):
    weights = "、".join(
        f"{name} {exact_text(settings.dimension_weights[code])}%"
        for code, name in edition.dimensions.values_list("code", "name")
    )
    trimmed = (
        f"有效评分表达到 {settings.trim_from} 份的，去掉一个最高分和一个最低分后平均"
        if settings.trim_from
        else "取有效评分表的平均"
    )
    return f"各方面权重：{weights}；{trimmed}；至少 {settings.min_sheets} 份有效评分表（委员会决定）"


def _addition(addition):
    row = addition.row
    why = f"因{addition.instead_of}退出递补" if addition.instead_of else "与同时递补的企业名次相同，一并递补"
    minute = f"（{addition.minute}）" if addition.minute else ""
    day = timezone.localtime(addition.added_at)
    return f"第 {row.rank} 名 {row.nomination}，{why}，{day:%Y-%m-%d}：{addition.reason}{minute}"
