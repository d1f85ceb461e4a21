"""What a portal is made of: plain data, no functions. One file a portal declares one."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import slugify

from identity.tenancy import Brand
from portals.approval_routes import SERVICE_DESK, ApprovalRoute, Staff
from portals.form_spec import FormSpec
from portals.hours import OpeningHours
from rbac.capabilities import Capability

Text = str | Promise
ANY_FACTOR = frozenset({"passkey", "authenticator", "phone", "mailbox"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Six colours. Contrast with white and with each other is checked at start-up."""

    primary: str
    dark: str
    darker: str
    darkest: str
    lightest: str
    header: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A card on a portal's home page (D-24). It leads to one of these: a page of ours (`page`, a URL name that takes
    the portal's key), an outside application by sign-on (`application`, the key under which it is registered), or an
    address that people sign in to separately (`link`; S2-28, S2-29). Without any it is not connected yet: an outside
    application, or a page of the portal's own system (`inside`)."""

    name: Text
    description: Text
    page: str = ""
    application: str = ""
    link: str = ""
    inside: bool = False
    capability: Capability | None = None  # shown as a link only to whom it was given (S0-02)
    practice: str = ""  # the role in a practice (rbac.roles) without which it is closed
    hours: OpeningHours | None = None  # when somebody answers there
    in_header: bool = False  # beside the menu, in the header of the pages inside too

    @property
    def key(self) -> str:
        """By what a person's own order knows it: its English name, which stays when it leads elsewhere."""
        with translation.override("en"):
            return slugify(str(self.name))


class Phase(StrEnum):
    """How people get in while a portal changes over to the ID (S0-06..09)."""

    PRE_REGISTRATION = "pre-registration"  # old sign-in, and a button that links the account to an ID before the day
    BOTH_WAYS = "both ways"  # the ID opens the door; who has not linked an old account does so by one last sign-in
    ID_ONLY = "ID only"  # the old fields are gone from the page


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacySource:
    """The old accounts of a portal. Where the old system answers stands in the environment, never here."""

    key: str
    name: Text  # what people call the old account: "TruCase"
    adapter: str  # how a password is checked: "imported", "http" or "ldap"
    realm_account: bool = False  # an old account becomes an ID of the realm itself (S4-25), linked to none
    forgot_address: str = ""  # "Forgot Password" of the old system (D-20); empty: linking by mailed proof, or support
    opens: tuple[tuple[Capability, str], ...] = ()  # which right of an old account opens which portal of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A part of a long answer: a heading, paragraphs, and a list after them; whatever it has of these."""

    heading: Text = ""
    says: tuple[Text, ...] = ()
    items: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One entry of a portal's Help & FAQs page: answered in one paragraph, or in parts."""

    question: Text
    answer: Text = ""
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPage:
    """A page of a portal's own that strangers read, beside its landing page."""

    key: str  # in its address
    title: Text
    template: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactTopic:
    """What people may write about on Contact Us (S3-16): a topic of identity's tickets, and the portal whose staff
    answer it; empty: its own."""

    key: str
    queue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalSpec:
    """One portal. `part_of` names the portal whose landing page it is reached from."""

    key: str
    name: Text
    headline: Text  # as its card on a landing page names it
    summary: Text  # the words under the headline
    short_name: Text = ""  # where a page names it shorter (S1-16)
    purpose: Text
    realm: str
    brand: Brand
    theme: Theme
    logo: str
    header_brand: Text = ""  # what the header bar of its pages says; its name where nothing else is said
    part_of: str = ""
    legacy: LegacySource | None = None
    phases: tuple[tuple[Phase, date], ...] = ()  # from when on each holds; an operator may move them (S0-09)
    approval_routes: tuple[ApprovalRoute, ...] = ()  # how people get in (C14), the usual way first
    staff: Staff = SERVICE_DESK  # who decides and helps
    how_to_ask: Text = ""
    # Whether somebody runs the users of each practice: asked for on a public page, decided by its staff (S4-01, D-15).
    has_administrators: bool = False
    access_form: FormSpec | None = None
    # What is asked beside the password (C7): one of these. "mailbox" is the e-mailed code of accounts without more.
    factors: frozenset[str] = ANY_FACTOR
    remembers_devices: bool = True  # whether "Skip this step next time" counts here
    needs_own_address: bool = False  # whether an address that several IDs share is refused (C5, S2-05)
    grid: bool = False  # what one may open says the grid, by role and market (S2-33); else rights given one by one
    clinician_markets: frozenset[str] = frozenset()  # where people are asked for the clinicians they work with (S2-21)
    works_by_practice: bool = False  # the last membership that ends takes the access with it (D-29)
    idle_account: str = ""  # the period after which unused access rests (C17); empty: never
    landing_template: str = "portals/landing.html"
    questions_title: Text = ""  # the heading of its Help & FAQs page, where it has one of its own
    questions_intro: Text = ""  # the line under it
    pages: tuple[PublicPage, ...] = ()
    links: tuple[tuple[Text, str], ...] = ()  # header links: label, URL name
    home_template: str = "portals/home.html"
    tiles: tuple[Tile, ...] = ()
    hides_what_is_closed: bool = False  # tiles without their right are left out, not shown as closed (S3-10)
    arranges_tiles: bool = False  # whether people may put the tiles of the home into an order of their own (S3-05)
    has_menu: bool = False  # tiles stand as a menu beside every page inside, too (S4-16)
    takes_feedback: bool = False  # whether its inner pages ask what people think of them (S3-09)
    guide_template: str = ""  # the text of its user guide
    copyright: Text = ""  # at the foot of the pages inside
    wording: tuple[tuple[str, Text], ...] = ()  # texts that operators may change, by keys of portals.legacy.wording
    questions: tuple[Question, ...] = ()
    topics: tuple[ContactTopic, ...] = ()  # of Contact Us; without any the page only says who helps with what

    def queue_of(self, topic: str) -> str:
        """The portal whose staff answer a topic (S3-16)."""
        return next(one.queue for one in self.topics if one.key == topic) or self.key

    def tile_to(self, page: str) -> Tile | None:
        """The tile that leads to a page of ours; none where the portal has not that page."""
        return next((tile for tile in self.tiles if tile.page == page), None)

    def opens(self, page: str, held: Container[str]) -> bool:
        """Whether a tile leads to this page of ours that somebody with these capabilities may open (C26)."""
        tile = self.tile_to(page)
        return tile is not None and (tile.capability is None or tile.capability in held)

    @property
    def links_old_accounts(self) -> bool:
        """Whether old accounts are linked to an ID; in a realm of its own they become one (S4-25)."""
        return self.legacy is not None and not self.legacy.realm_account

    @property
    def landing_key(self) -> str:
        """The portal whose landing page, chooser and entrance this one uses: its own where it is part of none."""
        return self.part_of or self.key

    @property
    def asked_by(self) -> ApprovalRoute | None:
        """The route by which people ask on a page of ours, if there is one."""
        return next((route for route in self.approval_routes if route.page), None)

    def route_of(self, origin: str) -> ApprovalRoute | None:
        """The route by which a grant of this origin was given; none where the portal does not name it."""
        return next((route for route in self.approval_routes if origin in route.origins), None)

    def approver_by(self, route: ApprovalRoute) -> Text:
        """Who decides by a route, as a sentence names them: those that it names, else the portal's staff."""
        return route.approver or self.staff.name

    @property
    def capabilities(self) -> list[str]:
        """The rights that the portal's tiles name: those that staff may give in it. A grid leaves none to give."""
        if self.grid:
            return []
        return list(dict.fromkeys(tile.capability.value for tile in self.tiles if tile.capability))
