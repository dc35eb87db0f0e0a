"""Every address with the account of the demonstration that opens it, and where it leads there.

An argument is a value or a function that finds one; no user is the public, and `both/office` is the account
`both` with its office's hat on. An address that answers with a file, a redirection or to a press of a button
only is in `NOT_PAGES`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import get_resolver, reverse
from django.urls.resolvers import URLResolver

from awards import models as awards
from indicators.models import Agreement, Guidance, Reporter, Round, System
from nominations.models import Category, Edition, Enterprise, Evidence, Nomination
from portal.models import Organisation, User
from review.models import (
    Assignment,
    AssignmentRun,
    Draw,
    Expert,
    OfficeRecusal,
    Opinion,
    Overrule,
    PanelMember,
)
from voting.models import Ballot, Candidate, Case, Poll
from voting.services.receipts import receipt_code


@dataclass(frozen=True)
class Page:
    user: str
    args: tuple = ()
    query: Callable[[], str] | str = ""

    def address(self, name: str) -> str:
        args = [each() if callable(each) else each for each in self.args]
        query = self.query() if callable(self.query) else self.query
        return reverse(name, args=args) + query


def page(user: str, *args, query="") -> Page:
    return Page(user, args, query)


def edition(code: str, *, last: bool = False) -> Callable[[], int]:
    return lambda: (
        Edition.objects.filter(host__code=code)
        .order_by("year" if last else "-year")
        .values_list("pk", flat=True)[0]
    )


def first(rows: Callable) -> Callable:
    return lambda: rows().order_by("pk").values_list("pk", flat=True)[0]


def nomination(code: str, state: str, **more) -> Callable[[], int]:
    found = {"edition__host__code": code, "state": state, **more}
    return first(lambda: Nomination.objects.filter(**found).exclude(edition__year__lt=_year()))


def _year() -> int:
    return Edition.objects.order_by("-year").values_list("year", flat=True)[0]


SHINAN, SHIBEI, LAOSHAN, LICANG, CHENGYANG = "370202", "370203", "370212", "370213", "370214"
OFFICE_SHIBEI, OFFICE_LAOSHAN, OFFICE_CHENGYANG = "office-370203", "office-370212", "office-370214"
OFFICE_LICANG = "district-office"


def poll() -> int:
    return Poll.objects.get(closed_at__isnull=True, opened_at__isnull=False).pk


def counted_poll() -> int:
    return Poll.objects.filter(closed_at__isnull=False, edition__host__code="city").order_by("pk")[0].pk


def indicator_system(code: str) -> Callable[[], int]:
    return lambda: System.objects.get(code=code).pk


def reported_indicator() -> int:
    return System.objects.get(code="demonstration").indicators.get(number=2).pk


def reporting() -> int:
    return Round.objects.get(system__code="demonstration", closed_at__isnull=True).pk


def reporter() -> int:
    return Reporter.objects.get(system__code="demonstration", organisation__code=SHINAN).pk


def unit() -> int:
    return Organisation.objects.get(code=SHINAN).pk


def guided() -> int:
    return Guidance.objects.filter(visited_on__isnull=False)[0].pk


def planned() -> int:
    return Guidance.objects.filter(visited_on__isnull=True)[0].pk


def receipt() -> str:
    return receipt_code(Ballot.objects.filter(poll=poll()).order_by("pk")[0])


def assignment(*, submitted: bool = False, declared: bool = True) -> Callable[[], int]:
    def found():
        mine = Assignment.objects.filter(
            member__user__username="expert",
            nomination__edition__host__code=LAOSHAN,
            recusal__isnull=True,
            declared_at__isnull=not declared,
        )
        return mine.filter(sheet__submitted_at__isnull=not submitted)

    return first(found)


def visit(*, done: bool = False) -> Callable[[], int]:
    def found():
        visits = awards.Inspection.objects.filter(nomination__edition__host__code=CHENGYANG)
        return (
            visits.exclude(verdict="")
            if done
            else visits.filter(verdict="", inspectors__username="inspector")
        )

    return first(found)


of_winner = first(lambda: Enterprise.objects.filter(organisation__memberships__user__username="winner"))
shown = first(lambda: awards.Release.objects.public().filter(enterprise=of_winner()))
team = first(lambda: awards.Team.objects.filter(edition__host__code=CHENGYANG))
visitor = first(lambda: User.objects.filter(username="inspector"))


def picked_visits() -> str:
    visits = awards.Inspection.objects.filter(nomination__edition__host__code=CHENGYANG, verdict="")
    return "?" + "&".join(f"visit={each.pk}" for each in visits)


def other_weights() -> str:
    return "?expert=20&ratio=1.5"


def picked_nominations() -> str:
    at = Nomination.objects.filter(edition__host__code=SHINAN, state="recommendation")
    return "?" + "&".join(f"pick={each.pk}" for each in at.order_by("pk")[:2])


def notice(*, running: bool = True) -> Callable[[], int]:
    return first(lambda: awards.Notice.objects.filter(edition__host__code=LICANG if running else "city"))


def winners(model) -> Callable[[], int]:
    """Rows of last year's winner that has an account of its own."""
    way = {
        awards.Honour: "",
        awards.Promotion: "honour__",
        awards.Grant: "honour__",
        awards.Expense: "grant__honour__",
        awards.Disbursement: "grant__honour__",
        awards.GrantPlan: "grant__honour__",
        awards.QuarterReport: "grant__honour__",
    }[model]
    return first(
        lambda: model.objects.filter(
            **{f"{way}enterprise__organisation__memberships__user__username": "winner"}
        )
    )


