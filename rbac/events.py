"""What can happen to access."""

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event


class AccessGranted(Event, title=_("Access granted")):
    """`reason` is the grant's cause in words, for histories; handlers ask the origin."""

    portal_key: str
    origin: str
    reason: str


class GrantChanged(Event, title=_("Access changed")):
    portal_key: str
    reason: str


class AccessEnded(Event, title=_("Access ended")):
    portal_key: str
    reason: str


class MembershipEvent(Event, abstract=True):
    portal_key: str
    practice: int
    role: str
    reason: str


class MembershipOpened(MembershipEvent, title=_("Works for a practice")): ...


class PersonModified(MembershipEvent, title=_("Details of somebody of a practice changed")):
    """`changed` names the columns, never what stood in them."""

    changed: list[str]


class MembershipSuspended(MembershipEvent, title=_("Work for a practice suspended")): ...


class MembershipRestored(MembershipEvent, title=_("Work for a practice goes on")): ...


class MembershipEnded(MembershipEvent, title=_("No longer works for a practice")): ...


class RoleChanged(MembershipEvent, title=_("Role in a practice changed")):
    """`role` is the new one."""

    role_before: str


class PracticeWarned(Event, title=_("Told how a practice stands with its administrators")):
    portal_key: str
    practice: int
    state: str


class HandOverEvent(Event, abstract=True):
    """A step of a hand-over; `reason` is what Provider Services wrote, where they took part."""

    portal_key: str
    practice: int
    reason: str


class HandOverAsked(HandOverEvent, title=_("Hand-over begun after a call to the number on file")): ...


class HandOverSigned(HandOverEvent, title=_("Hand-over signed by the first of two")): ...


class HandOverDone(HandOverEvent, title=_("Practice handed over")): ...


class HandOverDeclined(HandOverEvent, title=_("Hand-over declined or taken back")): ...


class HandOverLapsed(HandOverEvent, title=_("Hand-over lapsed")): ...


class MandateEvent(Event, abstract=True):
    """A step of a mandate; `practice` is the one that is worked for, `reason` is what staff wrote after a call."""

    portal_key: str
    practice: int
    vendor: int
    reason: str


class MandateAsked(MandateEvent, title=_("Mandate of a practice asked for")): ...


class MandateAgreed(MandateEvent, title=_("Mandate agreed by the practice")): ...


class MandateDeclined(MandateEvent, title=_("Mandate declined by the practice")): ...


class MandateLapsed(MandateEvent, title=_("Mandate lapsed: the practice did not answer")): ...


class MandateEnded(MandateEvent, title=_("Mandate ended")): ...


class ReviewEvent(Event, abstract=True):
    """A step of a review of who works for a practice."""

    portal_key: str
    practice: int


class ReviewOpened(ReviewEvent, title=_("Review of a practice's users opened")): ...


class ReviewAnswered(ReviewEvent, title=_("Review of a practice's users answered")): ...


class ReviewUnanswered(ReviewEvent, title=_("Review of a practice's users ended unanswered")): ...


class TinAttested(Event, title=_("Tax ID of a practice attested")):
    practice: int
    reason: str


class PracticeNamed(Event, title=_("Practice named by staff")):
    practice: int
    reason: str


class CapabilityGiven(Event, title=_("A right in a portal given")):
    portal_key: str
    capability: str
    reason: str


class CapabilityWithdrawn(Event, title=_("A right in a portal withdrawn")):
    portal_key: str
    capability: str
    reason: str


class IdlenessWarned(Event, title=_("Warned that access rests soon")):
    portal_key: str
    days: int


class AccessSuspended(Event, title=_("Access rests: it was not used")):
    portal_key: str
    run: int


class AccessBackAsked(Event, title=_("Access asked for again after its rest")):
    portal_key: str


class AccessRestored(Event, title=_("Access given back after its rest")):
    portal_key: str
    reason: str


class SweepEvent(Event, abstract=True):
    """A step of a run; `reason` is the operator's, where one is asked for."""

    reason: str = ""


class SweepFrozen(SweepEvent, title=_("Run stopped before it began: it would touch too many")): ...


class SweepHalfReleased(SweepEvent, title=_("Run released by the first of two")): ...


class SweepBegun(SweepEvent, title=_("Run begun")): ...


class SweepDone(SweepEvent, title=_("Run done")): ...


class SweepDiscarded(SweepEvent, title=_("Run discarded")): ...


class SweepUndoBegun(SweepEvent, title=_("Undoing of the run begun")): ...


class SweepUndone(SweepEvent, title=_("Run undone")): ...


class DecidersEvent(Event, abstract=True):
    portal_key: str
    reason: str


class DecidersChangeAsked(DecidersEvent, title=_("Change of who decides a portal asked for")): ...


class DecidersChanged(DecidersEvent, title=_("Who decides a portal was changed")): ...


class DecidersChangeCancelled(DecidersEvent, title=_("Change of who decides a portal cancelled")): ...


class DeciderAdded(Event, title=_("Decides the requests of a portal")):
    portal_key: str
    reason: str


class DeciderRemoved(Event, title=_("No longer decides the requests of a portal")):
    portal_key: str
    reason: str


class GridEvent(Event, abstract=True):
    """A step of a version of the grid; `reason` is that of the proposal, or why it was given up."""

    number: int
    reason: str


class GridProposed(GridEvent, title=_("Version of the grid proposed")): ...


class GridHalfPublished(GridEvent, title=_("Version of the grid published by the first of two")): ...


class GridPublished(GridEvent, title=_("Version of the grid published")): ...


class GridDiscarded(GridEvent, title=_("Version of the grid discarded")): ...
