"""A sign-on with all that decides whether it counts, read by one statement that is compiled once.

Every call of an application asks for it, and composing the statement cost ten times as much as running it.
"""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Client
from django.db import connection
from django.db.models import CharField, Exists, OuterRef, Q, StringAgg, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat

from identity.policy import zones
from portals import registry
from portals.models import OidcSession
from rbac.domain import grid
from rbac.models import Mandate, Membership

_ANY = UUID(int=0)  # stands where the row's key goes


class _Row(NamedTuple):
    """One of the memberships behind the grant, as the statement tells it."""

    role: str
    market: str
    ends_on: str
    mandate_ends_on: str
    on_behalf_of: str  # the key of the practice; empty: under no mandate


class TokenContext(NamedTuple):
    """One sign-on as it stands, with its application, account and grant."""

    pk: UUID
    client_id: str
    account_id: int
    grant_id: int
    session: UUID
    epoch: int
    scopes: list[str]
    redirect_uri: str
    nonce: str
    code_challenge: str
    code_ends_at: datetime
    code_used_at: datetime | None
    authenticated_at: datetime
    amr: list[str]
    acr: str
    ends_at: datetime
    generation: int
    ended_at: datetime | None
    application_key: str
    capability: str
    algorithm: str
    is_open: bool
    client_secret: str
    client_type: str
    client_grant_types: str
    public_id: UUID
    login_name: str
    first_name: str
    last_name: str
    email: str
    language: str
    is_active: bool
    session_epoch: int
    portal_key: str
    role: str
    given: list[str]  # rights that the grant carries one by one
    attributes: dict[str, Any]
    until: datetime | None
    suspended_at: datetime | None
    address_is_proved: bool
    memberships: str | None  # those behind the grant that are open and do not rest; see `_MEMBERSHIPS`

    def holds(self, *, now: datetime) -> bool:
        """Whether the sign-on counts now."""
        return (
            self.ended_at is None
            and now < self.ends_at
            and self.is_active
            and self.session_epoch == self.epoch
            and self.is_open
            and self.until is None
            and self.suspended_at is None
            and (not self.capability or self.capability in self.held(now=now))
        )

    def held(self, *, now: datetime) -> list[str]:
        """What the portal opens to the holder of the grant: the answer of its pages (portals.entry.rights), from the
        rows of this statement; by a grid with one more small query, for the version in force."""
        pairs = self.pairs(now=now)
        return sorted(self.given if pairs is None else grid.allowed(pairs, grid.current(now=now)))

    def pairs(self, *, now: datetime) -> list[grid.Pair] | None:
        """Each role that the holder has behind the grant, with its market; None where the portal has no grid."""
        portal = registry.portals().get(self.portal_key)
        if portal is None or not portal.grid:
            return None
        return sorted({(row.role, row.market) for row in self._counting(portal.realm, now=now)})

    def on_behalf_of(self, *, now: datetime) -> set[int]:
        """The practices that the holder of the grant works for under a mandate that counts (S3-10)."""
        portal = registry.portals().get(self.portal_key)
        rows = self._counting(portal.realm, now=now) if portal else []
        return {int(row.on_behalf_of) for row in rows if row.on_behalf_of}

    def _counting(self, realm: str, *, now: datetime) -> list["_Row"]:
        """Those of the memberships whose last day, and that of their mandate, has not passed."""
        today = zones.today(realm, now=now).isoformat()
        rows = [_Row(*row.split("|")) for row in (self.memberships or "").split(",") if row]
        return [row for row in rows if all(not day or day >= today for day in (row.ends_on, row.mandate_ends_on))]

    def client(self) -> Client:
        """The client, as far as its endpoint needs it."""
        return Client(
            pk=self.client_id, secret=self.client_secret, type=self.client_type, grant_types=self.client_grant_types
        )


# Where the fields whose names differ come from.
_PATHS = {
    "client_id": "application_id",
    "application_key": "application__key",
    "client_secret": "application__client__secret",
    "client_type": "application__client__type",
    "client_grant_types": "application__client__grant_types",
    **{name: f"application__{name}" for name in ("capability", "algorithm", "is_open")},
    **{
        name: f"account__{name}"
        for name in ("public_id", "login_name", "first_name", "last_name", "email", "language", "is_active")
    },
    "session_epoch": "account__session_epoch",
    **{name: f"grant__{name}" for name in ("portal_key", "role", "attributes", "until", "suspended_at")},
    "given": "grant__capabilities",
}


def _told(column: str) -> Coalesce:
    return Coalesce(Cast(column, CharField()), Value(""))


# The columns of `_Row` of each, in one text: keys hold neither sign. Last days are compared by whoever reads them.
_MEMBERSHIPS = (
    Membership.objects.filter(Q(mandate=None) | Q(mandate__state=Mandate.State.AGREED))
    .filter(grant=OuterRef("grant"), until=None, suspended_at=None)
    .order_by()
    .values("grant")
    .annotate(
        told=StringAgg(
            Concat(
                "role",
                Value("|"),
                "market",
                Value("|"),
                _told("ends_on"),
                Value("|"),
                _told("mandate__ends_on"),
                Value("|"),
                _told("mandate__practice"),
            ),
            delimiter=Value(","),
        )
    )
    .values("told")
)


def find(oidc_session: UUID) -> TokenContext | None:
    """The sign-on of this key, whatever became of it."""
    sql, params, place, convert = _statement(connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params[:place], _adapted(oidc_session), *params[place + 1 :]])
        row = cursor.fetchone()
    return None if row is None else TokenContext(*convert(row))


def _adapted(key: UUID) -> Any:
    return OidcSession._meta.pk.get_db_prep_value(key, connection)


@cache
def _statement(_vendor: str) -> tuple[str, tuple[Any, ...], int, Any]:
    """The statement that Django composes, its parameters, where the key stands among them, and how a row is read."""
    own_address = EmailAddress.objects.filter(user=OuterRef("account"), email=OuterRef("account__email"), verified=True)
    told = {"address_is_proved": Exists(own_address), "memberships": Subquery(_MEMBERSHIPS)}
    rows = OidcSession.objects.annotate(**told).filter(pk=_ANY)
    compiler = rows.values_list(*(_PATHS.get(name, name) for name in TokenContext._fields)).query.get_compiler(
        "default"
    )
    sql, params = compiler.as_sql()
    converters = compiler.get_converters([column for column, *_ in compiler.select])

    def convert(row: tuple[Any, ...]) -> Any:
        return next(iter(compiler.apply_converters([row], converters))) if converters else row

    return sql, params, params.index(_adapted(_ANY)), convert
