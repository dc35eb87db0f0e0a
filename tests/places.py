"""One object of every kind that an address can name, at home and away, for the matrix of addresses.

Rows are put there directly: what is asked is who may see them, not how they came to be. States are reached
through `advance`, as everywhere.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from types import SimpleNamespace
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from PIL import Image

from awards import models as awards
from awards.demonstration import papers
from awards.sealed import seal
from awards.services import former_files, objection_papers
from awards.services.release_pictures import small_name
from nominations.models import Evidence, IntakeFile, NotSame
from nominations.services import roundtrip
from portal.appointing import stand_in
from portal.models import Membership, Notification
from portal.pictures import NOTHING
from portal.workbook import write
from review import models as review
from review.services import opinion_sheets
from review.services.links import digest_of
from tests import factories as make
from tests.indicators.places import indicator_places
from voting import models as voting
from voting.services import sequencing
from voting.services.receipts import receipt_code


@dataclass(frozen=True)
class Place:
    """Where a thing is: who hosts, who recommends, who is asked, who scores and who visits."""

    number: int
    host: str
    recommender: str
    department: str
    expert: Membership
    inspector: Membership


def home() -> Place:
    return Place(1, "city", "市南区", "dept-kjj", make.hat("expert"), make.hat("inspector"))


def away() -> Place:
    expert, inspector = make.hat("expert", username="expert-2"), make.hat("inspector", username="inspector-2")
    return Place(2, "市北区", "市北区", "dept-jyj", expert, inspector)


def things_of(place: Place, now) -> SimpleNamespace:
    n, office = place.number, make.hat("office", place.host)
    edition = make.edition(host=place.host, title=f"演示届 {n}")
    company = make.enterprise(n, account=True)
    nomination = make.nomination(edition, company, state="inspection", recommender=place.recommender)
    screened = make.nomination(edition, 10 + n, state="screening", recommender=place.recommender)
    stamped = {"uploaded_at": now, "uploaded_by": office}
    evidence = Evidence.objects.create(
        nomination=nomination,
        title="佐证",
        file=papers.document("佐证", []),
        mime="application/pdf",
        size=4,
        sha256="0",
        **stamped,
    )
    intake = IntakeFile.objects.create(
        edition=edition, file=_sample("推荐汇总表.xlsx"), name="推荐汇总表.xlsx", sha256="0", **stamped
    )
    entered = make.honour(
        make.enterprise(90 + n),
        level="district",
        host=office.organisation,
        year=2020,
        number=f"演示旧号-{n}",
        named_on=date(2020, 12, 1),
        named_by=office,
    )
    out = BytesIO()
    line = {"year": 2020, "level": "区市级", "category": "全员创新企业", "title": "演示", "namer": "演示"}
    line |= {"name": f"演示{n}", "credit_code": make.credit_code(80 + n), "number": f"演示旧号甲-{n}"}
    columns = former_files.columns_of(["district"])
    write(out, "历年命名表", columns, [line | {"named_on": date(2020, 12, 1)}])
    former_list = former_files.keep_former(out.getvalue(), by=office, now=now)
    apart = NotSame.objects.create(
        host=edition.host,
        one=company,
        other=screened.enterprise,
        reason="演示",
        marked_at=now,
        marked_by=office,
    )
    asked = review.Consultation.objects.create(
        edition=edition, department=make.organisation(place.department), item="misconduct"
    )
    batch = review.Batch.objects.create(edition=edition, number=1, sent_at=now, sent_by=office)
    batch.nominations.set([nomination, screened])
    key = f"演示钥匙{n}"
    link = review.AnswerLink.objects.create(
        edition=edition,
        hat=stand_in("演示答复人", "department", asked.department),
        token_sha256=digest_of(key),
        issued_at=now,
        issued_by=office,
        expires_at=now + timedelta(days=1),
    )
    out = BytesIO()
    roundtrip.write_round(edition, out, by=office, now=now)
    kept_round = roundtrip.keep_round(edition, out.getvalue(), by=office, now=now)
    out = BytesIO()
    opinion_sheets.handout_answers(edition, asked.department, out, by=office, now=now)
    kept_answers = opinion_sheets.keep_answers(edition, out.getvalue(), by=office, now=now)
    answered = {"looked_up_on": now.date(), "answered_at": now, "answered_by": office}
    opinion = review.Opinion.objects.create(
        nomination=screened, consultation=asked, answer="problem", explanation="演示", **answered
    )
    overrule = review.Overrule.objects.create(
        opinion=opinion, opinion_version=1, reason="演示", proposed_at=now, proposed_by=office
    )
    proof = review.Proof.objects.create(
        nomination=screened,
        opinion=opinion,
        title="演示依据",
        file=_file("d.pdf"),
        mime="application/pdf",
        size=4,
        sha256="0",
        **stamped,
    )
    expert = review.Expert.objects.create(name=f"专家{n}（演示）", user=place.expert.user)
    member = review.PanelMember.objects.create(
        edition=edition, expert=expert, code="E01", user=place.expert.user
    )
    assignment = review.Assignment.objects.create(
        member=member,
        nomination=nomination,
        assigned_at=now,
        declared_at=now,
        declared_signature=str(member.user),
    )
    draw = review.Draw.objects.create(
        edition=edition,
        number=1,
        seed="演示",
        criteria={"size": 1, "reserves": 0, "fields": [], "most": None, "rotate": False},
        pool=[[str(expert.pk), expert.name]],
        order=[str(expert.pk)],
        digest="0" * 64,
        drawn_at=now,
        drawn_by=office,
    )
    run = review.AssignmentRun.objects.create(
        edition=edition,
        number=1,
        seed="演示",
        inputs={"each": 0, "most": None},
        outcome=[[str(nomination.pk), str(member.pk)]],
        digest="0" * 64,
        run_at=now,
        run_by=office,
    )
    # Of somebody who acts nowhere in the matrix, on the nomination it does not open.
    aside = review.OfficeRecusal.objects.create(
        user=make.hat("office", place.host, username=f"aside-{n}").user,
        nomination=screened,
        reason="演示",
        recorded_at=now,
        recorded_by=office,
    )
    scan = review.SheetPaper.objects.create(
        sheet=review.ScoreSheet.objects.create(assignment=assignment, saved_at=now, submitted_at=now),
        file=_file("评分表.pdf"),
        name="评分表.pdf",
        mime="application/pdf",
        size=4,
        sha256="0",
        **stamped,
    )
    scored = IntakeFile.objects.create(
        kind=IntakeFile.Kind.SCORES,
        edition=edition,
        file=_sample("推荐汇总表.xlsx"),
        name="我的评分表.xlsx",
        sha256="0",
        uploaded_at=now,
        uploaded_by=place.expert,
    )
    poll = voting.Poll.objects.create(
        edition=edition, opens=now - timedelta(days=1), closes=now + timedelta(days=1), opened_at=now
    )
    candidate = voting.Candidate.objects.create(poll=poll, nomination=nomination, number=1)
    ballot = voting.Ballot.objects.create(
        id=UUID(int=n << 100),
        poll=poll,
        voter=f"{n:064d}",
        turn=now.date(),
        picks=[1],
        cast_at=now,
        record=UUID(int=n),
        commitment=bytes(32),
    )
    sequencing.sequence(poll.pk, now=now)
    case = voting.Case.objects.create(
        poll=poll,
        number=1,
        kind="set_aside",
        grounds="other",
        reason="演示",
        proposed_at=now,
        proposed_by=office,
        decision="approved",
        decided_at=now,
        decided_by=make.hat("office", place.host, username=f"second-{n}"),
    )
    quarantine = voting.Quarantine.objects.create(
        poll=poll, kind="set_aside", reason="演示", done_at=now, done_by=case.decided_by, case=case
    )
    case.ballots.add(ballot)
    alarm = voting.Alarm.objects.create(
        poll=poll, rule="device", since=now, until=now, raised_at=now, seen_at=now
    )
    quarantine.ballots.add(ballot)
    inspection = awards.Inspection.objects.create(nomination=nomination)
    inspection.inspectors.add(place.inspector.user)
    team = awards.Team.objects.create(
        edition=edition, number=1, name="第1考察组", made_at=now, made_by=office
    )
    letter = awards.IssuedPaper.objects.create(
        edition=edition,
        kind="visit_letter",
        number=f"演示通知 {n}",
        inspection=inspection,
        file=_file("l.docx"),
        sha256="0",
        issued_at=now,
        issued_by=office,
    )
    paper = awards.InspectionFile.objects.create(
        edition=edition, file=_sample("考察记录.xlsx"), name="考察记录.xlsx", sha256="0", **stamped
    )
    photo = awards.InspectionPhoto.objects.create(inspection=inspection, file=_picture(), **stamped)
    noted = {"inspection": inspection, "noted_by": office}
    checked = awards.CheckedDocument.objects.create(client_id=uuid4(), title="演示材料", seen_at=now, **noted)
    talk = awards.Interview.objects.create(
        client_id=uuid4(), name="演示职工", words="演示", held_at=now, **noted
    )
    signed = awards.VisitSignature.objects.create(
        inspection=inspection,
        part="leader",
        name="演示组长",
        way="paper",
        digest="0",
        scan=_file("s.pdf"),
        signed_at=now,
        recorded_by=office,
    )
    referral = awards.Referral.objects.create(
        nomination=nomination, inspection=inspection, reason="演示理由", referred_at=now, referred_by=office
    )
    awards.Shortlist.objects.create(edition=edition, asked_at=now, asked_by=office)
    return SimpleNamespace(
        year=2026,
        hat=office,
        category=edition.category,
        edition=edition,
        nomination=nomination,
        screened=screened,
        evidence=evidence,
        leaf=1,
        intake=intake,
        round=kept_round,
        answers=kept_answers,
        consultation=asked,
        opinion=opinion,
        overrule=overrule,
        proof=proof,
        batch=batch,
        key=key,
        link=link,
        enterprise=company,
        size="small",
        apart=apart,
        entered=entered,
        former_list=former_list,
        expert=expert,
        member=member,
        draw=draw,
        run=run,
        aside=aside,
        assignment=assignment,
        scan=scan,
        scored=scored,
        poll=poll,
        candidate=candidate,
        ballot=ballot,
        log_size=1,
        log_name=ballot.record.hex,
        log_file="tally.json",
        receipt=receipt_code(ballot),
        case=case,
        alarm=alarm,
        inspection=inspection,
        visitor=place.inspector.user,
        team=team,
        letter=letter,
        paper=paper,
        photo=photo,
        checked=checked,
        talk=talk,
        signed=signed,
        referral=referral,
        **vars(_after(n, edition, nomination, office, now)),
        **indicator_places(n, office, make.organisation(place.recommender), now),
    )


def _after(n, edition, nomination, office, now) -> SimpleNamespace:
    notice = awards.Notice.objects.create(
        edition=edition,
        title=f"公示 {n}",
        text="演示",
        published_at=now,
        published_by=office,
        workdays=5,
        starts_on=now.date(),
        ends_on=now.date() + timedelta(days=7),
        places=1,
        document=_file("notice.docx"),
    )
    look = awards.Look.objects.create(
        nomination=nomination,
        item="fraud",
        looked_up_on=now.date(),
        source="演示来源",
        paper=_file("look.pdf"),
        noted_at=now,
        noted_by=office,
    )
    awards.NoticeRow.objects.create(
        notice=notice, nomination=nomination, position=1, name=nomination.subject_name
    )
    objection = awards.Objection.objects.create(
        notice=notice,
        nomination=nomination,
        number=f"YY-{n}",
        code_hash="0",
        grounds="演示理由",
        lodged_at=now,
        matter="演示事项",
        matter_at=now,
        matter_by=office,
        reply_due=now.date(),
    )
    awards.Handler.objects.create(objection=objection, user=office.user, since=now, assigned_by=office)
    awards.Objector.objects.create(
        objection=objection, sealed=seal({"name": "演示异议人", "contact": "19900000009"})
    )
    objection_papers.keep(objection, [("演示证据.pdf", b"%PDF-1.4\n%%EOF", False)], now=now)
    honour = make.honour(
        nomination.enterprise,
        nomination=nomination,
        host=edition.host,
        level="city",
        year=2026,
        title="全员创新企业",
        number=f"演示-{n}",
        token=f"{n:032x}",
        medal_name="演示人选",
        naming=awards.Decision.objects.create(
            edition=edition,
            number=f"演示文-{n}",
            issued_on=now.date(),
            text="演示",
            document=_file("decision.docx"),
            issued_at=now,
            issued_by=office,
        ),
        named_on=now.date(),
        named_by=office,
    )
    exhibited = awards.Release(
        enterprise=nomination.enterprise,
        nomination=nomination,
        kind="picture",
        title="演示图片",
        alt="演示图片",
        released_at=now,
        released_by=office,
        approved=True,
        decided_at=now,
        decided_by=office,
    )
    exhibited.picture.save("a.webp", ContentFile(NOTHING), save=False)
    exhibited.picture.storage.save(small_name(exhibited.picture), ContentFile(NOTHING))
    exhibited.save()
    promotion = awards.Promotion.objects.create(
        honour=honour, to="model_worker", reason="演示", decided_at=now, decided_by=office
    )
    grant = awards.Grant.objects.create(honour=honour, amount=Decimal("300000.00"))
    awards.Disbursement.objects.create(
        grant=grant,
        amount=Decimal("1000.00"),
        paid_on=now.date(),
        receipt="演示回执 1",
        receipt_file=_file("r.pdf"),
        recorded_at=now,
        recorded_by=office,
    )
    expense = awards.Expense.objects.create(
        grant=grant,
        use=awards.Expense._meta.get_field("use").choices[0][0],
        matter="演示支出",
        amount=Decimal("100.00"),
        spent_on=now.date(),
        voucher="演示凭证 1",
        recorded_at=now,
        recorded_by=office,
    )
    voucher = awards.Voucher.objects.create(
        expense=expense,
        file=_file("c.pdf"),
        name="凭证.pdf",
        sha256="0" * 64,
        uploaded_at=now,
        uploaded_by=office,
    )
    payment = grant.disbursements.get()
    repayment = awards.Repayment.objects.create(
        grant=grant,
        amount=Decimal("10.00"),
        paid_on=now.date(),
        receipt="演示收据 1",
        receipt_file=_file("s.pdf"),
        reason="演示结余",
        recorded_at=now,
        recorded_by=office,
    )
    plan = awards.GrantPlan.objects.create(grant=grant, handed_in_at=now, handed_in_by=office)
    awards.PlanLine.objects.create(plan=plan, use="reward", matter="演示事项", amount=grant.amount)
    report = awards.QuarterReport.objects.create(grant=grant, year=2026, quarter=3, due_on=now.date())
    failed = Notification.objects.create(
        event="演示",
        recipient=office.user,
        channel="mail",
        subject="演示",
        state="failed",
        due_at=now,
        created_at=now,
    )
    return SimpleNamespace(
        notice=notice,
        look=look,
        paper_type="notice",
        ours=0,
        objection=objection,
        honour=honour,
        decision=honour.naming,
        promotion=promotion,
        exhibited=exhibited,
        token=honour.token,
        list_to="province",
        paper_kind="docx",
        grant=grant,
        expense=expense,
        voucher=voucher,
        payment=payment,
        repayment=repayment,
        plan=plan,
        report=report,
        failed=failed,
    )


def _file(name: str) -> ContentFile:
    return ContentFile(b"%PDF-1.4\n%%EOF", name=name)


def _sample(name: str) -> ContentFile:
    return ContentFile((settings.BASE_DIR / "fixtures" / "sample" / name).read_bytes(), name="a.xlsx")


def _picture() -> ContentFile:
    out = BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    return ContentFile(out.getvalue(), name="a.png")
