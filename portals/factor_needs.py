"""What somebody has to show at a portal, for the sake of every portal that is open to them (C7, C8)."""

from identity.tenancy import FactorNeeds
from portals import registry
from portals.spec import ANY_FACTOR


def strictest(held: list[str], key: str) -> FactorNeeds:
    """What somebody with grants for these portals has to show at this one: the methods that all of them take; where
    they have none in common, those of the tenant itself."""
    all_portals = registry.portals()
    entered = [all_portals[one] for one in (key, *held) if one in all_portals]
    if not entered:
        return FactorNeeds(ANY_FACTOR, remembers=True)
    common = frozenset.intersection(*(portal.factors for portal in entered))
    return FactorNeeds(common or entered[0].factors, remembers=all(portal.remembers_devices for portal in entered))
