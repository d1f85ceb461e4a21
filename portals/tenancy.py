"""The portals' answers to what sign-in asks (see identity.tenancy)."""

from dataclasses import replace
from datetime import datetime
from functools import cache, lru_cache

from django.db.models import QuerySet
from django.http import QueryDict
from django.templatetags.static import static
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from identity.models import Account, Ticket
from identity.policy import lifecycle
from identity.policy.realms import OHID
from identity.tenancy import Deadline, FactorNeeds, OldPassword, Scope, Tenant, Text
from portals import registry, themes
from portals.approval_routes import SERVICE_DESK
from portals.brands import ONE_HEALTHCARE_ID
from portals.factor_needs import strictest
from portals.inside.domain import conversations
from portals.legacy import first_sign_ins
from portals.oidc.server import application_of
from portals.spec import ANY_FACTOR
from rbac.domain import approvals, grants


class PortalTenancy:
    """Implements identity.tenancy.Tenancy over the definitions."""

    def tenant(self, key: str) -> Tenant:
        """The tenant of a portal, or the ID itself."""
        return _tenant(key if key in registry.portals() else "")

    def tenant_of_realm(self, realm: str) -> Tenant:
        """The ID itself; for another realm its first portal."""
        if realm == OHID.key:
            return _tenant("")
        return _tenant(next(portal.key for portal in registry.portals().values() if portal.realm == realm))

    def entrances(self, realm: str) -> list[Tenant]:
        """The landing pages of the realm's portals."""
        landings = [p for p in registry.portals().values() if not p.part_of and p.realm == realm]
        return [self.tenant(portal.key) for portal in landings]

    def needs(self, account: Account, key: str) -> FactorNeeds:
        """The strictest of this tenant and of every portal that is open to the account (C7, C8)."""
        lenient = all(p.factors == ANY_FACTOR and p.remembers_devices for p in registry.portals().values())
        return strictest([] if lenient else grants.portals_of(account), key)

    def deadlines(self, account: Account) -> list[Deadline]:
        """When access to each portal rests, if it is not used (S3-19)."""
        found = []
        for grant in grants.for_account(account):
            portal = registry.portals().get(grant.portal_key)
            if portal is not None and portal.idle_account and grant.suspended_at is None:
                end = grant.idle_from + lifecycle.after(portal.idle_account)
                what = _("Access to %(portal)s rests if you do not use it") % {"portal": portal.name}
                found.append(Deadline(key=portal.key, at=end, what=what, how=_("Sign in to the portal before.")))
        return found

    def needs_own_address(self, account: Account) -> list[Text]:
        """The portals that the account may enter and that refuse a shared address (C5)."""
        entered = registry.known(grants.portals_of(account))
        return [portal.name for portal in entered if portal.needs_own_address]

    def changes_over(self, realm: str, *, now: datetime) -> bool:
        """Whether a portal of the realm still takes old passwords (C34)."""
        return first_sign_ins.changing(realm, now=now) is not None

    def old_password(self, realm: str, login_name: str, *, now: datetime) -> OldPassword | None:
        """The old account of a name, while the realm changes over (C34)."""
        return first_sign_ins.old_password(realm, login_name, now=now)

    def scope_of(self, account: Account) -> Scope:
        """What their queues say; a portal without a form goes with the portals of its landing page (C12)."""
        scope = approvals.scope_of(account)
        return replace(scope, portals=frozenset(registry.answered_by(scope.portals)))

    def staff_for(self, *, portal_key: str, realm: str) -> QuerySet[Account]:
        """Whoever decides what the portal is answered by, or a portal of the realm; operators with the right always."""
        found = [
            one.key
            for one in registry.portals().values()
            if (portal_key in registry.answered_by({one.key}) if portal_key else one.realm == realm)
        ]
        return approvals.staff_for({portal_key, *found})

    def writer_is_there(self, ticket: Ticket, *, now: datetime) -> bool:
        """As the memberships say now."""
        return conversations.writer_is_there(ticket, now=now)

    def key_of(self, path: str) -> str:
        """The portal key in a path of this site; of a sign-on, the portal of its application."""
        plain, _, query = path.partition("?")
        if plain == reverse("sign_on_authorize"):
            application = application_of(QueryDict(query).get("client_id") or "")
            return application.portal_key if application else ""
        return _key_of(plain)


@cache
def _tenant(key: str) -> Tenant:
    """Made once: every page asks for its tenant, and its addresses never change."""
    portal = registry.portals().get(key)
    if portal is None:
        return Tenant(
            key="",
            name=ONE_HEALTHCARE_ID.name,
            brand=ONE_HEALTHCARE_ID,
            realm=OHID.key,
            home=reverse("front"),
            logo=static("img/one-healthcare-id.svg"),
            staff_name=SERVICE_DESK.name,
        )
    landing = portal.landing_key
    return Tenant(
        key=portal.key,
        name=portal.name,
        brand=portal.brand,
        realm=portal.realm,
        home=reverse("landing", args=[landing]),
        theme=themes.path_of(portal),
        enter=reverse("enter", args=[landing]),
        logo=static(portal.logo),
        header_brand=portal.header_brand,
        staff_name=portal.staff.name,
        works_by_practice=portal.works_by_practice,
        has_administrators=portal.has_administrators,
        links=tuple((label, reverse(name, args=[portal.key])) for label, name in portal.links),
    )


@lru_cache(maxsize=1000)
def _key_of(path: str) -> str:
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    key = match.kwargs.get("portal_key", "")
    return key if key in registry.portals() else ""
