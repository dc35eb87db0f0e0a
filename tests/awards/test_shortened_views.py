"""The pages of an edition that leaves steps out: what it has not is neither shown nor asked."""

import re

import pytest
from django.urls import reverse

from awards.services import publishing
from nominations.models import Edition
from tests import factories as make
from tests.awards.shortened import COMBINATIONS, listable, ranked, scored
from tests.awards.stage import PUBLISHING

pytestmark = pytest.mark.django_db
each_combination = pytest.mark.parametrize("off", COMBINATIONS, ids="+".join)
UNVISITED = [off for off in COMBINATIONS if "inspection" in off]


def page(client, name, edition, role="office", **query):
    make.sign_in(client, make.hat(role, edition.host))
    answer = client.get(reverse(f"awards:{name}", args=[edition.pk]), query)
    assert answer.status_code == 200, name
    return answer


def main(answer) -> str:
    """The words of the page itself, without the frame around it and what the clauses say."""
    inside = re.search(r"<main.*?</main>", answer.content.decode(), re.S)[0]
    inside = re.sub(r'<ol class="stepper.*?</ol>', "", inside, flags=re.S)
    inside = re.sub(r'<span class="clause-note.*?</button></span>', "", inside, flags=re.S)
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", " ", inside))


# Left out: what the list is called, and the columns of the scores.
CALLED = {
    ("voting",): ("考察名单", ["专家得分"]),
    ("review",): ("考察名单", ["有效票", "投票得分"]),
    ("inspection",): ("综合排序", ["专家得分", "有效票", "投票得分"]),
    ("voting", "inspection"): ("综合排序", ["专家得分"]),
    ("review", "inspection"): ("综合排序", ["有效票", "投票得分"]),
}


@pytest.mark.parametrize("off", CALLED, ids="+".join)
def test_the_list_is_called_by_its_name_and_has_the_columns_there_are(client, off):
    edition, _ = ranked(off)
    called, columns = CALLED[off]
    answer = page(client, "shortlist", edition)
    heading = re.search(r"<h1>(.*?)</h1>", answer.content.decode())[1]
    assert heading == called
    heads = re.findall(r'<th scope="col" class="num">(.*?)</th>', answer.content.decode())
    assert heads == ["名次", *columns, "综合得分"]
    if "inspection" in off:
        assert "列入考察" not in main(answer)
        assert "考察名单" not in main(answer)


@each_combination
def test_what_drawing_will_do_is_said_before(client, off):
    edition, _ = scored(off)
    said = main(page(client, "shortlist", edition))
    assert f"计算{CALLED[off][0]}" in said
    assert ("经过专家评审的企业参加排序" in said) == ("voting" in off)
    assert ("本届不设差额考察" in said) == ("inspection" in off)
    # Where the expert score is all there is, or there is none, it parts nobody.
    assert ("专家得分高者在前" in said) == (off == ("inspection",))


@each_combination
def test_the_questions_ask_only_what_there_is(client, off):
    edition, _ = ranked(off)
    why = main(page(client, "shortlist_why", edition))
    assert ("专家得分" in why.replace("综合得分即专家得分", "")) == ("review" not in off)
    assert ("有效票" in why) == ("voting" not in off)
    form = page(client, "shortlist_what_if", edition).context["form"]
    asked = set() if {"voting", "review"} & set(off) else {"expert"}
    assert set(form.fields) == asked | (set() if "inspection" in off else {"ratio"})
    assert f"回到{CALLED[off][0]}" in why


def test_where_nothing_may_be_supposed_the_page_says_so(client):
    edition, _ = ranked(("voting", "inspection"))
    assert "没有可以试算的内容" in main(page(client, "shortlist_what_if", edition))
    assert "试算" not in main(page(client, "shortlist", edition))


def test_supposed_weights_are_told_by_the_seats(client):
    edition, _ = ranked(("inspection",))
    said = main(page(client, "shortlist_what_if", edition, expert="0"))
    assert "由候补变为名额以内" in said
    assert "考察" not in said


@pytest.mark.parametrize("off", UNVISITED, ids="+".join)
def test_the_publicity_page_speaks_of_the_ranking_and_not_of_visits(client, off):
    edition, _ = scored(off)
    said = main(page(client, "publicity", edition))
    assert "综合排序还没有生成" in said
    assert "去计算综合排序" in said
    edition, _ = ranked(off)
    said = main(page(client, "publicity", edition))
    assert "按综合排序拟定" in said
    assert "考察" not in said
    chosen = publishing.propose(edition).ids
    publishing.publish_notice(edition, chosen=chosen, by=make.hat("office", edition.host), now=PUBLISHING)
    said = main(page(client, "publicity", edition))
    assert "公示名单空出名额时按综合排序递补" in said
    assert "考察" not in said


@pytest.mark.parametrize("off", UNVISITED, ids="+".join)
def test_confirming_a_list_calls_the_others_reserves(client, off):
    edition, _ = listable(off)
    chosen = list(publishing.propose(edition).ids)
    said = main(page(client, "publish_notice", edition, chosen=chosen))
    assert "留作候补" in said
    assert "考察" not in said


def test_before_the_last_score_is_closed_the_page_says_which_step_is_open(client):
    edition = make.edition(off=("voting", "inspection"), expert_weight=100, vote_weight=0)
    assert "“专家评审”环节还没有关闭" in main(page(client, "publicity", edition))
    assert "专家评审的结果还没有冻结" in main(page(client, "shortlist", edition))


@pytest.mark.parametrize("off", UNVISITED, ids="+".join)
def test_the_page_of_the_visits_says_that_there_are_none(client, off):
    edition, _ = ranked(off)
    said = main(page(client, "inspections", edition))
    assert "本届不设差额考察" in said
    assert "考察名单" not in said


@each_combination
def test_the_record_page_shows_the_parts_there_are(client, off):
    edition, nominations = ranked(off)
    make.sign_in(client, make.hat("office", edition.host))
    answer = client.get(reverse("nominations:nomination", args=[nominations["A"].pk]))
    box = re.search(r'<section class="section" id="composite">.*?</section>', answer.content.decode(), re.S)[
        0
    ]
    assert ("<dt>专家得分</dt>" in box, "<dt>投票得分</dt>" in box) == (
        "review" not in off,
        "voting" not in off,
    )
    assert ("考察名单" in box) == ("inspection" not in off)


@each_combination
def test_the_frame_of_every_page_stands(client, off):
    edition, _ = listable(off)
    edition = Edition.objects.get(pk=edition.pk)
    for name in ("looks", "objections", "honours"):
        page(client, name, edition)
