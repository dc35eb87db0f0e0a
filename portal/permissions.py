"""Who may: one table. Services ask it first (`require`), pages only hide by it (`can`).

A key is an act, a value a predicate of the hat worn and the thing acted on. Nobody is above the table.
"""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from portal.models import Role


def _edition(thing):
    """The edition a thing belongs to, by whichever way it knows it."""
    for path in (
        (),
        ("edition",),
        ("nomination", "edition"),
        ("notice", "edition"),
        ("poll", "edition"),
        ("assignment", "nomination", "edition"),
        ("inspection", "nomination", "edition"),
        ("grant", "honour", "nomination", "edition"),
        ("honour", "nomination", "edition"),
        ("objection", "notice", "edition"),
    ):
        found = thing
        for name in path:
            found = getattr(found, name, None)
        if hasattr(found, "host_id") and hasattr(found, "seats"):
            return found
    return None


def _nomination(thing):
    return thing if hasattr(thing, "recommender_id") else getattr(thing, "nomination", None)


def nobody(hat, thing):
    return False


def anyone(hat, thing):
    return True


def machine(hat, thing):
    return hat.role == Role.SYSTEM


def citizen(hat, thing):
    return hat.role == Role.PUBLIC


def admin(hat, thing):
    return hat.role == Role.ADMIN


def any_office(hat, thing):
    return hat.role == Role.OFFICE


def office(hat, thing):
    """The office of the organisation that hosts the edition."""
    edition = _edition(thing)
    return hat.role == Role.OFFICE and edition is not None and edition.host_id == hat.organisation_id


def city_office(hat, thing):
    """The city's office, for what the whole city has one of."""
    return hat.role == Role.OFFICE and hat.organisation.kind == "city"


def host_office(hat, thing):
    """The office of the organisation that a thing without an edition belongs to."""
    return hat.role == Role.OFFICE and getattr(thing, "host_id", None) == hat.organisation_id


def auditor(hat, thing):
    return hat.role == Role.AUDITOR


def recommender(hat, thing):
    """The organisation through which the nomination is recommended."""
    nomination = _nomination(thing)
    return (
        hat.role == Role.RECOMMENDER
        and nomination is not None
        and nomination.recommender_id == hat.organisation_id
    )


def any_recommender(hat, thing):
    return hat.role == Role.RECOMMENDER


def applicant(hat, thing):
    """The enterprise itself, where it has an account."""
    nomination = _nomination(thing)
    return (
        hat.role == Role.APPLICANT
        and nomination is not None
        and nomination.enterprise.organisation_id == hat.organisation_id
    )


def any_inspector(hat, thing):
    return hat.role == Role.INSPECTOR


def any_applicant(hat, thing):
    return hat.role == Role.APPLICANT


def department(hat, thing):
    """The department the question was put to."""
    return hat.role == Role.DEPARTMENT and thing.department_id == hat.organisation_id


def expert(hat, thing):
    """The expert the sheet was assigned to."""
    return hat.role == Role.EXPERT and thing.member.user_id == hat.user_id


def invited_expert(hat, thing):
    """The expert the place on the panel is kept for."""
    return hat.role == Role.EXPERT and thing.user_id is not None and thing.user_id == hat.user_id


def inspector(hat, thing):
    """A member of the team that visits."""
    return hat.role == Role.INSPECTOR and thing.inspectors.filter(pk=hat.user_id).exists()


def honoured_enterprise(hat, thing):
    honour = getattr(thing, "honour", thing)
    return hat.role == Role.APPLICANT and honour.enterprise.organisation_id == hat.organisation_id


def grant_office(hat, thing):
    return hat.role == Role.OFFICE and thing.honour.host_id == hat.organisation_id


def honour_office(hat, thing):
    """The office that named: an honour imported from former years has no edition here."""
    return hat.role == Role.OFFICE and getattr(thing, "honour", thing).host_id == hat.organisation_id


def named_enterprise(hat, thing):
    """The enterprise itself; where it has no account, the union by which it was named, on its letter."""
    if thing.organisation_id is not None:
        return hat.role == Role.APPLICANT and thing.organisation_id == hat.organisation_id
    named = thing.honours.public().filter(
        nomination__recommender=hat.organisation_id, revoked_on__isnull=True
    )
    return hat.role == Role.RECOMMENDER and named.exists()


