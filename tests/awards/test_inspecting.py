"""Visits: planned from the claims, given to teams, recorded once by two, taken over from paper, closed."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from PIL import ExifTags, Image

from awards.models import Inspection, InspectionFile, InspectionPhoto
from awards.services import (
    closing_inspection,
    inspecting,
    inspector_conflicts,
    photos,
    shortlisting,
    teaming,
    teams,
    visit_tables,
    visiting,
)
from nominations.models import Nomination
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from portal.workbook import WorkbookRefused
from tests import factories as make
from tests.awards.voted import FIELD, RECOGNISED, voted
from tests.moments import NOW

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 1)


@pytest.fixture
def office():
    return make.hat("office")


@pytest.fixture
def visits(office):
    """A, B and D stand on the list; their visits are planned."""
    edition, _ = voted(FIELD | {"A": ("90", 100, RECOGNISED)})
    asked = shortlisting.ask_shortlist(edition, by=office, now=NOW)
    shortlisting.draw_shortlist(asked.pk, now=NOW)
    planned = inspecting.plan_inspections(edition, by=office, now=NOW)
    return {visit.nomination.subject_name[2]: visit for visit in planned}


def assign(visit, *people, by, day=date(2026, 6, 3)):
    """To the team of 演示组长, who has an account; 演示成员甲 and 演示成员乙 go along by name."""
    leader = people[0] if people else make.hat("inspector")
    leader.user.full_name = "演示组长"
    leader.user.save()
    edition = visit.nomination.edition
    team = edition.teams.filter(members__user=leader.user).first() or teams.make_team(
        edition,
        leader=leader.user,
        members=[],
        others=["演示成员甲", "演示成员乙"],
        by=make.hat("office"),
        now=NOW,
    )
    [given] = teaming.assign(edition, places=[teaming.Place(visit, team, day)], by=by, now=NOW)
    inspector_conflicts.declare(given, clear=True, by=leader, now=NOW)
    return given


def checked(visit, **odd):
    """Every line agrees, but the items named in `odd`, which differ with what was found."""
    return [
        {"key": line.key, "found": odd.get(line.item, ""), "agrees": line.item not in odd}
        for line in visit.lines.all()
    ]


def record(visit, *, by, verdict="passed", version=None, **facts):
    facts = {
        "visited_on": TODAY,
        "leader_signature": "演示组长",
        "member_signature": "演示成员乙",
        "problem": "",
    } | facts
    visit.refresh_from_db()
    return visiting.record_inspection(
        visit, verdict=verdict, version=visit.version if version is None else version, by=by, now=NOW, **facts
    )


def edition_of(visits):
    return visits["A"].nomination.edition


def test_planning_again_plans_nothing_twice(visits, office):
    assert sorted(visits) == ["A", "B", "D"]
    assert inspecting.plan_inspections(edition_of(visits), by=office, now=NOW) == []
    assert Inspection.objects.count() == 3


def test_the_team_is_told_and_sees_its_own_visits_alone(visits, office):
    one, other = make.hat("inspector", username="甲"), make.hat("inspector", username="乙")
    assign(visits["A"], one, by=office)
    assert list(Inspection.objects.visible_to(one)) == [visits["A"]]
    assert list(Inspection.objects.visible_to(other)) == []
    assert list(Inspection.objects.visible_to(make.hat("office", "市南区"))) == []
    assert Inspection.objects.visible_to(make.hat("auditor")).count() == 3
    told = Notification.objects.get(event="awards.inspection_assigned")
    assert (told.recipient, told.url) == (one.user, f"/awards/inspections/{visits['A'].pk}/")
    with pytest.raises(PermissionDenied):
        record(visits["A"], by=other)


def test_a_team_is_made_of_inspectors_and_set_by_the_office(visits, office):
    with pytest.raises(Refused, match="有人不是考察组成员"):
        assign(visits["A"], make.hat("expert"), by=office)
    with pytest.raises(PermissionDenied):
        assign(visits["A"], by=make.hat("inspector"))
    with pytest.raises(PermissionDenied):
        assign(visits["A"], by=make.hat("office", "市南区"))


def test_several_visits_get_one_team_each_on_its_own_day(visits, office):
    edition = edition_of(visits)
    leader, member = (make.hat("inspector", username=name) for name in ("甲", "乙"))
    team = teams.make_team(edition, leader=leader.user, members=[member.user], by=office, now=NOW)
    days = {"A": date(2026, 6, 4), "B": date(2026, 6, 2)}
    teaming.assign(
        edition,
        places=[teaming.Place(visits[name], team, day) for name, day in days.items()],
        by=office,
        now=NOW,
    )
    mine = inspecting.visits_of(edition, member)
    assert [(str(v)[2], v.planned_on) for v in mine] == [("B", date(2026, 6, 2)), ("A", date(2026, 6, 4))]
    figures = inspecting.figures_of(
        list(inspecting.visits_of(edition_of(visits), office)), today=date(2026, 6, 3)
    )
    assert (figures.total, figures.done, figures.without_team, figures.late) == (3, 0, 1, 1)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"verdict": ""}, "请选择考察结论"),
        ({"visited_on": None}, "请填写考察日期"),
        ({"visited_on": date(2026, 6, 2)}, "不能晚于今天"),
        ({"leader_signature": " "}, "须由组长和一名成员签名"),
        ({"member_signature": "演示组长"}, "不能是同一人"),
        ({"leader_signature": "旁人"}, "组长是“演示组长”"),
        ({"member_signature": "旁人"}, "成员是演示成员甲、演示成员乙"),
        ({"verdict": "failed"}, "请写明发现的问题"),
        ({"version": 1}, "已被更新"),
    ],
)
def test_a_verdict_that_lacks_something_is_refused(visits, office, facts, sentence):
    assign(visits["A"], by=office)
    with pytest.raises(Refused, match=sentence):
        record(visits["A"], by=make.hat("inspector"), **facts)
    assert Inspection.objects.get(pk=visits["A"].pk).verdict == ""


def test_a_verdict_is_recorded_once(visits, office):
    assign(visits["A"], by=office)
    inspector = make.hat("inspector")
    done = record(visits["A"], by=inspector)
    assert (done.recorded_by, done.recorded_at, done.visited_on) == (inspector, NOW, TODAY)
    with pytest.raises(Refused, match="已经登记"):
        record(visits["A"], by=inspector, verdict="failed", problem="演示")
    with pytest.raises(Refused, match="已经登记"):
        assign(visits["A"], by=office)
    entry = AuditEntry.objects.get(act="awards.record_inspection")
    assert entry.detail["signatures"] == ["演示组长", "演示成员乙"]


def picture(*, gps=True, taken="2026:05:31 09:30:00"):
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "演示相机"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    if gps:
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
        place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (36.0, 4.0, 12.0)
        place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "E", (120.0, 22.0, 58.0)
    out = BytesIO()
    Image.new("RGB", (640, 480), "navy").save(out, "JPEG", exif=exif)
    return SimpleUploadedFile("现场.jpg", out.getvalue(), "image/jpeg")


def test_a_photograph_comes_out_without_its_place_and_keeps_its_time(visits, office):
    assign(visits["A"], by=office)
    upload = picture()
    with Image.open(upload) as before:
        assert before.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    [kept] = photos.add_photos(
        visits["A"], photos=[upload], caption="创新工作室", by=make.hat("inspector"), now=NOW
    )
    with kept.file.open("rb") as file, Image.open(file) as after:
        assert dict(after.getexif()) == {}
        assert after.getexif().get_ifd(ExifTags.IFD.GPSInfo) == {}
        assert after.size == (640, 480)
    with kept.file.open("rb") as file:
        data = file.read()
    assert b"Exif" not in data
    assert b"GPS" not in data
    assert timezone.localtime(kept.taken_at).isoformat() == "2026-05-31T09:30:00+08:00"
    assert (kept.caption, kept.uploaded_by) == ("创新工作室", make.hat("inspector"))


@pytest.mark.parametrize("taken", ["0000:00:00 00:00:00", "yesterday", "2030:01:01 00:00:00"])
def test_a_time_that_cannot_be_is_not_kept(visits, office, taken):
    [kept] = photos.add_photos(visits["A"], photos=[picture(taken=taken)], by=office, now=NOW)
    assert kept.taken_at is None


def test_photographs_come_all_or_none_and_only_from_the_team(visits, office):
    bad = SimpleUploadedFile("说明.jpg", b"%PDF-1.4 %%EOF", "image/jpeg")
    with pytest.raises(Refused, match=r"说明\.jpg"):
        photos.add_photos(visits["A"], photos=[picture(), bad], by=office, now=NOW)
    assert not InspectionPhoto.objects.exists()
    with pytest.raises(PermissionDenied):
        photos.add_photos(visits["A"], photos=[picture()], by=make.hat("inspector"), now=NOW)


HEADER = ("序号", "统一社会信用代码", "企业名称", "考察日期", "考察组长", "考察成员", "结论", "问题")


def paper(visits, **changes):
    """考察记录.xlsx with a row for each visit; `A={"结论": …}` changes cells, `A=None` leaves the row out."""
    book = Workbook()
    sheet = book.active
    sheet.append(["差额考察记录表"])
    sheet.append(["填报单位(盖章):考察组"])
    sheet.append(HEADER)
    for number, (name, visit) in enumerate(visits.items(), start=1):
        enterprise = visit.nomination.enterprise
        signed = (TODAY, "演示组长", "演示成员甲、演示成员乙", "合格", None)
        row = dict(zip(HEADER, (number, enterprise.credit_code, enterprise.name, *signed), strict=True))
        change = changes.get(name, {})
        if change is not None:
            sheet.append([(row | change)[key] for key in HEADER])
    for extra in changes.get("extra", ()):
        sheet.append(extra)
    sheet.append(["填报人:"])
    out = BytesIO()
    book.save(out)
    return SimpleUploadedFile("考察记录.xlsx", out.getvalue())


def test_the_paper_of_the_teams_is_taken_over_as_a_unit(visits, office):
    stranger = make.enterprise(name="演示别家（演示）")
    file = paper(
        visits,
        B={"结论": "不合格", "问题": "现场核实与申报不符（演示）"},
        extra=[(9, stranger.credit_code, stranger.name, TODAY, "演示组长", "演示成员甲", "合格", None)],
    )
    taken = inspecting.apply_inspections(edition_of(visits), file, by=office, now=NOW)
    assert taken.beside == ["演示别家（演示）"]
    held = {str(v)[2]: v for v in Inspection.objects.select_related("nomination")}
    assert {name: v.verdict for name, v in held.items()} == {"A": "passed", "B": "failed", "D": "passed"}
    assert (held["A"].leader_name, held["A"].member_names) == ("演示组长", "演示成员甲、演示成员乙")
    assert (held["A"].leader_signature, held["A"].member_signature) == ("演示组长", "演示成员甲")
    assert held["B"].problem == "现场核实与申报不符（演示）"


def test_every_error_of_the_paper_is_a_row_and_a_column_and_nothing_is_taken(visits, office):
    file = paper(
        visits,
        A={"结论": "不合格", "考察日期": date(2026, 6, 2)},
        B={"企业名称": "别的名字", "考察成员": None},
        D=None,
    )
    with pytest.raises(WorkbookRefused) as refused:
        inspecting.apply_inspections(edition_of(visits), file, by=office, now=NOW)
    assert [(e.row, e.column_name, str(e.problem)) for e in refused.value.errors] == [
        (None, "统一社会信用代码", "缺少“演示D企业（演示）”的一行"),
        (4, "考察日期", "考察日期晚于今天"),
        (4, "问题", "结论为不合格，但没有写明问题"),
        (5, "企业名称", "企业名称与信用代码不符"),
        (5, "考察成员", "没有填写"),
    ]
    assert not Inspection.objects.exclude(verdict="").exists()


def test_the_paper_has_the_name_it_was_nominated_under(visits, office):
    """The enterprise was renamed since: our own sheet goes out under the nominated name and comes back."""
    enterprise = visits["A"].nomination.enterprise
    nominated = visits["A"].nomination.subject_name
    enterprise.name = "演示更名后（演示）"
    enterprise.save()
    file = paper(visits, A={"企业名称": nominated})
    assert len(inspecting.apply_inspections(edition_of(visits), file, by=office, now=NOW).rows) == 3


def test_the_paper_of_a_team_names_those_who_were_given_the_visit(visits, office):
    given = assign(visits["A"], by=office)
    stray = paper(visits, A={"考察组长": "演示别人", "考察成员": "演示成员甲、演示成员丙"})
    with pytest.raises(WorkbookRefused) as refused:
        inspecting.apply_inspections(edition_of(visits), stray, by=office, now=NOW)
    assert [(e.row, e.column_name, str(e.problem)) for e in refused.value.errors] == [
        (4, "考察组长", "“演示别人”不是这次考察的组长"),
        (4, "考察成员", "“演示成员丙”不是这次考察的成员"),
    ]
    one = paper(visits, A={"考察成员": "演示成员乙"})
    inspecting.apply_inspections(edition_of(visits), one, by=office, now=NOW)
    given.refresh_from_db()
    assert (given.verdict, given.leader_signature, given.member_signature) == (
        "passed",
        "演示组长",
        "演示成员乙",
    )
    assert given.member_names == "演示成员甲、演示成员乙"


def bar(visit, name, by):
    person = make.hat("inspector", username=f"i-{name}", full_name=name).user
    inspector_conflicts.pin(visit.nomination, person, conflict=True, reason="演示理由", by=by, now=NOW)


@pytest.mark.parametrize(("name", "column"), [("演示组长", "考察组长"), ("演示成员乙", "考察成员")])
def test_a_paper_without_a_team_is_refused_where_it_names_who_must_stay_away(visits, office, name, column):
    bar(visits["A"], name, office)
    with pytest.raises(WorkbookRefused) as refused:
        inspecting.apply_inspections(edition_of(visits), paper(visits), by=office, now=NOW)
    assert [(e.row, e.column_name, str(e.problem)) for e in refused.value.errors] == [
        (4, column, f"“{name}”对这家企业须回避")
    ]
    assert not Inspection.objects.exclude(verdict="").exists()


def test_who_is_found_barred_after_the_paper_was_taken_over_blocks_the_closing(visits, office):
    inspecting.apply_inspections(edition_of(visits), paper(visits), by=office, now=NOW)
    bar(visits["B"], "演示成员甲", office)
    preview = closing_inspection.preview_inspection(edition_of(visits))
    assert [(str(visit)[2], str(user)) for visit, user, _why in preview.conflicts] == [("B", "演示成员甲")]
    assert preview.blocked


def test_a_row_without_a_code_or_a_column_is_said_without_a_crash(visits, office):
    with pytest.raises(WorkbookRefused) as refused:
        inspecting.apply_inspections(
            edition_of(visits), paper(visits, A={"统一社会信用代码": None}), by=office, now=NOW
        )
    assert (4, "统一社会信用代码") in [(e.row, e.column_name) for e in refused.value.errors]


def test_what_is_recorded_already_is_not_recorded_by_paper_again(visits, office):
    assign(visits["A"], by=office)
    record(visits["A"], by=office)
    with pytest.raises(WorkbookRefused, match="结论已经登记"):
        inspecting.apply_inspections(edition_of(visits), paper(visits), by=office, now=NOW)
    inspecting.apply_inspections(edition_of(visits), paper(visits, A=None), by=office, now=NOW)
    assert Inspection.objects.filter(verdict="passed").count() == 3


def test_the_kept_paper_is_applied_once_by_its_bringer_within_the_hour(visits, office):
    kept = inspecting.keep_inspections(edition_of(visits), file=paper(visits), by=office, now=NOW)
    other = make.hat("office", username="另一位")
    with pytest.raises(Refused, match="由上传文件的人"):
        inspecting.apply_kept(kept, by=other, now=NOW)
    with pytest.raises(Refused, match="超过一小时"):
        inspecting.apply_kept(kept, by=office, now=NOW + timedelta(minutes=61))
    assert len(inspecting.apply_kept(kept, by=office, now=NOW).rows) == 3
    with pytest.raises(Refused, match="已经登记过"):
        inspecting.apply_kept(kept, by=office, now=NOW)
    assert InspectionFile.objects.get().applied_at == NOW


def test_closing_needs_every_verdict_and_ends_those_who_failed(visits, office):
    edition = edition_of(visits)
    for visit in visits.values():
        assign(visit, by=office)
    record(visits["A"], by=office)
    record(visits["B"], by=office, verdict="failed", problem="台账不实（演示）")
    assert [str(each)[2] for each in closing_inspection.preview_inspection(edition).open] == ["D"]
    with pytest.raises(Refused, match="还有 1 家没有考察结论：演示D企业"):
        closing_inspection.close_inspection(edition, by=office, now=NOW)
    record(visits["D"], by=office)
    with pytest.raises(PermissionDenied):
        closing_inspection.close_inspection(edition, by=make.hat("inspector"), now=NOW)

    preview = closing_inspection.close_inspection(edition, by=office, now=NOW)
    assert ([str(v)[2] for v in preview.passed], [str(v)[2] for v in preview.failed]) == (["A", "D"], ["B"])
    states = dict(Nomination.objects.filter(edition=edition).values_list("subject_name", "state"))
    assert {name[2]: state for name, state in states.items()} == {
        "A": "inspection",
        "B": "rejected",
        "C": "voting",
        "D": "inspection",
        "E": "voting",
    }
    failed = Nomination.objects.get(pk=visits["B"].nomination_id)
    assert failed.ended_reason == "实地考察不合格：台账不实（演示）"
    with pytest.raises(Refused, match="已经关闭"):
        closing_inspection.close_inspection(edition, by=office, now=NOW)
    for late in (
        lambda: inspecting.plan_inspections(edition, by=office, now=NOW),
        lambda: photos.add_photos(visits["A"], photos=[picture()], by=office, now=NOW),
        lambda: inspecting.apply_inspections(edition, paper(visits), by=office, now=NOW),
    ):
        with pytest.raises(Refused, match="已经关闭"):
            late()


def test_the_recommender_of_one_that_failed_is_told_why(visits, office):
    recommender = make.hat("recommender")
    inspecting.apply_inspections(
        edition_of(visits),
        paper(visits, B={"结论": "不合格", "问题": "台账不实（演示）"}),
        by=office,
        now=NOW,
    )
    closing_inspection.close_inspection(edition_of(visits), by=office, now=NOW)
    told = Notification.objects.get(event="awards.inspection_failed", recipient=recommender.user)
    assert told.subject == "演示B企业（演示）：差额考察不合格"
    assert "台账不实（演示）" in told.body


def test_the_tables_of_the_visits(visits, office):
    assign(visits["A"], by=office)
    record(visits["A"], by=office, lines=checked(visits["A"], 职工人数="花名册 268 人"))
    out = BytesIO()
    visit_tables.write_inspection_table(edition_of(visits), out, by=make.hat("auditor"))
    rows = list(load_workbook(out).active.iter_rows(min_row=4, max_row=6, values_only=True))
    assert rows[0][1] == "演示A企业（演示）"
    assert rows[0][3:6] == (1, "演示组长", "演示成员甲、演示成员乙")
    assert rows[0][7:] == (
        "9 / 10", "职工人数：花名册 268 人", 0, None, None, "合格", None, "演示组长、演示成员乙"
    )  # fmt: skip
    assert (rows[1][1], rows[1][12]) == ("演示B企业（演示）", None)
    by_line = load_workbook(out)["逐项核对"]
    assert [cell.value for cell in by_line[3]][:5] == [
        "序号",
        "企业名称",
        "统一社会信用代码",
        "方面",
        "核对事项",
    ]
    [odd] = [row for row in by_line.iter_rows(min_row=4, values_only=True) if row[8] == "不符"]
    assert (odd[1], odd[4], odd[5], odd[7]) == ("演示A企业（演示）", "职工人数", "300", "花名册 268 人")
    assert {row[8] for row in by_line.iter_rows(min_row=4, values_only=True)} == {"相符", "不符", "没有核对"}

    blank = BytesIO()
    visit_tables.write_blank(edition_of(visits), blank, by=office)
    rows = list(load_workbook(blank).active.iter_rows(min_row=3, max_row=5, values_only=True))
    assert rows[0] == HEADER
    assert [row[2] for row in rows[1:]] == ["演示B企业（演示）", "演示D企业（演示）"]
    with pytest.raises(PermissionDenied):
        visit_tables.write_inspection_table(edition_of(visits), BytesIO(), by=make.hat("inspector"))
