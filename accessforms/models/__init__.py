"""The accessforms app's tables."""

from accessforms.models.offered import OfferedAnswer
from accessforms.models.printouts import Printout
from accessforms.models.registers import Exclusion, NpiRecord, RegisterImport
from accessforms.models.search import SubmissionTerm
from accessforms.models.submissions import Submission

__all__ = [
    "Exclusion",
    "NpiRecord",
    "OfferedAnswer",
    "Printout",
    "RegisterImport",
    "Submission",
    "SubmissionTerm",
]
