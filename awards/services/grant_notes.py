"""What is said of a grant: on the record, and to those it concerns."""

from django.urls import reverse

from portal import audit
from portal.models import Membership, Role
from portal.notify import notify


def note(act, subject, grant, *, by, now, **detail) -> None:
    """One line on the record, under the edition where there is one."""
    edition = grant.honour.nomination.edition if grant.honour.nomination_id else None
    audit.record(act, subject, by=by, now=now, edition=edition, grant=grant.pk, **detail)


def enterprise_hats(grant):
    """Those who account for the money; nobody where the enterprise has no account."""
    return _at(grant.honour.enterprise.organisation_id, Role.APPLICANT)


def union_hats(grant):
    """Those of the union that recommended the enterprise."""
    nomination = grant.honour.nomination
    return _at(nomination and nomination.recommender_id, Role.RECOMMENDER)


def office_hats(grant):
    return _at(grant.honour.host_id, Role.OFFICE)


def _at(organisation, role):
    if not organisation:
        return Membership.objects.none()
    return Membership.objects.at(organisation, role).select_related("user")


def tell(event, hats, grant, *, subject, body="", now, report=None) -> int:
    """Tell these of a grant, with the way to its ledger or to the report that is meant."""
    url = (
        reverse("awards:quarter_report", args=[report.pk])
        if report
        else reverse("awards:grant", args=[grant.pk])
    )
    nomination = grant.honour.nomination
    return notify(
        event,
        hats,
        subject=f"{grant.honour.subject_name}：{subject}",
        body=body,
        url=url,
        now=now,
        edition=nomination.edition if nomination else None,
    )
