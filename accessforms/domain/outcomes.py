"""What a form does for each person it names, in words: before it is decided, and afterwards."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from accessforms.domain.subjects import Subject
from identity.models import Account


class Result(StrEnum):
    """What becomes of somebody's access."""

    GIVEN = "given"
    CHANGED = "changed"
    ADDED = "added"
    ENDED = "ended"
    WOKEN = "woken"
    REOPENED = "reopened"
    INVITED = "invited"  # whether they have an ID makes no difference, and the form tells nobody (D-26)
    ASKS = "asks"
    UNCHANGED = "unchanged"
    UNCLEAR = "unclear"  # whose account it is; never in what was done


ADDS_TAX_IDS = (Result.GIVEN, Result.CHANGED, Result.ADDED, Result.REOPENED)

# Before the decision. The desk and the applicant read the same words.
WILL = {
    Result.GIVEN: _("%(name)s gets access."),
    Result.CHANGED: _("%(name)s keeps the access that is there, with the answers and tax IDs of this form."),
    Result.ADDED: _("%(name)s keeps the access that is there; the tax IDs of this form are added."),
    Result.ENDED: _("The access of %(name)s ends."),
    Result.WOKEN: _("The access of %(name)s, which rests, opens again."),
    Result.REOPENED: _("%(name)s gets the access that ended back, with what it carried and the tax IDs of this form."),
    Result.INVITED: _("%(name)s is invited by mail, and gets access with an ID of their own."),
    Result.ASKS: _("%(name)s gets no access by this form, and has to ask with a form and an ID of their own."),
    Result.UNCHANGED: _("Nothing changes for %(name)s."),
    Result.UNCLEAR: _("Whose account is it? %(name)s cannot be matched with one without doubt."),
}
DID = {
    Result.GIVEN: _("Access was given to %(name)s."),
    Result.CHANGED: _("The access of %(name)s was changed."),
    Result.ADDED: _("The tax IDs of this form were added to the access of %(name)s."),
    Result.ENDED: _("Access ended for %(name)s."),
    Result.WOKEN: _("The access of %(name)s is open again."),
    Result.REOPENED: _("The access of %(name)s is open again."),
    Result.INVITED: _("%(name)s was invited by mail, and gets access with an ID of their own."),
    Result.ASKS: _("%(name)s got no access by this form, and has to ask with a form and an ID of their own."),
    Result.UNCHANGED: _("Nothing was changed for %(name)s."),
}
OPENS = frozenset({Result.GIVEN, Result.CHANGED, Result.ADDED, Result.WOKEN, Result.REOPENED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """One person of a form, the account that was found or chosen, and what becomes of its access."""

    subject: Subject
    result: Result
    account: Account | None = None
    candidates: tuple[Account, ...] = ()

    @property
    def will(self) -> str:
        """What approving does."""
        return str(WILL[self.result]) % {"name": self.subject.name}

    def kept(self, *, applicant: Account) -> dict[str, Any]:
        """What a request keeps of it once it was done."""
        own = self.account is not None and self.account.pk == applicant.pk
        return {"name": self.subject.name, "result": self.result.value, "own": own}


def told(kept: list[dict[str, Any]]) -> list[str]:
    """What was done, a sentence a person, in the reader's language."""
    return [str(DID[Result(one["result"])]) % {"name": one["name"]} for one in kept]


def opens_own(kept: list[dict[str, Any]]) -> bool:
    """Whether the applicant has access by what was done."""
    return any(one["own"] and Result(one["result"]) in OPENS for one in kept)
