"""An edition that leaves steps out, from the last score to the conclusion."""

import io
import json
import re
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from awards import resultfile
from awards.models import Look, Notice, Shortlist
from awards.services import (
    correcting,
    looks,
    naming,
    publishing,
    result_checking,
    shortlist_papers,
    shortlisting,
    topping_up,
    whatif,
)
from awards.services.board import board_of, recompute
from awards.services.ending_found import refuse_found
from awards.todos import todos
from nominations.models import Edition
from nominations.services import advance
from nominations.services.conclusion import conclude
from nominations.services.renaming import rename
from portal import invariants
from portal.errors import Refused
from review.services import rechecks
from tests import factories as make
from tests.awards.objections import act, lodge
from tests.awards.shortened import COMBINATIONS, listable, order, ranked, scored, states, visit, weights
from tests.awards.stage import AFTER, PUBLISHING
from tests.awards.test_rechecked import found
from tests.awards.test_shortlisting import past_the_guards

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]

# By hand, from `voted.FIELD`: experts A 90, B 80, D 73, C 70, E 60; votes A 100, C 70, D 63, B 50, E 10; with
# 70 and 30 %, A 93, B 71, then C and D 70 each, of whom D has the better expert score. Two seats: 3 visits.
# Left out: the order, who is on the list, and where those on it and the others stand once it is drawn.
EXPECTED = {
    ("voting",): ("ABDCE", "ABD", "inspection", "review"),
    ("review",): ("ACDBE", "ACD", "inspection", "voting"),
    ("inspection",): ("ABDCE", "AB", "voting", "voting"),
    ("voting", "inspection"): ("ABDCE", "AB", "review", "review"),
    ("review", "inspection"): ("ACDBE", "AC", "voting", "voting"),
}
each_combination = pytest.mark.parametrize("off", COMBINATIONS, ids="+".join)
unvisited = pytest.mark.parametrize("off", [off for off in COMBINATIONS if "inspection" in off], ids="+".join)


def office_of(edition):
    return make.hat("office", edition.host)


def publish(edition, **words):
    edition = Edition.objects.get(pk=edition.pk)
    chosen = words.pop("chosen", None) or publishing.propose(edition).ids
    return publishing.publish_notice(
        edition, chosen=chosen, by=office_of(edition), **{"now": PUBLISHING} | words
    )


#: The chain is closed at commit, and the votes are put there by hand.
BY_HAND = {"record_chain_holds", "vote_result_is_as_digested"}


def broken() -> dict[str, list[str]]:
    """What does not hold, on any floor."""
    return invariants.broken({check.name for check in invariants.all_checks()} - BY_HAND)


@each_combination
def test_a_whole_run_from_the_last_score_to_the_conclusion(off):
    expected, chosen, above, below = EXPECTED[off]
    edition, nominations = ranked(off)
    assert order(edition, nominations) == expected
    listed = [row.nomination_id for row in edition.shortlist.rows.filter(shortlisted=True)]
    assert listed == [nominations[name].pk for name in chosen]
    assert states(nominations) == {name: above if name in chosen else below for name in "ABCDE"}
    assert broken() == {}

    if "inspection" not in off:
        visit(edition)
    notice = publish(edition)
    first, second = expected[:2]
    assert states(nominations)[first] == states(nominations)[second] == "publicity"
    assert [row.nomination_id for row in notice.rows.order_by("position")] == [
        nominations[first].pk,
        nominations[second].pk,
    ]
    assert broken() == {}

    honours = naming.name_winners(edition, decision="演示工发2026-9号", by=office_of(edition), now=AFTER)
    assert [honour.nomination_id for honour in honours] == [nominations[first].pk, nominations[second].pk]
    conclude(edition, by=office_of(edition), now=AFTER)
    ended = {name: "named" if name in (first, second) else "rejected" for name in "ABCDE"}
    assert states(nominations) == ended
    assert not edition.steps.filter(enabled=True, closed_at=None).exists()
    assert broken() == {}


