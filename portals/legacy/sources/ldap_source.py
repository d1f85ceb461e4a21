"""An old directory that checks passwords by LDAP bind. python-ldap is an extra: see requirements/ldap.in."""

import re
from typing import Any

from django.conf import settings

from portals.legacy.sources.answers import CONNECT, READ, Known, SourceDown

NOBODY = "cn=nobody"
NAMED = re.compile(r"([\w.-]+)(?:[:~][^()=]*)?=%s")  # the attributes of a filter or a DN that hold the user name
NAMES = {"mail": "email", "givenName": "first_name", "sn": "last_name"}


def ask(*, source_key: str, login_name: str, password: str) -> Known | None:
    """Bind as the person: by a pattern of its DN, or after a search. Always over TLS with a verified certificate.

    Raises SourceDown for all that is neither a success nor a refusal of the password.
    """
    if not password or not login_name:
        return None  # a bind without a password succeeds for everybody: it is anonymous
    system = settings.LEGACY_SYSTEMS.get(source_key, {})
    try:
        import ldap
    except ImportError:
        raise SourceDown("python-ldap is not installed") from None
    if "url" not in system:
        raise SourceDown("not configured")
    try:
        return _bind(ldap, system, login_name, password)
    except ldap.LDAPError as error:
        raise SourceDown(type(error).__name__) from None


def _bind(ldap: Any, system: dict[str, str], login_name: str, password: str) -> Known | None:
    connection = _connect(ldap, system)
    try:
        dn = _dn_of(ldap, connection, system, login_name)
        try:  # an unknown name costs a bind too
            connection.simple_bind_s(dn or f"{NOBODY},{system['search_base']}", password)
        except (ldap.INVALID_CREDENTIALS, ldap.NO_SUCH_OBJECT, ldap.INVALID_DN_SYNTAX):
            return None
        names = NAMED.findall(system.get("dn_template") or system["search_filter"])
        return _own_entry(ldap, connection, dn, names) if dn else None
    finally:
        connection.unbind_s()


def _connect(ldap: Any, system: dict[str, str]) -> Any:
    connection = ldap.initialize(system["url"])
    connection.protocol_version = ldap.VERSION3
    connection.set_option(ldap.OPT_REFERRALS, 0)  # a password goes to this server only
    connection.set_option(ldap.OPT_NETWORK_TIMEOUT, CONNECT)
    connection.set_option(ldap.OPT_TIMEOUT, READ)
    connection.timeout = READ
    connection.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
    if "ca_file" in system:
        connection.set_option(ldap.OPT_X_TLS_CACERTFILE, system["ca_file"])
    connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)  # last: it makes the options above hold
    if system["url"].startswith("ldap://"):
        connection.start_tls_s()
    return connection


def _dn_of(ldap: Any, connection: Any, system: dict[str, str], login_name: str) -> str:
    """The DN to bind as, by pattern or search; empty where not exactly one entry fits."""
    from ldap.dn import escape_dn_chars
    from ldap.filter import escape_filter_chars

    if "dn_template" in system:
        return system["dn_template"].replace("%s", escape_dn_chars(login_name))
    if "bind_dn" in system:
        try:
            connection.simple_bind_s(system["bind_dn"], system.get("secret", ""))
        except ldap.INVALID_CREDENTIALS:
            raise SourceDown("it refuses our own password") from None
    wanted = system["search_filter"].replace("%s", escape_filter_chars(login_name))
    try:
        rows = connection.search_ext_s(
            system["search_base"], ldap.SCOPE_SUBTREE, wanted, ["1.1"], timeout=READ, sizelimit=2
        )
    except ldap.SIZELIMIT_EXCEEDED:
        return ""
    found = [dn for dn, _attributes in rows if dn]  # without a DN: a referral
    return found[0] if len(found) == 1 else ""


def _own_entry(ldap: Any, connection: Any, dn: str, names: list[str]) -> Known:
    """What the person may read of their own entry; its user name is in the first of `names` that it has."""
    wanted = [*NAMES, *names]
    try:
        rows = connection.search_ext_s(dn, ldap.SCOPE_BASE, "(objectClass=*)", wanted, timeout=READ, sizelimit=1)
    except (ldap.INSUFFICIENT_ACCESS, ldap.NO_SUCH_OBJECT):
        rows = []
    own_dn, entry = next((row for row in rows if row[0]), (dn, {}))  # without a DN: a referral
    said = {name.casefold(): [value.decode(errors="replace") for value in values] for name, values in entry.items()}
    known = {ours: said[theirs.casefold()][0] for theirs, ours in NAMES.items() if said.get(theirs.casefold())}
    return Known(login_name=_name_of(own_dn, said, names), **known)


def _name_of(dn: str, said: dict[str, list[str]], names: list[str]) -> str:
    """The user name as the directory writes it: of several values the one in the DN, else always the same one."""
    from ldap.dn import str2dn

    in_dn = {name.casefold(): value for name, value, _flags in str2dn(dn)[0]}
    found = (in_dn.get(name.casefold()) or min(said.get(name.casefold(), []), default="") for name in names)
    return next(filter(None, found), "")
