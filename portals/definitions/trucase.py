"""TruCase: signs in under the brand "Optum ID" (S0-01..12, C21). Tying old accounts to the ID is not built yet."""

from django.utils.translation import gettext_lazy as _

from identity.realms import OHID
from portals.brands import OPTUM_ID
from portals.spec import PortalSpec, Question, Theme, Tile

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
    approval="service desk",
    idle_account="idle_account",
    how_to_ask=_(
        "Your TruCase account has to be tied to your Optum ID. Call support at 1-855-819-5909 or write to "
        "optumsupport@optum.com, and have your TruCase username and your Optum ID at hand."
    ),
    links=((_("HELP & FAQs"), "portal_help"), (_("CONTACT US"), "portal_contact")),
    tiles=(
        Tile(name=_("Referral Search"), description=_("Search by Claimant #, RMS #, Claim # or TXPlan.")),
        Tile(name=_("Bill Tracker"), description=_("Follow the bills of your cases.")),
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
)
