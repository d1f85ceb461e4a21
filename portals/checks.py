"""Start-up checks of the portal definitions: an unknown name or an unreadable colour stops the start."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.checks import CheckMessage, Error, register
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import NoReverseMatch, reverse

from identity.models import Ticket
from identity.policy import lifecycle
from identity.policy.realms import REALMS
from identity.record import outbox
from portals import registry
from portals.approval_routes import FORM, OLD_ACCOUNT, PAPER_FORM
from portals.brands import ONE_HEALTHCARE_ID
from portals.form_spec import FormSpec, Kind, ShownAs
from portals.inside.domain import news_items
from portals.legacy import links, wording
from portals.spec import ANY_FACTOR, PortalSpec
from portals.themes import contrast

READABLE = 4.5  # WCAG 2.2 AA for text
ADAPTERS = {"imported", "http", "ldap"}


@register()
def definitions_hold(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Every definition names what exists."""
    return [Error(text, id="portals.E001") for portal in registry.portals().values() for text in problems_of(portal)]


@register()
def senders_hold(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """MAIL_FROM names brands that exist: a mistyped one would leave its mails with another sender (C39)."""
    known = {"", ONE_HEALTHCARE_ID.key, *(portal.brand.key for portal in registry.portals().values())}
    return [
        Error(
            f"MAIL_FROM names {brand}, which is no brand.",
            hint=f"Brands: {', '.join(sorted(known - {''}))}.",
            id="portals.E002",
        )
        for brand in settings.MAIL_SENDERS
        if brand not in known
    ]


def problems_of(portal: PortalSpec) -> list[str]:
    """What is wrong with one definition, in sentences; nothing for a good one."""
    found = _colours(portal) + _names(portal) + _routes(portal) + _topics(portal) + _tiles(portal) + _legacy(portal)
    if portal.access_form:
        found += _form(portal.access_form)
    return [f"Portal {portal.key}: {problem}" for problem in found]


def _colours(portal: PortalSpec) -> list[str]:
    theme = portal.theme
    pairs = [
        ("white on primary", "#ffffff", theme.primary),
        ("white on dark", "#ffffff", theme.dark),
        ("white on the header", "#ffffff", theme.header),
        ("primary on lightest", theme.primary, theme.lightest),
    ]
    return [
        f"{name} has a contrast of {contrast(one, other):.1f}, {READABLE} is needed."
        for name, one, other in pairs
        if contrast(one, other) < READABLE
    ]


def _names(portal: PortalSpec) -> list[str]:
    found = []
    if portal.realm not in REALMS:
        found.append(f"realm {portal.realm} is unknown.")
    if portal.part_of and portal.part_of not in registry.portals():
        found.append(f"it is part of {portal.part_of}, which does not exist.")
    if portal.legacy and portal.legacy.adapter not in ADAPTERS:
        found.append(f"the adapter {portal.legacy.adapter} of its old accounts is unknown.")
    if portal.idle_account and portal.idle_account not in lifecycle.PERIODS:
        found.append(f"period {portal.idle_account} is unknown.")
    found += [f"factor {factor} is unknown." for factor in portal.factors if factor not in ANY_FACTOR]
    templates = (portal.landing_template, portal.home_template, portal.guide_template)
    found += [
        problem for name in (*templates, *(one.template for one in portal.pages)) if name for problem in _template(name)
    ]
    if not finders.find(portal.logo):
        found.append(f"its logo {portal.logo} is not a static file.")
    return found


def _routes(portal: PortalSpec) -> list[str]:
    """A way in and what stands behind it belong together."""
    found, routes = [], portal.approval_routes
    form = portal.access_form
    named = {route for route in (PAPER_FORM, FORM) if route in routes}
    if named != ({PAPER_FORM if form.paper else FORM} if form else set()):
        found.append("it has an access form, or names the route of one, and not both.")
    sources = registry.with_old_accounts().values()
    if any(portal.key in links.could_open(source) for source in sources) != (OLD_ACCOUNT in routes):
        found.append("old accounts open it, or it names the route of one, and not both.")
    for route in routes:
        found += _page(portal, route.page, f"its approval route {route.name}")
        if route.mail and route.mail not in outbox.KINDS:
            found.append(f"its approval route {route.name} names the message {route.mail}, which does not exist.")
    return found


def _page(portal: PortalSpec, name: str, whose: str) -> list[str]:
    try:
        if name:
            reverse(name, args=[portal.key])
    except NoReverseMatch:
        return [f"{whose} names the page {name}, which does not exist."]
    return []


def _topics(portal: PortalSpec) -> list[str]:
    """Contact Us offers topics that tickets know, and each has somebody who answers (S3-16)."""
    queues = {one.key for one in registry.with_queue()}
    found = [f"its topic {one.key} is unknown." for one in portal.topics if one.key not in Ticket.Topic.values]
    return found + [
        f"its topic {one.key} goes to the queue of {one.queue or portal.key}, which has none."
        for one in portal.topics
        if (one.queue or portal.key) not in queues
    ]


def _tiles(portal: PortalSpec) -> list[str]:
    keys = [tile.key for tile in portal.tiles]
    found = [f"two of its tiles are known as {key}." for key in sorted({key for key in keys if keys.count(key) > 1})]
    for tile in portal.tiles:
        if sum(map(bool, (tile.page, tile.application, tile.link))) > 1:
            found.append(f"its tile {tile.name} leads to more than one place.")
        found += _page(portal, tile.page, f"its tile {tile.name}")
    if any(tile.page == news_items.PAGE for tile in portal.tiles) and not portal.grid:
        found.append("it has news, which is for roles and markets, and no grid that says what these are.")
    return found


def _legacy(portal: PortalSpec) -> list[str]:
    """Old accounts, phases and words belong together: who has to link an account is told how."""
    found, words = [], dict(portal.wording)
    found += [f"its wording names {key}, which no page shows." for key in words if key not in wording.NAMES]
    source = portal.legacy
    if source is None:
        return found + (["it has phases but no old accounts."] if portal.phases else [])
    if source.realm_account and source.adapter != "imported":
        found.append("its old accounts become IDs, so their passwords have to be imported.")
    if not source.realm_account:
        of_a_day = [key for key in wording.NAMES if key not in wording.OF_A_BANNER]
        needed = of_a_day if portal.phases else wording.OF_THE_LAST_LOG_IN
        found += [f"its wording lacks {key}." for key in needed if key not in words]
    found += [
        f"its old accounts open {key}, which does not exist."
        for _right, key in source.opens
        if key not in registry.portals()
    ]
    return found


def _form(form: FormSpec) -> list[str]:
    fields = form.fields()
    named = [*form.attributes, *(name for name, _choice, _effect in form.effects), *form.practice_tins]
    named += [name for name in (form.practice_name, form.asked_first) if name]
    named += [form.works_as.role, form.works_as.market] if form.works_as else []
    named += [section.only_if[0] for section in form.sections if section.only_if]
    found = [f"its form names the field {name}, which it does not ask." for name in named if name not in fields]
    choices = [*form.effects, *((*section.only_if, None) for section in form.sections if section.only_if)]
    for name, choice, _effect in choices:
        if name in fields and choice not in dict(fields[name].choices):
            found.append(f"its form names the choice {choice}, which {name} does not offer.")
    for name, field in fields.items():
        if len(dict(field.choices)) < len(field.choices):
            found.append(f"its form offers an answer of {name} twice.")
    if not form.effects:
        found.append("its form has no effect.")
    if form.due and form.due not in lifecycle.PERIODS:
        found.append(f"its form names the period {form.due}, which does not exist.")
    if form.shown_as == ShownAs.STEPS and (form.paper or form.tables()):
        found.append("its form is shown in steps, which takes neither paper nor tables.")
    return found + _subject(form) + (_template(form.paper.print_template) if form.paper else [])


def _subject(form: FormSpec) -> list[str]:
    """A form that names people says by which fields."""
    subject, fields, tables = form.subject, form.fields(), form.tables()
    if subject is None:
        return []
    if subject.rows and subject.rows not in tables:
        return [f"its form names the table {subject.rows}, which it does not ask."]
    asked = {column.name: column for column in tables[subject.rows].columns} if subject.rows else fields
    who = (subject.name, subject.email, subject.is_applicant, *subject.ids)
    found = [f"its subject names the field {name}, which it does not ask." for name in who if name not in asked]
    if subject.is_applicant in asked and asked[subject.is_applicant].kind != Kind.SELF:
        found.append(f"its subject takes {subject.is_applicant} for the applicant's box, which is of another kind.")
    return found


def _template(name: str) -> list[str]:
    try:
        get_template(name)
    except TemplateDoesNotExist:
        return [f"the template {name} does not exist."]
    return []