def releasing_enterprise(hat, thing):
    """Who speaks for the enterprise where the release's own naming is concerned."""
    if thing.enterprise.organisation_id is None:
        return recommender(hat, thing)
    return hat.role == Role.APPLICANT and thing.enterprise.organisation_id == hat.organisation_id


def honour_recommender(hat, thing):
    """The union that recommended the enterprise: it is the first to look at what became of the money."""
    nomination = getattr(thing, "honour", thing).nomination
    return (
        hat.role == Role.RECOMMENDER
        and nomination is not None
        and nomination.recommender_id == hat.organisation_id
    )


def handler(hat, thing):
    """Of the host's office, and handling this objection now."""
    return office(hat, thing) and thing.handlers.filter(user_id=hat.user_id, until__isnull=True).exists()


def reporter(hat, thing):
    """Who reports indicators for a unit: its own people, whatever their work there is called."""
    return (
        hat.role in (Role.OFFICE, Role.RECOMMENDER, Role.DEPARTMENT)
        and thing.organisation_id == hat.organisation_id
    )


def guiding_office(hat, thing):
    """The office of the organisation a union stands below."""
    return hat.role == Role.OFFICE and thing.parent_id == hat.organisation_id


def own_union(hat, thing):
    return hat.role in (Role.OFFICE, Role.RECOMMENDER) and thing.pk == hat.organisation_id


def guided(hat, thing):
    """Either side of a guidance visit."""
    host = hat.role == Role.OFFICE and thing.host_id == hat.organisation_id
    return host or (hat.role in (Role.OFFICE, Role.RECOMMENDER) and thing.unit_id == hat.organisation_id)


def unit_or_watch(hat, thing):
    return hat.role in (Role.OFFICE, Role.RECOMMENDER, Role.DEPARTMENT, Role.AUDITOR, Role.ADMIN)


def either(*predicates):
    def any_of(hat, thing):
        return any(predicate(hat, thing) for predicate in predicates)

    return any_of