def certificate() -> str:
    return awards.Honour.objects.get(pk=winners(awards.Honour)()).token


waiting_plan = first(lambda: awards.GrantPlan.objects.filter(state="handed_in"))


def report(state: str) -> Callable[[], int]:
    return first(lambda: awards.QuarterReport.objects.filter(state=state))


former_entry = first(lambda: awards.Honour.objects.filter(nomination=None, host__code="city"))


def winners_enterprise() -> int:
    return awards.Honour.objects.get(pk=winners(awards.Honour)()).enterprise_id


an_expert = first(Expert.objects.all)
a_draw = first(lambda: Draw.objects.filter(edition__host__code=LAOSHAN))
a_run = first(lambda: AssignmentRun.objects.filter(edition__host__code=LAOSHAN))
an_aside = first(lambda: OfficeRecusal.objects.filter(nomination__edition__host__code=LAOSHAN))
a_member = first(lambda: PanelMember.objects.filter(edition__host__code=LAOSHAN, standing="seated"))
untouched = first(
    lambda: Assignment.objects.filter(
        nomination__edition__host__code=LAOSHAN, sheet__isnull=True, recusal__isnull=True
    )
)
a_problem = first(lambda: Opinion.objects.filter(nomination__edition__host__code=SHIBEI, answer="problem"))
a_dispute = first(lambda: Overrule.objects.filter(confirmed__isnull=True))
objection = first(lambda: awards.Objection.objects.filter(notice__edition__host__code=LICANG))
handled = first(lambda: awards.Objection.objects.filter(state="accepted"))
a_case = first(lambda: Case.objects.filter(decision=""))
candidate = first(lambda: Candidate.objects.filter(poll=poll()))
returned = nomination(SHINAN, "draft", enterprise__organisation__isnull=False)
documented = nomination(SHINAN, "recommendation", evidence__isnull=False)
document = first(
    lambda: Evidence.objects.current().filter(
        nomination__edition__host__code=SHINAN, nomination__state="recommendation"
    )
)
WHOLE_CITY, LAST_CITY = edition("city"), edition("city", last=True)
RESULTS = first(lambda: Category.objects.filter(subject=Category.Subject.RESULT))

PEOPLE = ("office", "district-office", "recommender", "applicant", "winner", "department", "consultee")
PEOPLE += ("expert", "inspector", "auditor", "admin", "both")

