"""The accessforms app's tables."""

from accessforms.models.offered import OfferedAnswer
from accessforms.models.printouts import Printout
from accessforms.models.search import SubmissionTerm
from accessforms.models.submissions import Submission

__all__ = ["OfferedAnswer", "Printout", "Submission", "SubmissionTerm"]
