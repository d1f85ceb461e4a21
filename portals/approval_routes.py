"""The ways in which access to a portal is asked for, decided and given (C14), each with all that hangs on it.

A portal's definition names one or more of these objects, and everything else asks them: no text is compared.
"""

from dataclasses import dataclass
from enum import Enum, auto

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rbac.models import Origin


@dataclass(frozen=True, slots=True)
class Staff:
    """Those who decide and help: the group that enrollment gives rights by, and what a sentence calls them."""

    group: str
    name: str | Promise


SERVICE_DESK = Staff("Service desk", _("the service desk"))
PROVIDER_SERVICES = Staff("Provider Services", _("Provider Services"))


class Queue(Enum):
    """Where staff find what a route asks them to decide."""

    NONE = auto()  # staff decide nothing
    OWN = auto()  # a queue of the portal
    SHARED = auto()  # the queues of the portals on the same landing page; of a portal that stands alone, its own


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRoute:
    """One way to get in."""

    name: str | Promise
    queue: Queue
    origins: frozenset[Origin]  # of the grants that are given by it
    approver: str | Promise = ""  # who decides, as a sentence names them; empty: the portal's own staff
    page: str = ""  # the URL name of the page where people ask; it takes the portal's key
    asks: str | Promise = ""  # the label of the way there
    mail: str = ""  # the kind of message that tells of the access; empty: whatever decides it tells of it itself
    by_hand: bool = False  # whether staff give it on a page of theirs, unasked


PAPER_FORM = ApprovalRoute(
    name=_("access form"),
    queue=Queue.OWN,
    origins=frozenset({Origin.FORM}),
    page="access_form",
    asks=_("Fill in the access form"),
)
FORM = ApprovalRoute(
    name=_("registration"),
    queue=Queue.OWN,
    origins=frozenset({Origin.FORM}),
    page="access_form",
    asks=_("Register"),
)
INVITATION = ApprovalRoute(
    name=_("invitation"),
    queue=Queue.NONE,
    origins=frozenset({Origin.INVITATION}),
    approver=_("the administrator of your practice"),
)
STAFF = ApprovalRoute(
    name=_("staff"),
    queue=Queue.SHARED,
    origins=frozenset({Origin.STAFF}),
    mail="portals.AccessGivenMail",
    by_hand=True,
)
OLD_ACCOUNT = ApprovalRoute(
    name=_("old account"),
    queue=Queue.NONE,
    origins=frozenset({Origin.LEGACY_ACCOUNT, Origin.MIGRATION}),
)