PAGES: dict[str, tuple[Page, ...]] = {
    "portal:home": (page(""), *(page(user) for user in PEOPLE)),
    "portal:front": (page("office"),),
    "portal:notices": (page("office"),),
    "portal:outbox": (page("office"),),
    "portal:record": (page("auditor"),),
    "portal:invariants": (page("auditor"),),
    "portal:calendar": (page("office"),),
    "portal:calendar_new": (page("office"),),
    "portal:calendar_year": (page("office", 2026),),
    "nominations:categories": (page("office"), page("auditor")),
    "nominations:category": (page("office", RESULTS), page("admin", RESULTS)),
    "nominations:category_change": (page("office", RESULTS),),
    "nominations:editions": (page("office"), page("auditor")),
    "nominations:edition_new": (page("office"),),
    "nominations:edition": (page("office", WHOLE_CITY), page("office", LAST_CITY)),
    "nominations:edition_edit": (page("office", WHOLE_CITY), page("both/office", edition(SHINAN))),
    "nominations:edition_publish": (page("both/office", edition(SHINAN)),),
    "nominations:quotas": (page("both/office", edition(SHINAN)),),
    "nominations:quotas_import": (page("both/office", edition(SHINAN)),),
    "nominations:board": (page("both/office", edition(SHINAN)), page("auditor", WHOLE_CITY)),
    "nominations:board_remind": (page("both/office", edition(SHINAN)),),
    "nominations:duplicates": (page("both/office", edition(SHINAN)), page("auditor", WHOLE_CITY)),
    "nominations:conclude": (page(OFFICE_LICANG, edition(LICANG)),),
    "nominations:desk": (
        page("recommender", edition(SHINAN)),
        page("office", WHOLE_CITY),
        page("applicant", edition(SHINAN)),
    ),
    "nominations:nomination_new": (page("recommender", edition(SHINAN)),),
    "nominations:rank": (page("recommender", edition(SHINAN)),),
    "nominations:recommend": (page("recommender", edition(SHINAN), query=picked_nominations),),
    "nominations:close_recommendation": (page("both/office", edition(SHINAN)),),
    "nominations:import": (page("recommender", edition(SHINAN)),),
    "nominations:round": (page("recommender", edition(SHINAN)), page("both/office", edition(SHINAN))),
    "nominations:nomination": (
        page("recommender", nomination(SHINAN, "recommendation")),
        page("applicant", returned),
        page("office", nomination("city", "voting")),
        page("auditor", first(lambda: Nomination.objects.filter(state="named"))),
        page("inspector", nomination(CHENGYANG, "inspection", inspection__inspectors__username="inspector")),
    ),
    "nominations:nomination_edit": (page("applicant", returned),),
    "nominations:attach": (page("applicant", returned), page("recommender", documented)),
    "nominations:evidence_view": (page("recommender", documented), page("auditor", documented)),
    "nominations:evidence_replace": (page("recommender", document),),
    "nominations:evidence_void": (page("recommender", document),),
    "nominations:submit": (page("applicant", returned),),
    "nominations:send_back": (page("recommender", nomination(SHINAN, "recommendation")),),
    "nominations:withdraw": (page("recommender", nomination(SHINAN, "recommendation")),),
    "nominations:enterprise": (page("auditor", winners_enterprise), page("winner", winners_enterprise)),
    "review:screening": (page(OFFICE_SHIBEI, edition(SHIBEI)), page("department", edition(SHIBEI))),
    "review:batches": (page(OFFICE_SHIBEI, edition(SHIBEI)),),
    "review:chase": (page(OFFICE_SHIBEI, edition(SHIBEI)),),
    "review:links": (page(OFFICE_SHIBEI, edition(SHIBEI)),),
    "review:rechecks": (page(OFFICE_CHENGYANG, edition(CHENGYANG)),),
    "review:refuse_rechecked": (page(OFFICE_CHENGYANG, nomination(CHENGYANG, "inspection")),),
    "review:consult": (page(OFFICE_SHIBEI, edition(SHIBEI)),),
    "review:answer_rest": (page("department", edition(SHIBEI)),),
    "review:answer_workbook": (page("department", edition(SHIBEI)), page(OFFICE_SHIBEI, edition(SHIBEI))),
    "review:close_screening": (page(OFFICE_SHIBEI, edition(SHIBEI)),),
    "review:answer": (
        page(OFFICE_SHIBEI, nomination(SHIBEI, "screening")),
        page("department", nomination(SHIBEI, "screening")),
    ),
    "review:find": (page(OFFICE_SHIBEI, nomination(SHIBEI, "screening"), query="?item=accident"),),
    "review:cases": (page(OFFICE_SHIBEI, edition(SHIBEI)), page("auditor", LAST_CITY)),
    "review:overrule": (page(OFFICE_SHIBEI, a_problem),),
    "review:decide_overrule": (page("office2-370203", a_dispute), page(OFFICE_SHIBEI, a_dispute)),
    "review:register": (page("office"), page("auditor")),
    "review:expert": (page("office", an_expert),),
    "review:expert_new": (page("office"),),
    "review:expert_edit": (page("office", an_expert),),
    "review:expert_active": (page("office", an_expert),),
    "review:register_import": (page("office"),),
    "review:panel": (page(OFFICE_LAOSHAN, edition(LAOSHAN)),),
    "review:draw": (page(OFFICE_LAOSHAN, edition(LAOSHAN)),),
    "review:drawn": (page(OFFICE_LAOSHAN, a_draw), page("auditor", a_draw)),
    "review:answer_for": (page(OFFICE_LAOSHAN, a_member),),
    "review:replace": (page(OFFICE_LAOSHAN, a_member),),
    "review:conflicts": (page(OFFICE_LAOSHAN, edition(LAOSHAN)), page("auditor", edition(LAOSHAN))),
    "review:pin": (page(OFFICE_LAOSHAN, a_member, nomination(LAOSHAN, "review")),),
    "review:recuse_office": (page(OFFICE_LAOSHAN, nomination(LAOSHAN, "review")),),
    "review:lift_office": (page(OFFICE_LAOSHAN, an_aside),),
    "review:assign": (page(OFFICE_LAOSHAN, edition(LAOSHAN)),),
    "review:give": (page(OFFICE_LAOSHAN, edition(LAOSHAN)),),
    "review:assignment_run": (page(OFFICE_LAOSHAN, a_run), page("auditor", a_run)),
    "review:take_back": (page(OFFICE_LAOSHAN, untouched),),
    "review:scores_workbook": (page(OFFICE_LAOSHAN, edition(LAOSHAN)),),
    "review:progress": (page(OFFICE_LAOSHAN, edition(LAOSHAN)), page("auditor", LAST_CITY)),
    "review:close_review": (page(OFFICE_LAOSHAN, edition(LAOSHAN)),),
    "review:remind_experts": (page(OFFICE_LAOSHAN, edition(LAOSHAN)),),
    "review:recompute": (page("auditor", LAST_CITY),),
    "review:compared": (page("expert", edition(LAOSHAN)),),
    "review:sheets": (page("expert"),),
    "review:declare": (page("expert"),),
    "review:sheet": (page("expert", assignment()), page("expert", assignment(submitted=True))),
    "review:discussion": (page(OFFICE_LAOSHAN, edition(LAOSHAN)),),
    "review:reopen_sheet": (page(OFFICE_LAOSHAN, assignment(submitted=True)),),
    "review:recuse": (page("expert", assignment(declared=False)),),
    "review:offline": (page("expert", edition(LAOSHAN)),),
    "review:sheet_papers": (page("expert", assignment(submitted=True)), page("expert", assignment())),
    "review:papers": (page(OFFICE_LAOSHAN, edition(LAOSHAN)), page("auditor", LAST_CITY)),
    "voting:poll": (page("office", WHOLE_CITY), page("auditor", LAST_CITY)),
    "voting:pause": (page("office", WHOLE_CITY),),
    "voting:effort": (page("office", WHOLE_CITY),),
    "voting:set_aside": (page("office", WHOLE_CITY, query="?since=2020-01-01T00:00"),),
    "voting:cases": (page("office", LAST_CITY), page("auditor", LAST_CITY)),
    "voting:alarms": (page("office", WHOLE_CITY), page("auditor", LAST_CITY)),
    "voting:case": (page("office2", a_case), page("auditor", a_case)),
    "voting:verify": (page(""),),
    "voting:lookup": (page(""), page("", query=lambda: f"?code={receipt()}")),
    "voting:inbox": (page(""),),
    "voting:receipt": (page("", receipt),),
    "voting:candidate": (page("", candidate),),
    "voting:booth": (page("", poll), page("", counted_poll)),
    "voting:record": (page("", poll), page("", counted_poll)),
    "voting:terms": (page("", poll),),
    "voting:choose": (page("", poll),),
    "voting:identity": (page("", poll),),
    "voting:pictures": (page("office", WHOLE_CITY),),
    "voting:result": (page("", poll), page("", counted_poll)),
    "awards:shortlist": (page("office", LAST_CITY), page("office", WHOLE_CITY)),
    "awards:shortlist_why": (page("office", LAST_CITY),),
    "awards:shortlist_what_if": (page("office", LAST_CITY), page("auditor", LAST_CITY, query=other_weights)),
    "awards:shortlist_verify": (page("auditor", LAST_CITY),),
    "awards:inspections": (page(OFFICE_CHENGYANG, edition(CHENGYANG)), page("inspector", edition(CHENGYANG))),
    "awards:inspection_team": (page(OFFICE_CHENGYANG, edition(CHENGYANG), query=picked_visits),),
    "awards:teams": (page(OFFICE_CHENGYANG, edition(CHENGYANG)), page("auditor", edition(CHENGYANG))),
    "awards:team_new": (page(OFFICE_CHENGYANG, edition(CHENGYANG)),),
    "awards:team": (page(OFFICE_CHENGYANG, team),),
    "awards:team_retire": (page(OFFICE_CHENGYANG, team),),
    "awards:inspector": (page(OFFICE_CHENGYANG, edition(CHENGYANG), visitor),),
    "awards:inspector_conflicts": (page(OFFICE_CHENGYANG, edition(CHENGYANG)),),
    "awards:pin_inspector": (page(OFFICE_CHENGYANG, visit(), visitor),),
    "awards:declare_inspector": (page("inspector", edition(CHENGYANG)),),
    "awards:visit_calendar": (
        page(OFFICE_CHENGYANG, edition(CHENGYANG)),
        page("inspector", edition(CHENGYANG)),
    ),
    "awards:visit_route": (page(OFFICE_CHENGYANG, edition(CHENGYANG)), page("inspector", edition(CHENGYANG))),
    "awards:visit_proposal": (page(OFFICE_CHENGYANG, edition(CHENGYANG)),),
    "awards:visit_letters": (page(OFFICE_CHENGYANG, edition(CHENGYANG)),),
    "awards:inspection_paper": (page(OFFICE_CHENGYANG, edition(CHENGYANG)),),
    "awards:close_inspection": (page(OFFICE_CHENGYANG, edition(CHENGYANG)),),
    "awards:inspection": (page("inspector", visit()), page(OFFICE_CHENGYANG, visit(done=True))),
    "awards:dispose": (page(OFFICE_CHENGYANG, visit(done=True)),),
    "awards:refer": (page(OFFICE_CHENGYANG, visit(done=True)),),
    "awards:reopen_visit": (page(OFFICE_CHENGYANG, visit(done=True)),),
    "awards:referrals": (page(OFFICE_CHENGYANG, edition(CHENGYANG)),),
    "awards:line_new": (page(OFFICE_CHENGYANG, visit()),),
    "awards:sign_visit": (page("inspector", visit()),),
    "awards:publicity": (page(OFFICE_LICANG, edition(LICANG)), page("office", LAST_CITY)),
    "awards:refuse_found": (page(OFFICE_CHENGYANG, nomination(CHENGYANG, "inspection")),),
    "awards:rename": (page(OFFICE_CHENGYANG, nomination(CHENGYANG, "inspection")),),
    "awards:looks": (page(OFFICE_LICANG, edition(LICANG)), page("auditor", LAST_CITY)),
    "awards:correct_notice": (page(OFFICE_LICANG, notice()),),
    "awards:templates": (page("office"),),
    "awards:template_kind": (page("office", "notice"),),
    "awards:notices": (page(""),),
    "awards:notice": (page("", notice()), page("", notice(running=False))),
    "awards:object": (page("", notice()), page("", notice(running=False))),
    "awards:objection_status": (page(""),),
    "awards:objections": (page(OFFICE_LICANG, edition(LICANG)),),
    "awards:objection": (page(OFFICE_LICANG, objection), page(OFFICE_LICANG, handled)),
    "awards:objection_hear": (page(OFFICE_LICANG, handled),),
    "awards:objection_ask": (page(OFFICE_LICANG, handled),),
    "awards:objection_extend": (page(OFFICE_LICANG, handled),),
    "awards:objection_assign": (page(OFFICE_LICANG, handled),),
    "awards:roster": (page(OFFICE_LICANG),),
    "awards:name": (page(OFFICE_LICANG, edition(LICANG)),),
    "awards:honours": (page("office", LAST_CITY),),
    "awards:honour_medal": (page("office", winners(awards.Honour)),),
    "awards:honour": (page("office", winners(awards.Honour)), page("winner", winners(awards.Honour))),
    "awards:medal_person": (page("office", winners(awards.Honour)),),
    "awards:medal_person_remove": (page("office", winners(awards.Honour)),),
    "awards:promote": (page("office", winners(awards.Honour), "model_worker"),),
    "awards:end_promotion": (page("office", winners(awards.Promotion)),),
    "awards:promotion_outcome": (page("office", winners(awards.Promotion)),),
    "awards:close_publicity": (page(OFFICE_LICANG, edition(LICANG)),),
    "awards:former": (page("office"), page("district-office")),
    "awards:former_new": (page("office"),),
    "awards:former_import": (page("office"),),
    "awards:former_correct": (page("office", former_entry),),
    "awards:former_withdraw": (page("office", former_entry),),
    "awards:verify": (page("", certificate),),
    "awards:honour_revoke": (page("office", winners(awards.Honour)),),
    "awards:registry": (page(""), page("", query="?q=%E6%BC%94%E7%A4%BA&level=city&standing=1")),
    "awards:registry_print": (page(""),),
    "awards:exhibition": (page(""), page("", query="?level=city&q=%E6%BC%94%E7%A4%BA")),
    "awards:exhibit": (page("", of_winner),),
    "awards:releases": (page("winner", of_winner), page("auditor", of_winner)),
    "awards:release": (page("winner", of_winner),),
    "awards:releases_waiting": (page("office"),),
    "awards:release_withdraw": (page("winner", shown),),
    "awards:grant": (page("winner", winners(awards.Grant)), page("office", winners(awards.Grant))),
    "awards:grants": (page("winner"), page("recommender"), page("auditor")),
    "awards:edition_grants": (page("office", LAST_CITY), page("auditor", LAST_CITY)),
    "awards:plan_grant": (page("winner", winners(awards.Grant)),),
    "awards:grant_plan": (page("office", waiting_plan), page("winner", winners(awards.GrantPlan))),
    "awards:quarter_report": (
        page("office", report("endorsed")),
        page("recommender", report("handed_in")),
        page("office", report("due")),
        page("auditor", report("reviewed")),
    ),
    "awards:disburse": (page("office", winners(awards.Grant)),),
    "awards:repay": (page("winner", winners(awards.Grant)),),
    "awards:close_grant": (page("office", winners(awards.Grant)),),
    "awards:reverse_disbursement": (page("office", winners(awards.Disbursement)),),
    "awards:expense": (page("winner", winners(awards.Grant)),),
    "awards:reverse_expense": (page("winner", winners(awards.Expense)),),
    "indicators:systems": (page("office"), page("recommender")),
    "indicators:board": (
        page("office", indicator_system("demonstration")),
        page("auditor", indicator_system("jinan-2022")),
        page("recommender", indicator_system("qingdao-2020")),
    ),
    "indicators:indicator": (page("office", reported_indicator),),
    "indicators:round": (page("office", reporting),),
    "indicators:close_round": (page("office", reporting),),
    "indicators:new_round": (page("office", indicator_system("demonstration")),),
    "indicators:reporters": (page("office", indicator_system("demonstration")),),
    "indicators:indicator_reporters": (page("office", reported_indicator),),
    "indicators:report": (page("recommender", reporting, reporter),),
    "indicators:report_import": (page("recommender", reporting, reporter),),
    "indicators:levels": (page("office"), page("district-office"), page("recommender")),
    "indicators:level_honours": (page("office", query="?category=all"),),
    "indicators:unions": (page("office"), page("auditor")),
    "indicators:union": (page("office", unit), page("recommender", unit)),
    "indicators:guidance_plan": (page("office", unit),),
    "indicators:guidance": (page("office", guided), page("recommender", guided)),
    "indicators:guidance_record": (page("office", planned),),
    "indicators:guidance_cancel": (page("office", planned),),
    "indicators:agreement": (page("recommender", first(Agreement.objects.all)),),
    "account_login": (page(""),),
    "account_logout": (page("office"),),
    "account_change_password": (page("office"),),
    "mfa_index": (page("office"),),
}
#: Pages that need a button or a file before them: the walk goes through them, and looks as closely.
WALKED = {
    "nominations:import_preview",
    "review:submit_sheet",
    "voting:undo_case",
    "voting:set_up",
    "voting:open_poll",
    "voting:close_poll",
    "voting:summary",
    "voting:mine",
    "awards:publish_notice",
    "awards:objection_person",
}
#: The same page as one above, in a state the demonstration does not have: held by the tests of its views.
ELSEWHERE = {
    "awards:medal_person_read",  # particulars, after a press of the button only
    "awards:referral",  # the demonstration sends nobody back; in tests/awards/test_referral_views.py
    "awards:my_objection",  # asked is one without an account; in tests/browser/test_objection.py
    "review:invitation",  # the demonstration's panel is seated; in tests/browser/test_scoring.py
    "voting:cast",  # a ballot that was not counted, as the receipt in its frame
    "portal:calendar_confirm",  # components/confirm.html after a posted arrangement
    "voting:alarm",  # the demonstration is not attacked; in tests/voting/test_alarm_views.py
    "voting:dismiss_alarm",  # the confirmation of an alarm, likewise
    "voting:propose_alarm",  # the confirmation of a case, as voting:undo_case
    "voting:resume",  # the confirmation of a paused poll, as voting:pause
    "nominations:round_file",  # tables and choices after an upload
    "review:answers_file",  # likewise
    "review:offline_file",  # likewise
    "awards:inspection_preview",  # a table after an upload, as nominations:import_preview
    "awards:former_file",  # likewise
    "awards:void_photo",  # a form of one field, as awards:line_new; in tests/awards/test_visit_views.py
    "awards:void_document",
    "awards:void_interview",
    "awards:publish_replacement",  # as awards:publish_notice
    "awards:top_up",  # nobody leaves the demonstration's lists; in tests/awards/test_shortlist_questions.py
    "awards:reverse_repayment",  # as awards:reverse_disbursement
    "review:revoke_link",  # as the other confirmations; walked in test_joint
    "review:by_link",  # a key that is nowhere kept: all of these are walked and looked at in test_joint
    "review:by_link_rest",
    "review:by_link_workbook",
    "review:by_link_file",
    "review:by_link_finish",
    "nominations:conflict",  # two saves of one version, in tests/browser/test_declaring.py
}
#: Answers with a file, a redirection or a figure; nobody looks at it.
NOT_PAGES = {
    "awards:medal_people_export",
    "portal:run_invariants",
    "nominations:category_file",
    "voting:live",  # the part of voting:poll that is fetched every five seconds
    "voting:checkpoint",
    "voting:checkpoint_at",
    "voting:inclusion",
    "voting:inclusion_at",
    "voting:consistency",
    "voting:record_file",
    "portal:wear",
    "portal:letters",
    # What a script of the voting page asks, and a message gateway.
    "voting:challenge",
    "voting:code",
    "voting:check",
    "voting:sms_report",
    "ballot:cast",
    "ballot:start",
    "portal:send_again",
    "portal:check_record",
    "portal:healthz",
    "portal:readyz",
    "portal:robots",
    "portal:sitemap",
    "nominations:import_form",
    "awards:former_form",
    "awards:former_progress",
    "nominations:quotas_form",
    "nominations:board_export",
    "nominations:look_again",
    # A button of nominations:duplicates.
    "nominations:tell_apart",
    "nominations:import_progress",
    "nominations:round_out",
    "review:answers_progress",
    "nominations:look_up",
    "nominations:autosave",
    "nominations:take_over",
    "nominations:export",
    "nominations:form_docx",
    "nominations:form_pdf",
    "nominations:form_print",
    "nominations:category_form",
    "nominations:report_docx",
    "nominations:evidence",
    "nominations:evidence_thumbnail",
    "nominations:evidence_page",
    "review:answer_template",
    "review:answer_row",
    "review:by_link_row",
    "review:by_link_template",
    "review:by_link_proof",
    "review:screening_export",
    "review:decision",
    "review:proof",
    "review:offline_workbook",
    "review:offline_paper",
    "review:sheet_form",
    "review:sheet_scan",
    "review:register_form",
    "review:find_conflicts",
    "review:choose_pair",
    "review:register_export",
    "review:scores_export",
    "awards:shortlist_progress",
    "awards:shortlist_result",
    "voting:export",
    "voting:totals",
    "voting:picture",
    "voting:comfort",
    "awards:shortlist_export",
    "awards:inspection_form",
    "awards:inspections_export",
    "awards:find_inspector_conflicts",
    "awards:choose_inspector_pair",
    "awards:visit_letters_zip",
    "awards:visit_letter",
    "awards:photo",
    "awards:visit_report",
    "awards:visit_report_pdf",
    # What the page of a visit asks on a phone, and its forms without a script.
    "awards:sync_visit",
    "awards:add_photo",
    "awards:note_document",
    "awards:note_interview",
    "awards:visit_worker",
    "awards:signature_scan",
    "awards:notice_document",
    "awards:notice_print",
    "awards:honour_feed",
    "awards:notice_feed",
    "awards:registry_export",
    "awards:look_paper",
    "awards:template_source",
    "awards:template_example",
    "awards:template_use",
    "awards:notice_export",
    "awards:objection_paper",
    "awards:objection_take",
    "awards:objection_letter",
    "awards:objection_enterprise_letter",
    "awards:objection_status_letter",
    "awards:my_objection_letter",
    "awards:roster_end",
    "awards:exhibit_picture",
    "awards:release_picture",
    "awards:honours_export",
    "awards:promotions_export",
    "awards:certificates",
    "awards:certificate",
    "awards:decision",
    "awards:decision_pdf",
    "awards:grant_export",
    "awards:grants_export",
    "indicators:board_export",
    "indicators:levels_export",
    "indicators:union_report",
    "indicators:report_form",
    "indicators:remind",
    "awards:voucher",
    "awards:disbursement_receipt",
    "awards:repayment_receipt",
}
#: What is read most, also in large letters.
MAIN = {
    "portal:home",
    "nominations:desk",
    "nominations:nomination",
    "review:screening",
    "review:sheet",
    "voting:booth",
    "voting:poll",
    "awards:shortlist",
    "awards:inspection",
    "awards:notice",
    "awards:object",
    "awards:registry",
}
OURS = ("portal", "nominations", "review", "voting", "awards", "ballot", "indicators")


def names(resolver: URLResolver | None = None, spaces: tuple[str, ...] = ()) -> Iterator[str]:
    """The names of all addresses of our apps, from the URLconf itself."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from names(entry, (*spaces, entry.namespace) if entry.namespace else spaces)
        elif spaces and spaces[0] in OURS:
            yield ":".join((*spaces, entry.name))
