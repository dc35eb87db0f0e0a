"""Ranking, recommending within the quota, sending back; closing the step and the edition."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from nominations.declaration.facts import digest_of, facts_of
from nominations.models import Nomination
from nominations.services import conclusion, declaring, ranking, recommending, returning
from nominations.services.evidence import attach_evidence
from nominations.services.quotas import quota_lines, set_quota, set_quotas
from nominations.services.steps import close_step
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from tests import factories

DAY = {"union_founded_on": "2010-05-01"}


@pytest.fixture
def edition(now):
    return factories.edition(now=now)


@pytest.fixture
def office():
    return factories.hat("office")


@pytest.fixture
def recommender():
    return factories.hat("recommender")


def handed_in(edition, *numbers, **options):
    return [factories.nomination(edition, n, state="recommendation", **DAY, **options) for n in numbers]


def ranks(edition):
    return dict(edition.nominations.values_list("subject_name", "rank"))


@pytest.mark.django_db
def test_several_at_once_or_none(edition, office, recommender, now):
    set_quota(edition, recommender.organisation, 2, by=office, now=now)
    rows = handed_in(edition, 1, 2, 3)
    with pytest.raises(Refused, match="本次要推荐 3 家"):
        recommending.recommend(rows, by=recommender, now=now, opinion="同意推荐")
    assert set(edition.nominations.values_list("state", flat=True)) == {"recommendation"}
    done = recommending.recommend(rows[:2], by=recommender, now=now, opinion="同意推荐")
    assert [(row.state, row.rank, row.recommendation.opinion) for row in done] == [
        ("screening", 1, "同意推荐"),
        ("screening", 2, "同意推荐"),
    ]
    preview = recommending.preview_recommend(rows[2:])
    assert [(line.number, line.used, line.left) for line in preview.lines] == [(2, 2, 0)]
    assert [str(block)[:10] for block in preview.blocks] == ["市南区总工会的推荐名"]


@pytest.mark.django_db
def test_without_a_quota_as_many_as_it_has(edition, recommender, now):
    rows = handed_in(edition, *range(1, 8))
    assert len(recommending.recommend(rows, by=recommender, now=now, opinion="同意推荐")) == 7


@pytest.mark.django_db
def test_an_opinion_is_needed_and_a_draft_is_refused(edition, recommender, now):
    rows = handed_in(edition, 1)
    with pytest.raises(Refused, match="推荐意见"):
        recommending.recommend(rows, by=recommender, now=now, opinion=" ")
    draft = factories.nomination(edition, 2, **DAY)
    with pytest.raises(Refused, match="起草"):
        recommending.recommend([*rows, draft], by=recommender, now=now, opinion="同意推荐")
    with pytest.raises(Refused, match="请先选择"):
        recommending.recommend([], by=recommender, now=now, opinion="同意推荐")


@pytest.mark.django_db(transaction=True)
def test_the_last_place_has_one_winner(now):
    edition = factories.edition(now=now)
    by = factories.hat("recommender")
    set_quota(edition, by.organisation, 1, by=factories.hat("office"), now=now)
    rows = handed_in(edition, 1, 2)
    start, outcomes = Barrier(2), []

    def take(row):
        try:
            start.wait()
            recommending.recommend([row], by=by, now=now, opinion="同意推荐")
            outcomes.append("in")
        except Refused:
            outcomes.append("full")
        finally:
            connection.close()

    threads = [Thread(target=take, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["full", "in"]
    assert sorted(Nomination.objects.values_list("state", flat=True)) == ["recommendation", "screening"]


@pytest.mark.django_db
def test_ranks_are_dense_and_the_list_is_whole(edition, recommender, now):
    one, two, three = handed_in(edition, 1, 2, 3)
    ranking.set_ranks(edition, recommender.organisation, [three.pk, one.pk, two.pk], by=recommender, now=now)
    assert ranks(edition) == {"演示企业3（演示）": 1, "演示企业1（演示）": 2, "演示企业2（演示）": 3}
    lines = AuditEntry.objects.filter(act="nominations.rank").count()
    ranking.set_ranks(edition, recommender.organisation, [three.pk, two.pk, one.pk], by=recommender, now=now)
    assert AuditEntry.objects.filter(act="nominations.rank").count() == lines + 2
    for wrong in ([one.pk, two.pk], [one.pk, two.pk, two.pk], [one.pk, two.pk, three.pk, 999_999]):
        with pytest.raises(Refused, match="刚刚有变动"):
            ranking.set_ranks(edition, recommender.organisation, wrong, by=recommender, now=now)


@pytest.mark.django_db
def test_sending_back_says_why_and_until_when(edition, recommender, now):
    applicant = factories.hat("applicant")
    [row] = handed_in(edition, factories.enterprise(1))
    today = now.date()
    with pytest.raises(Refused, match="理由"):
        returning.send_back(row, by=recommender, now=now, reason="", deadline=today)
    with pytest.raises(Refused, match="不能早于今天"):
        returning.send_back(row, by=recommender, now=now, reason="x", deadline=today - timedelta(days=1))
    back = returning.send_back(row, by=recommender, now=now, reason="缺公示件", deadline=today)
    row.refresh_from_db()
    assert (row.state, back.from_state, back.reason) == ("draft", "recommendation", "缺公示件")
    told = Notification.objects.filter(event="nominations.send_back")
    assert [(each.recipient, each.body) for each in told] == [(applicant.user, "缺公示件")]


@pytest.mark.django_db
def test_from_screening_only_the_office_sends_back(edition, recommender, office, now):
    row = factories.nomination(edition, 1, state="screening", **DAY)
    with pytest.raises(Refused, match="由办公室办理"):
        returning.send_back(row, by=recommender, now=now, reason="x", deadline=now.date())
    back = returning.send_back(row, by=office, now=now, reason="x", deadline=now.date())
    assert back.from_state == "screening"
    assert [each.recipient for each in Notification.objects.all()] == [recommender.user]


@pytest.mark.django_db
def test_a_quota_change_needs_a_reason_and_room(edition, recommender, office, now):
    unit = recommender.organisation
    set_quota(edition, unit, 2, by=office, now=now)
    with pytest.raises(Refused, match="理由"):
        set_quota(edition, unit, 3, by=office, now=now)
    recommending.recommend(handed_in(edition, 1, 2), by=recommender, now=now, opinion="同意推荐")
    with pytest.raises(Refused, match="不能少于 2 家"):
        set_quota(edition, unit, 1, by=office, now=now, reason="压缩")
    other = factories.district("市北区")
    changed = set_quotas(edition, {unit: 2, other: 5}, by=office, now=now)
    assert [(each.organisation, each.number) for each in changed] == [(other, 5)]


@pytest.mark.django_db
def test_closing_takes_the_recommended_and_leaves_the_rest(edition, recommender, office, now):
    with pytest.raises(Refused, match="还没有已推荐"):
        conclusion.close_recommendation(edition, by=office, now=now)
    gone = recommending.recommend(handed_in(edition, 1, 2), by=recommender, now=now, opinion="同意推荐")
    [late] = handed_in(edition, 3)
    draft = factories.nomination(edition, 4)
    factories.nomination(edition, 5, state="withdrawn")
    preview = conclusion.preview_close_recommendation(edition)
    assert {row.pk for row in preview.goes_on} == {row.pk for row in gone}
    assert {row.pk for row in preview.stays} == {late.pk, draft.pk}
    conclusion.close_recommendation(edition, by=office, now=now)
    assert edition.steps.get(kind="recommendation").closed_at == now
    assert Notification.objects.filter(event="nominations.close_recommendation").count() == 1
    with pytest.raises(Refused, match="已经关闭"):
        conclusion.close_recommendation(edition, by=office, now=now)
    with pytest.raises(Refused, match="已经关闭"):
        recommending.recommend([late], by=recommender, now=now, opinion="同意推荐")


def proof(text=b"shown"):
    return SimpleUploadedFile("公示.pdf", b"%PDF-1.4\n" + text + b"\n%%EOF\n")


SHOWN = {"publicity_from": date(2026, 5, 22), "publicity_to": date(2026, 5, 29)}


@pytest.mark.django_db
def test_the_preview_is_what_happens(edition, office, recommender, now):
    set_quota(edition, recommender.organisation, 4, by=office, now=now)
    rows = handed_in(edition, 1, 2, 3)
    factories.nomination(edition, 4, rank=7)
    ranking.set_ranks(
        edition,
        recommender.organisation,
        [
            rows[2].pk,
            *edition.nominations.filter(rank=7).values_list("pk", flat=True),
            rows[0].pk,
            rows[1].pk,
        ],
        by=recommender,
        now=now,
    )
    late = handed_in(edition, 5, 6)
    rows = list(edition.nominations.filter(pk__in=[rows[0].pk, rows[2].pk, *(row.pk for row in late)]))
    preview = recommending.preview_recommend(rows)
    done = recommending.recommend(rows, by=recommender, now=now, opinion="同意推荐")
    assert [(line.nomination.pk, line.rank) for line in preview.rows] == [(row.pk, row.rank) for row in done]
    assert [line.rank for line in preview.rows] == [1, 3, 5, 6]
    assert [(line.number, line.used, line.left) for line in preview.lines] == [(4, 0, 4)]
    assert quota_lines(edition, recommender.organisation)[0].left == 0


@pytest.mark.django_db
def test_the_preview_names_what_is_in_the_way_of_each(edition, office, recommender, now):
    set_quota(edition, recommender.organisation, 1, by=office, now=now)
    edition.evidence_required = ["licence", "notice"]
    edition.save()
    ready, bare = handed_in(edition, 1, 2)
    attach_evidence(ready, by=recommender, now=now, kind="licence", title="证", file=proof(b"1"))
    draft = factories.nomination(edition, 3, **DAY)
    preview = recommending.preview_recommend(edition.nominations.all())
    assert {line.nomination.pk: [str(block) for block in line.blocks] for line in preview.rows} == {
        ready.pk: [],
        bare.pk: ["“演示企业2（演示）”的申报表还缺：营业执照。"],
        draft.pk: ["“演示企业3（演示）”现处于“起草”环节，不能推荐。"],
    }
    assert [str(block)[:14] for block in preview.over_quota] == ["市南区总工会的推荐名额为 1"]


@pytest.mark.django_db
def test_an_opinion_for_all_and_one_of_its_own(edition, recommender, now):
    one, two = handed_in(edition, 1, 2)
    recommending.recommend(
        [one, two], by=recommender, now=now, opinion="同意推荐", opinions={two.pk: "同意推荐，排名第一"}
    )
    assert Nomination.objects.get(pk=one.pk).recommendation.opinion == "同意推荐"
    assert Nomination.objects.get(pk=two.pk).recommendation.opinion == "同意推荐，排名第一"


@pytest.mark.django_db
def test_opinions_alone_are_enough_when_each_has_one(edition, recommender, now):
    one, two = handed_in(edition, 1, 2)
    with pytest.raises(Refused, match="请填写推荐意见：演示企业2"):
        recommending.recommend([one, two], by=recommender, now=now, opinions={one.pk: "同意"})
    recommending.recommend([one, two], by=recommender, now=now, opinions={one.pk: "同意", two.pk: "同意"})


@pytest.mark.django_db
def test_one_proof_for_all_is_kept_with_each(edition, recommender, now):
    edition.evidence_required = ["notice"]
    edition.save()
    one, two = handed_in(edition, 1, 2)
    with pytest.raises(Refused, match="先行公示"):
        recommending.recommend([one, two], by=recommender, now=now, opinion="同意推荐")
    with pytest.raises(Refused, match="上传公示证明"):
        recommending.recommend([one, two], by=recommender, now=now, opinion="同意推荐", **SHOWN)
    kept = attach_evidence(one, by=recommender, now=now, kind="notice", title="公示件", file=proof())
    recommending.recommend([one, two], by=recommender, now=now, opinion="同意推荐", proof=proof(), **SHOWN)
    said = [Nomination.objects.get(pk=row.pk).recommendation for row in (one, two)]
    assert said[0].publicity == kept
    assert (said[1].publicity.kind, said[1].publicity.nomination) == ("notice", two)
    assert said[1].publicity.sha256 == kept.sha256
    assert {(each.publicity_from, each.publicity_to) for each in said} == {tuple(SHOWN.values())}


@pytest.mark.django_db
def test_a_proof_that_is_there_already_need_not_come_again(edition, recommender, now):
    edition.evidence_required = ["notice"]
    edition.save()
    [one] = handed_in(edition, 1)
    kept = attach_evidence(one, by=recommender, now=now, kind="notice", title="公示件", file=proof())
    recommending.recommend([one], by=recommender, now=now, opinion="同意推荐", **SHOWN)
    assert Nomination.objects.get(pk=one.pk).recommendation.publicity == kept


@pytest.mark.django_db
def test_nothing_is_kept_of_a_refused_batch(edition, recommender, now):
    one, two = handed_in(edition, 1, 2)
    with pytest.raises(Refused, match="才结束"):
        recommending.recommend(
            [one, two],
            by=recommender,
            now=now,
            opinion="同意推荐",
            publicity_from=date(2026, 6, 1),
            publicity_to=date(2026, 6, 5),
            proof=proof(),
        )
    assert not one.evidence.exists()
    assert set(edition.nominations.values_list("state", flat=True)) == {"recommendation"}


@pytest.mark.django_db
def test_on_paper_the_fields_are_asked_for_and_not_the_papers(edition, office, now):
    edition.evidence_required = ["licence", "notice"]
    edition.save()
    whole, bare = handed_in(edition, 1, 2)
    bare.declaration.industry = ""
    bare.declaration.save()
    with pytest.raises(Refused, match="所属行业"):
        recommending.recommend([whole, bare], by=office, now=now, opinion="见签章汇总表", on_paper=True)
    with pytest.raises(Refused, match="营业执照"):
        recommending.recommend([whole], by=office, now=now, opinion="见签章汇总表")
    [done] = recommending.recommend([whole], by=office, now=now, opinion="见签章汇总表", on_paper=True)
    assert (done.state, done.recommendation.publicity) == ("screening", None)


@pytest.mark.django_db
def test_the_record_says_which_declaration_was_recommended(edition, recommender, now):
    [row] = handed_in(edition, 1)
    recommending.recommend([row], by=recommender, now=now, opinion="同意推荐")
    line = AuditEntry.objects.get(act="nominations.recommend", nomination_id=row.pk, detail__note="同意推荐")
    row = Nomination.objects.get(pk=row.pk)
    facts = facts_of(row.subject_name, row.declaration)
    assert line.detail["version"] == 1
    assert line.detail["digest"] == digest_of(facts, credit_code=row.enterprise.credit_code)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "place"),
    [
        ("recommender", "市北区"),
        ("office", "市北区"),
        ("applicant", None),
        ("auditor", None),
        ("expert", None),
    ],
)
def test_nobody_else_recommends(edition, now, role, place):
    rows = handed_in(edition, 1)
    with pytest.raises(PermissionDenied):
        recommending.recommend(rows, by=factories.hat(role, place), now=now, opinion="同意推荐")


@pytest.mark.django_db
def test_concluding_ends_everything_that_is_open(edition, office, now):
    named = factories.nomination(edition, 1, state="named")
    reserve = factories.nomination(edition, 2, state="inspection")
    draft = factories.nomination(edition, 3)
    with pytest.raises(Refused, match="还没有关闭"):
        conclusion.conclude(edition, by=office, now=now)
    for kind in ("recommendation", "screening", "review", "voting", "inspection"):
        close_step(edition, kind, by=office, now=now)
    shown = factories.nomination(edition, 4, state="publicity")
    with pytest.raises(Refused, match="还在公示环节"):
        conclusion.conclude(edition, by=office, now=now)
    factories.bring(shown, "named")
    with pytest.raises(Refused, match="“提名公示”环节没有办完，请写明就此办结的理由"):
        conclusion.conclude(edition, by=office, now=now, reason=" ")
    preview = conclusion.conclude(edition, by=office, now=now, reason="演示理由")
    assert {row.pk for row in preview.named} == {named.pk, shown.pk}
    edition.refresh_from_db()
    assert edition.concluded_at == now
    assert not edition.steps.filter(closed_at__isnull=True).exists()
    reserve.refresh_from_db()
    draft.refresh_from_db()
    assert (reserve.state, reserve.ended_reason) == ("rejected", "本届评选已办结，未入选。")
    assert draft.state == "withdrawn"
    with pytest.raises(Refused, match="已经办结"):
        conclusion.conclude(edition, by=office, now=now)


@pytest.mark.django_db
def test_a_submitted_one_counts_only_when_recommended(edition, recommender, now):
    handed_in(edition, 1)
    factories.nomination(edition, 2)
    line = quota_lines(edition, recommender.organisation)[0]
    assert (line.number, line.used, line.total, line.left) == (None, 0, 2, None)
    assert declaring.missing_of(edition.nominations.get(subject_name="演示企业1（演示）")) == []