@each_combination
def test_the_result_file_names_the_steps_and_computes_again(off):
    edition, _ = ranked(off)
    held = edition.shortlist
    sealed = json.loads(shortlist_papers.result_bytes(held))
    assert sealed["format"] == "xuanshu-result/3"
    every = ["recommendation", "screening", "review", "voting", "inspection", "publicity"]
    assert sealed["edition"]["steps"] == [step for step in every if step not in off]
    one, row = sealed["nominations"][0], sealed["result"]["rows"][0]
    assert (one["sheets"] is None, row["expert_score"] is None) == ("review" in off,) * 2
    assert (one["picks"] is None, row["vote_score"] is None) == ("voting" in off,) * 2
    rules = sealed["rules"]
    assert [rules[key] is None for key in ("dimension_weights", "min_sheets")] == ["review" in off] * 2
    assert rules["ratio"] == (None if "inspection" in off else "6/5")
    assert resultfile.verify(sealed, held.key_name) == []
    assert recompute(held) == []
    raw = io.BytesIO(shortlist_papers.result_bytes(held))
    raw.size = len(raw.getvalue())
    checked = result_checking.check_file(held, file=raw)
    assert (checked.holds, checked.signed, checked.is_list) == (True, "ours", True)


def test_every_step_there_writes_the_format_it_always_wrote():
    edition, _ = ranked(())
    assert edition.shortlist.sealed["format"] == "xuanshu-result/2"
    assert "steps" not in edition.shortlist.sealed["edition"]


# What is changed in the file of an edition without a vote and without visits, and what is said of it.
TAMPERED = (
    (lambda data: data["edition"]["steps"].append("voting"), "edition.steps"),
    (lambda data: data["edition"]["steps"].remove("publicity"), "不能停用"),
    (lambda data: data["edition"]["steps"].remove("review"), "至少启用一项"),
    (lambda data: data["edition"].pop("steps"), "edition.steps"),
    (lambda data: data["nominations"][0].update(picks=5), "不设的环节"),
    (lambda data: data["nominations"][0].update(sheets=None), "nominations[0].sheets"),
    (lambda data: data["rules"].update(ratio="6/5"), "不设的环节"),
    (lambda data: data["rules"].update(min_sheets=None), "rules.min_sheets"),
    (lambda data: data["result"]["rows"][0].update(vote_score="100"), "不设的环节"),
    (lambda data: data["rules"].update(expert_weight="70", vote_weight="30"), "缺少计入综合得分的成绩"),
    (lambda data: data.update(format="xuanshu-result/2"), "edition.steps"),
    (lambda data: data["result"]["rows"][0].update(shortlisted=False), "是否在名额以内"),
)


@pytest.mark.parametrize(("change", "said"), TAMPERED, ids=range(len(TAMPERED)))
def test_a_changed_file_does_not_hold(change, said):
    edition, _ = ranked(("voting", "inspection"))
    data = json.loads(shortlist_papers.result_bytes(edition.shortlist))
    change(data)
    assert said in "".join(resultfile.verify(data))


def test_a_complete_list_of_steps_has_no_shortened_form():
    edition, _ = ranked(("voting",))
    data = json.loads(shortlist_papers.result_bytes(edition.shortlist))
    data["edition"]["steps"] = ["recommendation", "screening", "review", "voting", "inspection", "publicity"]
    assert "edition.steps" in "".join(resultfile.verify(data))


def test_an_unsigned_shortened_file_is_not_written():
    edition, _ = ranked(("voting",))
    with pytest.raises(ValueError, match="review"):
        resultfile.build(
            resultfile.Edition(edition.pk, edition.title, 2026),
            shortlisting.settings_of(edition),
            shortlisting.entries_of(edition),
        )


EQUALS = {"A": ("90", 90, {}), "B": ("80", 50, {}), "C": ("80", 50, {}), "D": ("70", 10, {"nature": "国有"})}


