"""委员会决定: what a brush vote looks like, and what an honest rush looks like. Nothing here decides.

A look (`look`) finds groups of ballots that are remarkable beside the poll's own past. What a ballot has in
common with the others of its groups are its signs. It is flagged when it has at least two and no single
honest reason accounts for them together: many who vote at one address, or for one candidate, or from
elsewhere, are honest on each count.
"""

from voting.rules.detection.look import look, odd_sets
from voting.rules.detection.signs import accounted_for
from voting.rules.detection.terms import EXPLANATIONS, SIGNS, Finding, Past, Seen, Thresholds
from voting.rules.detection.view import collisions

__all__ = [
    "EXPLANATIONS",
    "SIGNS",
    "Finding",
    "Past",
    "Seen",
    "Thresholds",
    "accounted_for",
    "collisions",
    "look",
    "odd_sets",
]