MAY = {
    # the ground
    "portal.read_record": either(auditor, any_office, admin),
    "portal.see_failed_notifications": either(any_office, admin),
    "portal.manage_calendar": either(any_office, admin),
    "portal.check_record": either(auditor, any_office, admin),
    "portal.check_invariants": either(auditor, admin, machine),
    "portal.send_again": either(any_office, admin),
    "portal.manage_people": either(admin, machine),
    # editions
    "nominations.create_edition": any_office,
    "nominations.change_edition": office,
    "nominations.see_categories": either(any_office, auditor, admin),
    "nominations.change_category": city_office,
    "nominations.publish_edition": office,
    "nominations.freeze_rules": either(office, machine),
    "nominations.set_quota": office,
    "nominations.see_board": either(office, auditor),
    "nominations.remind": office,
    "nominations.tell_apart": office,
    "nominations.close_recommendation": office,
    "nominations.conclude": office,
    # ① 推荐
    "nominations.import": either(any_recommender, office),
    "nominations.create": either(any_recommender, any_applicant, office),
    "nominations.edit": either(applicant, recommender, office),
    "nominations.attach": either(applicant, recommender, office),
    "nominations.void_evidence": either(applicant, recommender, office),
    "nominations.rank": either(recommender, office),
    "nominations.submit": either(applicant, recommender, office),
    "nominations.repair": either(applicant, recommender, office),
    "nominations.recommend": either(recommender, office),
    "nominations.send_back": either(recommender, office),
    "nominations.withdraw": either(applicant, recommender, office),
    "nominations.export": either(any_recommender, office),
    "nominations.print_form": either(office, recommender, applicant, any_inspector, auditor),
    "nominations.print_report": either(any_recommender, office),
    # ② 资格审查
    "review.consult": office,
    "review.send_batch": office,
    "review.answer": either(department, office),
    "review.chase": either(office, machine),
    "review.issue_link": office,
    "review.revoke_link": office,
    "review.find": office,
    "review.overrule": office,
    "review.decide_overrule": office,
    "review.close_screening": office,
    "nominations.qualify": office,
    "nominations.reject": office,
    "nominations.rename": office,
    # ③ 专家评审
    "review.manage_register": city_office,
    "review.see_register": either(any_office, auditor),
    "review.seat_panel": office,
    "review.assign": either(office, machine),
    "review.answer_invitation": either(invited_expert, office),
    "review.pin_conflict": office,
    "review.recuse_office": office,
    "review.declare": either(expert, office),
    "review.recuse": either(expert, office),
    "review.score": either(expert, office),
    "review.score_offline": expert,
    "review.print_sheet": either(expert, office),
    "review.attach_paper": either(expert, office),
    "review.reopen_sheet": office,
    "review.remind_experts": office,
    "review.open_discussion": office,
    "review.close_discussion": either(office, machine),
    "review.close_review": office,
    "review.see_scores": either(office, auditor),
    "nominations.put_to_vote": office,
    # ④ 公众投票
    "voting.set_up_poll": office,
    "voting.open_poll": either(office, machine),
    "voting.close_poll": either(office, machine),
    "voting.pause_poll": office,
    "voting.cast": citizen,
    "voting.import_ballots": office,
    "voting.quarantine": office,
    "voting.decide_quarantine": office,
    "voting.see_alarms": either(office, auditor),
    "voting.settle_alarm": office,
    "voting.raise_effort": office,
    "voting.publish_record": either(office, machine),
    "voting.destroy_secret": office,
    "voting.see_totals": either(office, auditor),
    # ⑤ 差额考察
    "awards.draw_shortlist": office,
    "nominations.shortlist": office,
    "awards.plan_inspection": office,
    "awards.record_inspection": either(inspector, office),
    "awards.see_shortlist": either(office, auditor),
    "awards.top_up": office,
    "awards.manage_teams": office,
    "awards.pin_inspector_conflict": office,
    "awards.declare_inspector": inspector,
    "awards.issue_paper": office,
    "awards.sign_visit": either(inspector, office),
    "awards.dispose": office,
    "awards.refer": office,
    "awards.settle_referral": office,
    "awards.reopen_visit": office,
    "nominations.refer": office,
    "nominations.reinstate": office,
    "awards.close_inspection": office,
    # ⑥ 公示, 命名
    "awards.publish_notice": office,
    "nominations.publish": office,
    "awards.note_look": office,
    "awards.correct_notice": office,
    "nominations.unpublish": office,
    "awards.manage_templates": any_office,
    "awards.manage_roster": any_office,
    "awards.lodge_objection": either(citizen, office),
    "awards.receive_objection": office,
    "awards.handle_objection": handler,
    "awards.read_objector": handler,
    "awards.reply_to_objection": applicant,
    "awards.assign_handler": office,
    "awards.allow_extension": office,
    "awards.name": office,
    "nominations.honour": office,
    "awards.set_medal_person": either(honoured_enterprise, honour_office),
    "awards.read_medal_person": either(honoured_enterprise, honour_office),
    "awards.promote": honour_office,
    "awards.enter_former": any_office,
    "awards.import_former": any_office,
    "awards.release": named_enterprise,
    "awards.decide_release": office,
    "awards.withdraw_release": either(releasing_enterprise, office),
    "awards.revoke_honour": honour_office,
    "awards.disburse": grant_office,
    "awards.plan_grant": either(honoured_enterprise, grant_office),
    "awards.approve_plan": grant_office,
    "awards.repay": either(honoured_enterprise, grant_office),
    "awards.close_grant": grant_office,
    "awards.report_quarter": either(honoured_enterprise, grant_office),
    "awards.endorse_report": honour_recommender,
    "awards.review_report": grant_office,
    "awards.record_expense": either(honoured_enterprise, grant_office),
    "awards.export": either(office, auditor),
    # indicators
    "indicators.see": unit_or_watch,
    "indicators.run_round": host_office,
    "indicators.report": either(reporter, host_office),
    "indicators.see_unions": either(city_office, auditor),
    "indicators.see_union": either(guiding_office, own_union, auditor),
    "indicators.guide": guiding_office,
    "indicators.settle_agreement": guided,
}


def can(hat, act: str, thing=None) -> bool:
    """Whether this hat may do this act to this thing. An act missing from the table is a fault, not a no."""
    return hat is not None and MAY[act](hat, thing)


def require(hat, act: str, thing=None) -> None:
    """Line one of every service."""
    if not can(hat, act, thing):
        raise PermissionDenied(_("您当前的身份不能办理此事项，请切换身份或联系办公室。"))