@unvisited
def test_equals_at_the_last_seat_are_both_within_and_the_committee_chooses(off):
    edition, nominations = ranked(off, EQUALS)
    assert order(edition, nominations) == "A(BC)D"
    held = edition.shortlist
    assert (held.size, held.grew_by) == (2, 1)
    assert held.warning == "第 2 名有并列，综合得分和同分规则各项都相同，比名额多 1 家，由委员会研究决定。"
    assert [row.tie for row in held.rows.order_by("rank", "nomination_id")] == ["", "equal", "equal", ""]
    proposed = publishing.propose(edition)
    assert proposed.ids == (nominations["A"].pk,)
    assert {row.nomination_id for row in proposed.undecided} == {nominations["B"].pk, nominations["C"].pk}
    with pytest.raises(Refused, match="次序不一致"):
        publish(edition, chosen=[nominations["A"].pk, nominations["C"].pk])
    publish(
        edition,
        chosen=[nominations["A"].pk, nominations["C"].pk],
        departs="同分，委员会研究决定",
        minute="演示纪要2026-3号",
    )
    assert states(nominations)["C"] == "publicity"
    assert broken() == {}


def test_without_experts_their_tie_rule_does_not_speak():
    """Equal votes: the private one first; of the two others nothing parts them, whatever the rules say."""
    field = {"A": ("90", 50, {"nature": "国有"}), "B": ("10", 50, {}), "C": ("20", 50, {"nature": "国有"})}
    edition, nominations = ranked(("review", "inspection"), field)
    assert order(edition, nominations) == "B(AC)"
    ties = {row.nomination_id: row.tie for row in edition.shortlist.rows.all()}
    assert ties == {
        nominations["B"].pk: "private",
        nominations["A"].pk: "equal",
        nominations["C"].pk: "equal",
    }
    assert [word for word, _clause in shortlisting.plan(edition).tie_break] == [
        "民营企业优先",
        "“十强产业”并获省部级及以上认定优先",
    ]


# The first against the second: only the part there is is spoken of.
WORDS = {
    ("voting", "inspection"): [
        "第 1 名“演示A企业（演示）”（前者）和第 2 名“演示B企业（演示）”（后者）都在名额以内，前者在前。",
        "前者综合得分 90.00，后者 80.00，相差 10.00（按未舍入的值比较）。",
        "本届不设公众投票，综合得分即专家得分。",
    ],
    ("review", "inspection"): [
        "第 1 名“演示A企业（演示）”（前者）和第 2 名“演示C企业（演示）”（后者）都在名额以内，前者在前。",
        "前者综合得分 100.00，后者 70.00，相差 30.00（按未舍入的值比较）。",
        "本届不设专家评审，综合得分即投票得分。",
    ],
}


@pytest.mark.parametrize("off", WORDS, ids="+".join)
def test_the_reasons_say_only_the_parts_there_are(off):
    board = board_of(ranked(off)[0].shortlist)
    assert [str(each) for each in board.between(board.lines[0], board.lines[1])] == WORDS[off]
    assert str(board.cut[0]).endswith("是候补。")


HEADS = {
    ("voting",): (["专家得分"], "是否入围考察"),
    ("review",): (["有效票", "投票折算分"], "是否入围考察"),
    ("inspection",): (["专家得分", "有效票", "投票折算分", "权重（专家:投票）"], "是否在名额以内"),
    ("voting", "inspection"): (["专家得分"], "是否在名额以内"),
    ("review", "inspection"): (["有效票", "投票折算分"], "是否在名额以内"),
}


@pytest.mark.parametrize("off", HEADS, ids="+".join)
def test_the_table_has_the_columns_there_are(off):
    edition, _ = ranked(off)
    out = io.BytesIO()
    shortlist_papers.write_composite_table(edition, out, by=office_of(edition))
    book = load_workbook(io.BytesIO(out.getvalue()))
    rows = book.worksheets[0].iter_rows(values_only=True)
    head = next([cell for cell in row if cell] for row in rows if "名次" in row)
    parts, inside = HEADS[off]
    assert head[head.index("推荐单位") + 1 :] == [*parts, "综合得分", "名次", inside, "同分处理"]
    notes = dict(row[:2] for row in book.worksheets[1].iter_rows(values_only=True) if row[0])
    assert ("专家得分" in notes, "投票折算分" in notes) == ("review" not in off, "voting" not in off)
    assert ("应考察家数" in notes) == ("inspection" not in off)


# --- the order is drawn first, and only after its step is closed


