"""What the office fills in about a poll, and what a voter types."""

from voting.forms.alarms import DismissForm
from voting.forms.office import ConfirmForm, Moment, PollForm
from voting.forms.pictures import PictureForm
from voting.forms.quarantine import DecideForm, ProposeForm, ReasonForm, SelectionForm
from voting.forms.running import EffortForm, PauseForm, ResumeForm
from voting.forms.voter import CodeForm, LookupForm, PhoneForm

__all__ = [
    "CodeForm",
    "ConfirmForm",
    "DecideForm",
    "DismissForm",
    "EffortForm",
    "LookupForm",
    "Moment",
    "PauseForm",
    "PhoneForm",
    "PictureForm",
    "PollForm",
    "ProposeForm",
    "ReasonForm",
    "ResumeForm",
    "SelectionForm",
]
