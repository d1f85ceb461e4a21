"""The rbac app's tables."""

from rbac.models.approvals import ApprovalQueue, ApprovalQueueGroupPermission, ApprovalQueueUserPermission
from rbac.models.deciders import DecidersChange
from rbac.models.grants import AccessGrant, Origin
from rbac.models.practices import Practice, PracticeTin
from rbac.models.sweeps import SweepRun

__all__ = [
    "AccessGrant",
    "ApprovalQueue",
    "ApprovalQueueGroupPermission",
    "ApprovalQueueUserPermission",
    "DecidersChange",
    "Origin",
    "Practice",
    "PracticeTin",
    "SweepRun",
]
