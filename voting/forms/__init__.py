"""What the office fills in about a poll, and what a voter types."""

from voting.forms.office import ConfirmForm, Moment, PauseForm, PollForm, ResumeForm
from voting.forms.quarantine import DecideForm, ProposeForm, ReasonForm, SelectionForm
from voting.forms.voter import CodeForm, LookupForm, PhoneForm

__all__ = [
    "CodeForm",
    "ConfirmForm",
    "DecideForm",
    "LookupForm",
    "Moment",
    "PauseForm",
    "PhoneForm",
    "PollForm",
    "ProposeForm",
    "ReasonForm",
    "ResumeForm",
    "SelectionForm",
]
