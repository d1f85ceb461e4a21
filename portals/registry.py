"""The portals of this installation, read once from `definitions/`, one file each."""

import logging
import pkgutil
from collections.abc import Collection, Iterable
from datetime import timedelta
from functools import cache
from importlib import import_module

from identity.policy import lifecycle
from identity.policy.realms import realm_profile
from portals import definitions
from portals.approval_routes import ApprovalRoute, Queue
from portals.spec import PortalSpec

logger = logging.getLogger(__name__)


class UnknownPortal(KeyError):
    """No definition has this key."""


@cache
def portals() -> dict[str, PortalSpec]:
    """Every portal by its key, in the order of their files."""
    found = {}
    for module in pkgutil.iter_modules(definitions.__path__):
        if module.ispkg:  # long texts of theirs
            continue
        spec: PortalSpec = import_module(f"{definitions.__name__}.{module.name}").PORTAL
        found[spec.key] = spec
    return found


def get(key: str) -> PortalSpec:
    """The portal of a key. Raises UnknownPortal."""
    try:
        return portals()[key]
    except KeyError as error:
        raise UnknownPortal(key) from error


def known(keys: Iterable[str]) -> list[PortalSpec]:
    """The portals of keys that rows of the database name; unknown ones are left out and logged, for no list may break
    because one row outlived its definition."""
    for key in (unknown := {key for key in keys if key not in portals()}):
        logger.warning("no definition knows the portal %s", key)
    return [portals()[key] for key in keys if key not in unknown]


def name_of(key: str) -> str:
    """A portal's name; its key where no definition knows it any more."""
    found = portals().get(key)
    return str(found.name) if found else key


def parts_of(key: str) -> list[PortalSpec]:
    """The portals that are reached from the landing page of `key`."""
    return [portal for portal in portals().values() if portal.part_of == key]


def entered_from(key: str) -> list[PortalSpec]:
    """The portals behind the landing page of `key`: its parts, or the portal itself."""
    return parts_of(key) or [get(key)]


def of_source(key: str) -> PortalSpec:
    """The portal whose old accounts these are. Raises UnknownPortal."""
    try:
        return with_old_accounts()[key]
    except KeyError as error:
        raise UnknownPortal(key) from error


def opened_by_hand() -> list[PortalSpec]:
    """The portals that staff can open to somebody unasked (C12)."""
    return [portal for portal in portals().values() if any(route.by_hand for route in portal.approval_routes)]


def with_queue() -> list[PortalSpec]:
    """The portals on which approver rights are given (C29)."""
    return [portal for portal in portals().values() if any(_has_own(portal, one) for one in portal.approval_routes)]


def without_paper() -> list[str]:
    """The portals whose form nobody prints: what is sent in waits for a decision at once."""
    return [portal.key for portal in portals().values() if portal.access_form and not portal.access_form.paper]


def _has_own(portal: PortalSpec, route: ApprovalRoute) -> bool:
    return route.queue == Queue.OWN or (route.queue == Queue.SHARED and not portal.part_of)


def answered_by(decided: Collection[str]) -> set[str]:
    """The portals that staff answer for who decide these: these, and those on their landing pages that share their
    queues."""
    landings = {portal.part_of for portal in known(decided) if portal.part_of}
    shared = (
        portal.key
        for portal in portals().values()
        if portal.part_of in landings and any(route.queue == Queue.SHARED for route in portal.approval_routes)
    )
    return {*decided, *shared}


def idle_periods() -> dict[str, timedelta]:
    """After how long without use access to each portal rests (S3-19, C17), as the profile of its realm says."""
    return {
        portal.key: lifecycle.after(portal.idle_account, realm_profile(portal.realm))
        for portal in portals().values()
        if portal.idle_account
    }


def with_old_accounts() -> dict[str, PortalSpec]:
    """The portals that old accounts come over to, by the key of their source."""
    return {portal.legacy.key: portal for portal in portals().values() if portal.legacy}
