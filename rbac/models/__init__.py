"""The rbac app's tables."""

from rbac.models.approvals import ApprovalQueue, ApprovalQueueGroupPermission, ApprovalQueueUserPermission
from rbac.models.deciders import DecidersChange
from rbac.models.grants import AccessGrant
from rbac.models.grid import GridCell, GridVersion, MarketSwitch
from rbac.models.hand_overs import HandOver
from rbac.models.mandates import Mandate, MandateInquiry
from rbac.models.memberships import Membership
from rbac.models.origins import Origin
from rbac.models.pauses import Pause
from rbac.models.practice_health import PracticeState, PracticeWarning
from rbac.models.practices import Practice, PracticeTin
from rbac.models.reviews import Review, ReviewLine
from rbac.models.sweeps import SweepRun

__all__ = [
    "AccessGrant",
    "ApprovalQueue",
    "ApprovalQueueGroupPermission",
    "ApprovalQueueUserPermission",
    "DecidersChange",
    "GridCell",
    "GridVersion",
    "HandOver",
    "Mandate",
    "MandateInquiry",
    "MarketSwitch",
    "Membership",
    "Origin",
    "Pause",
    "Practice",
    "PracticeState",
    "PracticeTin",
    "PracticeWarning",
    "Review",
    "ReviewLine",
    "SweepRun",
]