@unvisited
def test_nothing_is_published_before_the_order_is_drawn(off):
    edition, nominations = scored(off)
    assert publishing.propose(edition).passed == []
    with pytest.raises(Refused, match="综合排序还没有生成"):
        publish(edition, chosen=[nominations["A"].pk])
    assert set(states(nominations).values()) == {EXPECTED[off][3]}
    assert [line.verb for line in todos(office_of(edition), now=PUBLISHING)] == ["计算综合排序"]


@pytest.mark.parametrize(
    ("off", "step"), [(("voting", "inspection"), "专家评审"), (("review", "inspection"), "公众投票")]
)
def test_nothing_is_published_or_drawn_before_the_last_score_is_closed(off, step):
    edition = make.edition(off=off, **weights(off))
    nomination = make.nomination(edition, state="screening")
    advance(nomination, "qualify", by=office_of(edition), now=PUBLISHING)
    with pytest.raises(Refused, match=f"“{step}”环节还没有关闭"):
        publish(edition, chosen=[nomination.pk])
    with pytest.raises(Refused, match=f"{step}的结果都冻结后才能计算综合排序"):
        shortlisting.ask_shortlist(edition, by=office_of(edition), now=PUBLISHING)
    assert not looks.fresh([nomination.pk], PUBLISHING.date())[nomination.pk].found
    with pytest.raises(Refused, match="请选择"):
        look(edition, nomination)


@unvisited
def test_once_drawn_the_office_is_told_to_publish_and_not_to_visit(off):
    edition, _ = ranked(off)
    assert [line.verb for line in todos(office_of(edition), now=PUBLISHING)] == ["发布公示"]
    assert not topping_up.propose(edition).possible


@pytest.mark.parametrize("off", [("voting",), ("review",)], ids="+".join)
def test_with_visits_the_office_is_told_to_draw_and_then_to_visit(off):
    edition, _ = scored(off)
    assert [line.verb for line in todos(office_of(edition), now=PUBLISHING)] == ["计算考察名单"]
    asked = shortlisting.ask_shortlist(edition, by=office_of(edition), now=PUBLISHING)
    shortlisting.draw_shortlist(asked.pk, now=PUBLISHING)
    assert [line.verb for line in todos(office_of(edition), now=PUBLISHING)] == ["建立考察任务"]


@pytest.mark.parametrize("off", [("voting",), ("review",)], ids="+".join)
def test_the_next_in_line_is_visited_where_there_are_visits(off):
    edition, nominations = ranked(off)
    third, fourth = EXPECTED[off][0][2:4]
    advance(nominations[third], "withdraw", by=office_of(edition), now=PUBLISHING, note="演示撤回")
    topping_up.top_up(
        edition,
        instead_of=nominations[third],
        chosen=[nominations[fourth]],
        reason="演示递补",
        by=office_of(edition),
        now=PUBLISHING,
    )
    assert states(nominations)[fourth] == "inspection"
    assert broken() == {}


# --- replaced and corrected


@each_combination
def test_the_next_replaces_one_whose_objection_was_upheld(off):
    edition, nominations = listable(off)
    first, _second, third = EXPECTED[off][0][:3]
    notice, office = publish(edition), office_of(edition)
    one = lodge(notice, rank=1).objection
    for step in ("accept", "uphold", "answer"):
        act(step, one, office)
        one.refresh_from_db()
    assert states(nominations)[first] == "rejected"
    proposed = publishing.propose_replacement(edition)
    assert (proposed.seats, proposed.ids) == (1, (nominations[third].pk,))
    assert "递补公示" in [line.verb for line in todos(office, now=PUBLISHING)]
    later = PUBLISHING + timedelta(days=1)
    replacement = publishing.publish_replacement(edition, chosen=proposed.ids, by=office, now=later)
    assert replacement.kind == Notice.Kind.REPLACEMENT
    assert states(nominations)[third] == "publicity"
    assert broken() == {}


