"""What the office fills in about a poll, and what a voter types."""

from voting.forms.office import (
    ConfirmForm,
    Moment,
    PauseForm,
    PollForm,
    ReasonForm,
    ResumeForm,
    SelectionForm,
)
from voting.forms.voter import CodeForm, LookupForm, PhoneForm

__all__ = [
    "CodeForm",
    "ConfirmForm",
    "LookupForm",
    "Moment",
    "PauseForm",
    "PhoneForm",
    "PollForm",
    "ReasonForm",
    "ResumeForm",
    "SelectionForm",
]
