"""What must always hold from the shortlist to the money, one file per matter."""

from awards.invariants import honours, lists, money, notices, objections, visits

CHECKS = [
    *lists.CHECKS,
    *visits.CHECKS,
    *notices.CHECKS,
    *objections.CHECKS,
    *honours.CHECKS,
    *money.CHECKS,
]
