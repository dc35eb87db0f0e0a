"""The pages of a declaration: saving by itself, two sides of a conflict, notes, contacts, other districts."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from nominations.declaration import shape_of, to_json
from nominations.models import Declaration, Evidence, Nomination, Return
from nominations.papers.form import form_page
from nominations.reading import declared_sections, gaps_of
from nominations.rules import Missing
from nominations.services.evidence import attach_evidence, void_evidence
from portal.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return factories.edition(now=timezone.now())


@pytest.fixture
def nomination(edition):
    subject = factories.enterprise(1, account=True)
    return factories.nomination(edition, subject, union_founded_on="2010-05-01")


def worn(name):
    return factories.hat("recommender", "市北区") if name == "other" else factories.hat(name)


def signed_in(client, name):
    return factories.sign_in(client, worn(name))


def page(name, thing):
    return reverse(f"nominations:{name}", args=[thing.pk])


def pdf(words):
    return SimpleUploadedFile(f"{words}.pdf", f"%PDF-1.4 {words}\n%%EOF".encode())


def whole(client, nomination, **typed):
    """What a browser sends: every control of the page as it stands, with what was typed over it."""
    form = client.get(page("nomination_edit", nomination)).context["form"]
    data = {"version": form["version"].value(), "shown": form.shown}
    for section in form.sections:
        for line in section.lines:
            for row in line.rows:
                data |= {cell.name: cell.value for cell in row.cells}
            value = line.field.value()
            if not line.heads and value not in ("", None):
                data[line.field.html_name] = _word(value)
            elif not line.heads and line.asked.kind not in ("boolean", "choices"):
                data[line.field.html_name] = ""
    return data | typed


def _word(value):
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def kept(nomination):
    return Declaration.objects.get(nomination=nomination)


# --- by itself


def test_what_is_in_order_is_saved_and_what_is_not_is_named(client, nomination):
    signed_in(client, "recommender")
    typed = whole(client, nomination, industry="软件业", results="许多", patents="3")
    answer = client.post(page("autosave", nomination), typed)
    said = answer.json()
    assert answer.status_code == 422
    assert list(said["errors"]) == ["results"]
    assert (said["version"], kept(nomination).version) == (2, 2)
    assert kept(nomination).answers == {"patents": 3}
    answer = client.post(page("autosave", nomination), typed | {"version": 2, "results": "12"})
    assert (answer.status_code, answer.json()["errors"]) == (200, {})
    assert kept(nomination).answers == {"patents": 3, "results": 12}
    assert not AuditEntry.objects.filter(act="nominations.edit").exists()
    assert {"saved_at", "filled", "of", "missing", "advised", "parts", "worries"} <= set(answer.json())


def test_nothing_changed_stays_the_same_version_and_a_whole_page_loses_nothing(client, nomination):
    signed_in(client, "recommender")
    facts = Declaration.objects.values().get(nomination=nomination)
    answer = client.post(page("autosave", nomination), whole(client, nomination))
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert Declaration.objects.values().get(nomination=nomination) == facts


def test_unticking_all_is_an_answer_and_what_was_not_on_the_page_is_left_alone(client, nomination):
    Declaration.objects.filter(nomination=nomination).update(
        recognitions=["高新技术企业"], answers={"five_small": ["小革新"], "registry": "演示机关"}
    )
    signed_in(client, "recommender")
    client.post(page("autosave", nomination), {"version": 1, "industry": "软件业"})
    now = kept(nomination)
    assert (now.recognitions, now.answers["five_small"]) == (["高新技术企业"], ["小革新"])
    client.post(page("autosave", nomination), {"version": 2, "shown": ["five_small"], "registry": ""})
    now = kept(nomination)
    assert (now.recognitions, now.answers, now.industry) == (["高新技术企业"], {}, "软件业")


def test_somebody_was_there_before(client, nomination):
    signed_in(client, "recommender")
    typed = whole(client, nomination)
    client.post(page("autosave", nomination), typed | {"industry": "软件业"})
    answer = client.post(page("autosave", nomination), typed | {"employees": "500"})
    assert (answer.status_code, answer.json()["url"]) == (409, page("conflict", nomination))
    assert "与本页不同" in answer.json()["error"]
    # The same content sent twice is no conflict.
    again = client.post(page("autosave", nomination), typed | {"industry": "软件业"})
    assert (again.status_code, again.json()["version"]) == (200, 2)
    assert (kept(nomination).industry, kept(nomination).employees) == ("软件业", 300)


def test_too_late_is_said_and_stops(client, nomination):
    signed_in(client, "recommender")
    typed = whole(client, nomination, industry="软件业")
    factories.bring(nomination, "screening")
    answer = client.post(page("autosave", nomination), typed)
    assert (answer.status_code, answer.json()["stop"]) == (422, True)
    assert "不能再改" in answer.json()["error"]
    assert client.post(page("autosave", nomination), {"industry": "x"}).json()["stop"]


@pytest.mark.parametrize(("hat", "status"), [("other", 404), ("expert", 404), ("auditor", 403)])
def test_others_do_not_save(client, nomination, hat, status):
    signed_in(client, hat)
    typed = {"version": 1, "industry": "软件业"}
    mine = {"version": 1, "mine": json.dumps({"industry": "软件业"}), "choose-industry": "mine"}
    for name, data in (
        ("autosave", typed),
        ("conflict", typed),
        ("conflict", mine),
        ("take_over", {}),
        ("nomination_edit", typed),
    ):
        assert client.post(page(name, nomination), data).status_code == status
    assert (kept(nomination).industry, kept(nomination).version) == ("制造业", 1)


# --- two sides


def test_by_hand_and_without_a_script_the_two_sides_are_shown(client, nomination):
    signed_in(client, "recommender")
    typed = whole(client, nomination)
    client.post(page("autosave", nomination), typed | {"industry": "软件业", "deeds": "先存的"})
    answer = client.post(page("nomination_edit", nomination), typed | {"employees": "500", "deeds": "后写的"})
    rows = {row["key"]: (row["mine"], row["theirs"], row["chosen"]) for row in answer.context["rows"]}
    assert rows == {
        "deeds": ("后写的", "先存的", ""),
        "employees": ("500 人", "300 人", "mine"),
        "industry": ("制造业", "软件业", "theirs"),
    }
    send = {"version": answer.context["version"], "mine": answer.context["mine"]}
    send |= {f"choose-{key}": row[2] for key, row in rows.items()}
    again = client.post(page("conflict", nomination), send)
    assert "请为“主要事迹”选定保留哪一份" in again.content.decode()
    assert client.post(page("conflict", nomination), send | {"choose-deeds": "mine"}).status_code == 302
    now = kept(nomination)
    assert (now.version, now.industry, now.employees, now.deeds) == (3, "软件业", 500, "后写的")


def test_while_one_decides_the_other_saves_again(client, nomination):
    signed_in(client, "recommender")
    typed = whole(client, nomination)
    client.post(page("autosave", nomination), typed | {"industry": "软件业"})
    answer = client.post(page("conflict", nomination), typed | {"employees": "500"})
    send = {
        "version": 2,
        "mine": answer.context["mine"],
        "choose-employees": "mine",
        "choose-industry": "theirs",
    }
    client.post(page("autosave", nomination), typed | {"version": 2, "industry": "建筑业"})
    again = client.post(page("conflict", nomination), send)
    assert [(row["key"], row["chosen"]) for row in again.context["rows"]] == [("employees", "mine")]
    send = {"version": 3, "mine": again.context["mine"], "choose-employees": "mine"}
    client.post(page("conflict", nomination), send)
    now = kept(nomination)
    assert (now.version, now.industry, now.employees) == (4, "建筑业", 500)


@pytest.mark.parametrize(
    "mine",
    [
        "",
        "{",
        "[]",
        "3",
        json.dumps({"salary": 1}),
        json.dumps({"patents": "几"}),
        json.dumps({"awards": [1]}),
    ],
)
def test_what_no_page_would_send_writes_nothing(client, nomination, mine):
    signed_in(client, "recommender")
    data = {"version": 1, "mine": mine, "choose-salary": "mine", "choose-patents": "mine"}
    assert client.post(page("conflict", nomination), data).status_code in (200, 302)
    assert kept(nomination).version == 1


def test_a_conflict_page_is_not_opened_by_hand(client, nomination):
    signed_in(client, "recommender")
    assert client.get(page("conflict", nomination)).url == page("nomination_edit", nomination)


# --- a new one


def test_the_code_the_name_and_then_the_sections(client, edition):
    signed_in(client, "recommender")
    known = client.get(page("look_up", edition), {"credit_code": factories.credit_code(7)}).json()
    assert known["ok"]
    assert "还没有这家企业" in known["lines"][0]
    wrong = client.get(page("look_up", edition), {"credit_code": "123"}).json()
    assert (wrong["ok"], "18 位" in wrong["error"]) == (False, True)
    new = {"credit_code": factories.credit_code(7), "name": "云帆精密机械（演示）"}
    made = client.post(page("nomination_new", edition), new)
    assert made.url == page("nomination_edit", Nomination.objects.get())
    taken = client.get(page("look_up", edition), {"credit_code": factories.credit_code(7)}).json()
    assert (taken["ok"], taken["name"]) == (False, "云帆精密机械（演示）")
    refused = client.post(page("nomination_new", edition), new)
    assert "已由“市南区总工会”推荐" in refused.content.decode()


def test_what_was_declared_last_year_is_offered_to_those_who_saw_it(client, edition, nomination):
    now = timezone.now()
    later = factories.edition(now=now, year=2027)
    again = factories.nomination(later, nomination.enterprise, industry="", now=now)
    elsewhere = factories.nomination(
        factories.edition(now=now, year=2028),
        nomination.enterprise,
        recommender="市北区",
        industry="",
        now=now,
    )
    signed_in(client, "recommender")
    assert "带入上次的基本情况" in client.get(page("nomination_edit", again)).content.decode()
    client.post(page("take_over", again))
    assert kept(again).industry == "制造业"
    signed_in(client, "other")
    assert "带入上次的基本情况" not in client.get(page("nomination_edit", elsewhere)).content.decode()
    client.post(page("take_over", elsewhere))
    assert kept(elsewhere).industry == ""


# --- read


def test_contacts_are_for_those_who_need_them(nomination, client):
    now = timezone.now()
    seen = {}
    for name in ("office", "recommender", "applicant", "auditor", "inspector", "expert", "department"):
        words = [row.words for part in declared_sections(nomination, worn(name)) for row in part.rows]
        seen[name] = "19900000000" in words
    assert seen == {
        "office": True,
        "recommender": True,
        "applicant": True,
        "auditor": True,
        "inspector": True,
        "expert": False,
        "department": False,
    }
    without = declared_sections(nomination, worn("office"), contacts=False)
    assert "contact" not in {part.key for part in without}
    assert [part.anchor for part in without if part.anchor.startswith("dim-")] == [
        "dim-mechanism",
        "dim-platform",
        "dim-effect",
    ]
    signed_in(client, "auditor")
    assert "19900000000" in client.get(page("nomination", nomination)).content.decode()
    assert now


def test_a_private_column_is_for_those_who_may_read_contacts(nomination):
    """领衔人 is private in the table of studios: its heading and its cells go together."""
    declared = nomination.declaration
    declared.answers |= {"studios": [{"name": "演示工作室", "level": "市级", "leader": "演示领衔人"}]}
    declared.save()
    seen = {}
    for name in ("recommender", "expert", "department"):
        sections = declared_sections(nomination, worn(name))
        row = next(row for part in sections for row in part.rows if row.key == "studios")
        ((_of, cells),) = row.table
        assert row.heads == [cell.title for cell in cells]
        seen[name] = [cell.words for cell in cells]
    assert "演示领衔人" in seen["recommender"]
    assert (
        seen["expert"] == seen["department"] == [word for word in seen["recommender"] if "领衔" not in word]
    )


def test_a_table_of_private_columns_alone_is_not_shown_to_others(nomination):
    form = to_json(shape_of(nomination.edition))
    studios = next(each for part in form["sections"] for each in part["fields"] if each["key"] == "studios")
    studios.pop("exhibit", None)
    for column in studios["columns"]:
        column["private"] = True
    nomination.edition.form = form
    nomination.declaration.answers |= {"studios": [{"name": "演示工作室"}]}
    for name, sees in (("recommender", True), ("expert", False)):
        sections = declared_sections(nomination, worn(name))
        assert sees == any(row.key == "studios" for part in sections for row in part.rows)


def test_tables_are_read_as_tables_with_the_document_of_today(nomination):
    by = worn("recommender")
    common = {
        "nomination": nomination,
        "kind": "recognition",
        "file": "a.pdf",
        "mime": "application/pdf",
        "size": 1,
        "uploaded_at": timezone.now(),
        "uploaded_by": by,
    }
    old = Evidence.objects.create(title="旧证书", sha256="1", **common)
    new = Evidence.objects.create(title="新证书", sha256="2", **common)
    Evidence.objects.filter(pk=old.pk).update(replaced_by=new)
    Declaration.objects.filter(nomination=nomination).update(
        recognitions=["高新技术企业"],
        answers={
            "recognition_details": {
                "高新技术企业": {"level": "国家级", "granted_on": "2024-05-01", "evidence": old.pk},
                "瞪羚企业": {"number": "不再勾选"},
            },
            "awards": [{"name": "揭榜攻关（演示）", "issuer": "演示协会"}],
        },
    )
    fresh = Nomination.objects.get(pk=nomination.pk)
    rows = {row.key: row for part in declared_sections(fresh, by) for row in part.rows}
    [(lead, cells)] = rows["recognition_details"].table
    assert lead == "高新技术企业"
    assert [cell.words for cell in cells][:3] == ["国家级", "", "2024年5月1日 (周三)"]
    assert cells[3].document == new
    [(lead, cells)] = rows["awards"].table
    assert (lead, [cell.words for cell in cells]) == ("", ["揭榜攻关（演示）", "", "演示协会", ""])


def test_a_document_that_was_replaced_or_set_aside_is_followed_everywhere(client, nomination):
    """What an answer names by number is read as what stands in its place today; set aside, it says so."""
    by = worn("recommender")
    said = {"by": by, "now": timezone.now(), "kind": "recognition"}
    old, gone = (
        attach_evidence(nomination, title=title, file=pdf(title), **said) for title in ("旧证书", "误传")
    )
    details = {"高新技术企业": {"evidence": old.pk}, "瞪羚企业": {"evidence": gone.pk}}
    Declaration.objects.filter(nomination=nomination).update(
        recognitions=list(details), answers={"recognition_details": details}
    )
    attach_evidence(nomination, title="新证书", file=pdf("新证书"), replaces=old, **said)
    void_evidence(gone, by=by, now=timezone.now(), reason="传错了")
    fresh = Nomination.objects.get(pk=nomination.pk)

    def read(hat):
        rows = {row.key: row for part in declared_sections(fresh, hat) for row in part.rows}
        return {
            lead: [cell.document.title if cell.document else cell.words for cell in cells][-1]
            for lead, cells in rows["recognition_details"].table
        }

    for hat in (by, factories.hat("auditor"), factories.hat("office")):
        assert read(hat) == {"高新技术企业": "新证书", "瞪羚企业": "已作废"}
    paper = form_page(fresh)
    assert "新证书" in paper and "误传（已作废）" in paper and "旧证书" not in paper
    signed_in(client, "recommender")
    form = client.get(page("nomination_edit", nomination)).content.decode()
    assert f'<option value="{old.pk}" selected>新证书（已替换为新的一份）</option>' in form
    assert f'<option value="{gone.pk}" selected>已作废的一份</option>' in form
    # And saving the page as it is changes nothing.
    data = whole(client, nomination)
    client.post(page("autosave", nomination), data)
    assert (kept(nomination).version, kept(nomination).answers["recognition_details"]) == (1, details)
    # What is typed there comes in, under the recognition it is typed at.
    [number] = [key for key, value in data.items() if value == str(old.pk)]
    client.post(page("autosave", nomination), data | {number.replace("evidence", "number"): "GR2024"})
    said = kept(nomination).answers["recognition_details"]
    assert said == details | {"高新技术企业": {"number": "GR2024", "evidence": old.pk}}


def test_notes_of_a_return_stand_at_the_field(client, nomination):
    Return.objects.create(
        nomination=nomination,
        from_state="recommendation",
        reason="请补正",
        notes={"patents": "请写明授权日期（演示）"},
        deadline=timezone.localdate(),
        returned_at=timezone.now(),
        returned_by=worn("recommender"),
    )
    signed_in(client, "applicant")
    for name in ("nomination_edit", "nomination"):
        assert "请写明授权日期（演示）" in client.get(page(name, nomination)).content.decode()
    notes = {"patents": "请写明"}
    rows = {
        row.key: row.note
        for part in declared_sections(nomination, worn("applicant"), notes=notes)
        for row in part.rows
    }
    assert rows["patents"] == "请写明"


def test_what_is_missing_leads_to_where_it_is_filled_in(client, edition, nomination):
    Declaration.objects.filter(nomination=nomination).update(industry="")
    edition.evidence_required = ["licence"]
    edition.save()
    missing = [Missing("industry", "所属行业"), Missing("evidence:licence", "营业执照")]
    assert [gap.href for gap in gaps_of(nomination, missing)] == [
        page("nomination_edit", nomination) + "#id_industry",
        page("attach", nomination) + "?kind=licence#upload",
    ]
    signed_in(client, "recommender")
    form = client.get(page("nomination_edit", nomination)).content.decode()
    assert 'href="#id_industry"' in form
    assert 'id="id_industry"' in form
    assert (
        page("nomination_edit", nomination) + "#id_industry"
        in client.get(page("nomination", nomination)).content.decode()
    )


def test_every_field_of_the_form_has_the_place_its_links_lead_to(client, nomination):
    signed_in(client, "recommender")
    answer = client.get(page("nomination_edit", nomination))
    words = answer.content.decode()
    assert [key for key in answer.context["form"].shape.by_key if f'id="id_{key}"' not in words] == []
    assert " style=" not in words


def test_a_form_refused_keeps_what_was_typed(client, nomination):
    signed_in(client, "recommender")
    typed = whole(client, nomination, results="许多")
    typed |= {"studios-0-leader": "演示劳模", "studios-0-members": "十"}
    answer = client.post(page("nomination_edit", nomination), typed)
    words = answer.content.decode()
    assert answer.status_code == 200
    for said in ('value="许多"', 'value="演示劳模"', 'value="十"', "应填整数", "第 1 行“成员（人）”"):
        assert said in words
    assert kept(nomination).version == 1