@each_combination
def test_who_is_taken_off_goes_back_to_the_last_step_and_may_come_again(off):
    edition, nominations = listable(off)
    first, second, third = EXPECTED[off][0][:3]
    notice, office = publish(edition), office_of(edition)
    words = {"reason": "演示更正", "by": office}
    reasoned = {"departs": "演示理由", "minute": "演示纪要1号"}
    new = correcting.correct_notice(
        notice, chosen=[nominations[first].pk, nominations[third].pk], now=PUBLISHING, **words, **reasoned
    )
    back = "inspection" if "inspection" not in off else EXPECTED[off][3]
    assert states(nominations)[second] == back
    assert states(nominations)[third] == "publicity"
    assert broken() == {}
    again = correcting.correct_notice(
        new,
        chosen=[nominations[first].pk, nominations[second].pk],
        now=PUBLISHING + timedelta(hours=1),
        **words,
    )
    assert states(nominations)[second] == "publicity"
    assert again.version == 3
    assert broken() == {}


@unvisited
def test_one_taken_off_is_out_once_the_objection_to_it_is_upheld(off):
    edition, nominations = listable(off)
    first, second = EXPECTED[off][0][:2]
    notice, office = publish(edition), office_of(edition)
    one = lodge(notice, rank=2).objection
    act("accept", one, office)
    one.refresh_from_db()
    correcting.correct_notice(
        notice,
        chosen=[nominations[first].pk],
        reason="演示更正",
        departs="演示理由",
        minute="演示纪要1号",
        by=office,
        now=PUBLISHING + timedelta(days=1),
    )
    act("uphold", one, office)
    assert states(nominations)[second] == "rejected"
    assert broken() == {}


@unvisited
def test_only_who_is_ranked_and_still_there_may_be_listed(off):
    edition, nominations = listable(off)
    first, second, third = EXPECTED[off][0][:3]
    office = office_of(edition)
    advance(nominations[first], "withdraw", by=office, now=PUBLISHING, note="演示撤回")
    with pytest.raises(Refused, match="不在综合排序中，或者已经退出"):
        publish(edition, chosen=[nominations[first].pk, nominations[second].pk])
    assert publishing.propose(edition).ids == (nominations[second].pk, nominations[third].pk)


# --- S1 四.1 仍处于: the exclusions, also where nobody is visited


def look(edition, nomination, clear=True, **words):
    return looks.note_looks(
        edition,
        nominations=[nomination.pk],
        items=["accident"] if "accident" in looks.EXCLUSIONS else list(looks.EXCLUSIONS)[:1],
        looked_up_on=timezone.localdate(PUBLISHING),
        source="演示网站",
        clear=clear,
        by=office_of(edition),
        now=PUBLISHING,
        **words,
    )


@unvisited
def test_a_problem_found_before_the_publicity_keeps_one_off_the_list(off):
    edition, nominations = ranked(off)
    first = nominations[EXPECTED[off][0][0]]
    look(edition, first, clear=False, note="演示问题")
    with pytest.raises(Refused, match="复核"):
        publish(edition)
    refuse_found(first, reason="演示问题属实", by=office_of(edition), now=PUBLISHING)
    assert states(nominations)[EXPECTED[off][0][0]] == "rejected"
    assert Look.objects.count() == 1


@unvisited
def test_what_is_old_has_to_be_looked_up_again_before_the_publicity(off):
    edition, nominations = ranked(off)
    first = nominations[EXPECTED[off][0][0]]
    look(edition, first)
    late = PUBLISHING + timedelta(days=edition.finding_days + 1)
    stale = looks.not_fresh([first.pk], timezone.localdate(late))
    assert [each.nomination for each in stale] == [first.pk]
    with pytest.raises(Refused, match="已经过期"):
        publish(edition, now=late, provisional_confirmed=True)


@unvisited
def test_the_day_the_look_ups_are_needed_is_that_of_the_list(off):
    edition, _ = ranked(off)
    step = edition.steps.get(kind="publicity")
    step.opens, step.closes = PUBLISHING + timedelta(days=3), PUBLISHING + timedelta(days=20)
    step.save()
    edition = Edition.objects.get(pk=edition.pk)
    state = EXPECTED[off][2]
    assert rechecks.needed_on(edition, state, date(2026, 9, 24)) == date(2026, 9, 27)
    assert rechecks.needed_on(edition, "publicity", date(2026, 9, 24)) == date(2026, 10, 14)
    assert rechecks.lapsing(edition, today=date(2026, 9, 24)) == []


