"""The portals of this installation, read once from `definitions/`, one file each."""

import pkgutil
from functools import cache
from importlib import import_module

from portals import definitions
from portals.spec import PortalSpec


class UnknownPortal(KeyError):
    """No definition has this key."""


@cache
def portals() -> dict[str, PortalSpec]:
    """Every portal by its key, in the order of their files."""
    found = {}
    for module in pkgutil.iter_modules(definitions.__path__):
        spec: PortalSpec = import_module(f"{definitions.__name__}.{module.name}").PORTAL
        found[spec.key] = spec
    return found


def get(key: str) -> PortalSpec:
    """The portal of a key. Raises UnknownPortal."""
    try:
        return portals()[key]
    except KeyError as error:
        raise UnknownPortal(key) from error


def parts_of(key: str) -> list[PortalSpec]:
    """The portals that are reached from the landing page of `key`."""
    return [portal for portal in portals().values() if portal.part_of == key]


def with_access_form() -> list[PortalSpec]:
    """The portals that are asked for by an access form."""
    return [portal for portal in portals().values() if portal.access_form]
