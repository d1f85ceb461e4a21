"""TruCase: signs in under the brand "Optum ID" (S0-01..12, C21), and links old accounts to it (S0-05..09, S0-31)."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from identity.policy.realms import OHID
from portals.approval_routes import OLD_ACCOUNT, STAFF
from portals.brands import OPTUM_ID
from portals.spec import ContactTopic, LegacySource, Phase, PortalSpec, Question, Theme, Tile
from rbac.capabilities import Capability

PORTAL = PortalSpec(
    key="trucase",
    name="TruCase",
    headline="TRUCASE",
    summary=_("Client services portal"),
    purpose=_("TruCase is the client services portal for case referrals. Bill Tracker is reached from within TruCase."),
    realm=OHID.key,
    brand=OPTUM_ID,
    theme=Theme(
        primary="#0b6170",
        dark="#084f5c",
        darker="#063d47",
        darkest="#042b32",
        lightest="#eaf5f7",
        header="#084f5c",
    ),
    logo="img/trucase.svg",
    approval_routes=(OLD_ACCOUNT, STAFF),
    legacy=LegacySource(key="trucase", name="TruCase", adapter="imported"),
    phases=(
        (Phase.PRE_REGISTRATION, date(2020, 3, 1)),
        (Phase.BOTH_WAYS, date(2020, 4, 8)),  # S0-07
        (Phase.ID_ONLY, date(2020, 5, 8)),  # "after a month or so" (S0-09)
    ),
    idle_account="idle_account",
    how_to_ask=_(
        "Your TruCase account has to be tied to your Optum ID. Call support at 1-855-819-5909 or write to "
        "optumsupport@optum.com, and have your TruCase username and your Optum ID at hand."
    ),
    links=((_("HELP & FAQs"), "portal_help"), (_("CONTACT US"), "portal_contact")),
    landing_template="portals/trucase/landing.html",
    home_template="portals/trucase/home.html",
    tiles=(
        Tile(name=_("Referral Search"), description=_("Search by Claimant #, RMS #, Claim # or TXPlan."), inside=True),
        Tile(
            name=_("Bill Tracker"),
            description=_("Follow the bills of your cases."),
            application="bill-tracker",
            capability=Capability.BILL_TRACKER,
        ),
        Tile(name=_("My Claims"), description=_("The claims that are yours to work on."), inside=True),
    ),
    wording=(
        ("notice_heading", _("What changes are coming to Bill Tracker?")),
        (
            "notice",
            _(
                "TruCase will be switching over to Optum ID. To enhance security for Bill Tracker, direct access will "
                "be removed. All users will have to access Bill Tracker by logging into TruCase. Prior to the switch, "
                "please make sure you have a TruCase account as well as access to the Bill Tracker link."
            ),
        ),
        (
            "old_log_in_note",
            _(
                "Enter your existing username and password, then press the blue button. You create an Optum ID, or "
                "sign in with the one you have, and your TruCase account is tied to it."
            ),
        ),
        ("pre_register_button", _("Pre-Register with Optum ID")),
        (
            "both_ways_note",
            _(
                "Have you not used your Optum ID for TruCase yet? Log in once more with your TruCase username, and "
                "your Optum ID takes its place."
            ),
        ),
        ("id_only_note", _("TruCase usernames are no longer used here. Log in with your Optum ID.")),
        ("last_heading", _("Final Log In Screen")),
        (
            "last_explanation",
            _(
                "Use your TruCase credentials to log in. This step is used to tie your Optum ID profile to your "
                "TruCase identity. After successfully logging in, you will no longer have to complete this step."
            ),
        ),
        ("last_note", _("This is the LAST time you will be asked to login from TruCase.")),
        ("last_button", _("Log In One Last Time")),
        (
            "no_old_account",
            _(
                "Do you have no TruCase account, or does yours not work any more? Call support at 1-855-819-5909 or "
                "write to optumsupport@optum.com, and have your TruCase username and your Optum ID at hand."
            ),
        ),
    ),
    questions=(
        Question(
            question=_("What is an Optum ID?"),
            answer=_("One user ID and password for all Optum applications. You create it once."),
        ),
        Question(
            question=_("Can I still open Bill Tracker directly?"),
            answer=_("No. All users reach Bill Tracker by logging in to TruCase."),
        ),
    ),
    topics=(
        ContactTopic(key="sign in"),
        ContactTopic(key="merge"),
        ContactTopic(key="access"),
        ContactTopic(key="trouble"),
        ContactTopic(key="other"),
    ),
)