@unvisited
def test_the_departments_are_asked_again_before_the_list(off):
    edition, nominations = ranked(off)
    nomination = found(edition, 1, PUBLISHING)
    with pytest.raises(Refused, match="再次核查有问题（市应急管理局：发生较大事故）"):
        publish(edition)
    rechecks.refuse_rechecked(nomination, reason="发生较大事故", by=office_of(edition), now=PUBLISHING)
    publish(edition)
    first, second, third = EXPECTED[off][0][:3]
    told = states(nominations)
    assert (told[first], told[second], told[third]) == ("rejected", "publicity", "publicity")
    assert broken() == {}


def test_nobody_is_asked_about_again_while_the_panel_still_scores():
    edition = make.edition(off=("voting", "inspection"), **weights(("voting",)))
    nomination = make.nomination(edition, state="review")
    with pytest.raises(Refused, match="公示前和公示中的企业"):
        rechecks.send_recheck(
            edition, [nomination.pk], due_on=date(2026, 9, 30), by=office_of(edition), now=PUBLISHING
        )


@unvisited
def test_a_wrong_name_is_mended_before_the_list_where_nobody_is_visited(off):
    edition, nominations = scored(off)
    named = rename(
        nominations["A"], name="演示甲有限公司（演示）", reason="演示", by=office_of(edition), now=PUBLISHING
    )
    assert named.subject_name == "演示甲有限公司（演示）"


# --- what if


def test_only_what_the_edition_has_may_be_supposed():
    both, _ = ranked(("inspection",))
    assert whatif.of(both, weights=(0, 100)).lines[1].name == "演示C企业（演示）"
    with pytest.raises(Refused, match="不设差额考察"):
        whatif.of(both, ratio=Fraction(6, 5))
    alone, _ = ranked(("voting",))
    assert whatif.of(alone, ratio=Fraction(2)).size == 4
    with pytest.raises(Refused, match="只按一项得分"):
        whatif.of(alone, weights=(50, 50))


# --- one who leaves before the order is drawn


@unvisited
def test_one_who_left_is_ranked_no_more_and_the_list_says_so(off):
    edition, nominations = scored(off)
    advance(nominations["A"], "withdraw", by=office_of(edition), now=PUBLISHING, note="演示撤回")
    asked = shortlisting.ask_shortlist(edition, by=office_of(edition), now=PUBLISHING)
    drawn = shortlisting.draw_shortlist(asked.pk, now=PUBLISHING)
    assert drawn.rows.count() == 4
    assert "演示A企业（演示）在" in drawn.warning
    assert ("折算" in drawn.warning) == ("voting" not in off)


def test_a_broken_record_stops_the_order_of_a_shortened_edition():
    edition, _ = scored(("voting", "inspection"))
    asked = shortlisting.ask_shortlist(edition, by=office_of(edition), now=PUBLISHING)
    with past_the_guards():
        edition.review_result.rows.update(score=Fraction(1))
    held = shortlisting.draw_shortlist(asked.pk, now=PUBLISHING)
    assert held.status == Shortlist.Status.FAILED
    assert "复算不一致" in held.message


def test_the_papers_name_only_the_steps_that_were_held():
    edition, _ = listable(("voting", "inspection"))
    notice = publish(edition)
    assert "组织推荐、资格审查、专家评审" in notice.text
    assert "公众投票" not in notice.text
    assert "考察" not in notice.text
    honours = naming.name_winners(edition, decision="演示工发2026-9号", by=office_of(edition), now=AFTER)
    text = honours[0].naming.text
    assert "依次开展了组织推荐、资格审查、专家评审，" in text
    assert "考察" not in text


def test_nothing_but_the_machine_says_from_where_one_is_published():
    """Who may be listed is asked of `publishing.may_be_listed`; no other code takes 差额考察 for granted."""
    taken = re.compile(r"state=State\.INSPECTION, inspection__verdict|inspection__verdict=\"passed\"")
    found = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "awards").rglob("*.py")
        if taken.search(path.read_text("utf-8")) and "demonstration" not in path.parts
    ]
    assert sorted(found) == ["awards/invariants/visits.py", "awards/services/publishing.py"]
