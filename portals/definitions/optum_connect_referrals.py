"""Optum Referrals Portal: no access form, its grants are given by the service desk (C12)."""

from django.utils.translation import gettext_lazy as _

from identity.policy.realms import OHID
from portals.approval_routes import STAFF
from portals.brands import ONE_HEALTHCARE_ID
from portals.spec import ContactTopic, PortalSpec, Question, Theme, Tile

PORTAL = PortalSpec(
    key="referrals",
    name=_("Optum Referrals Portal"),
    headline=_("OPTUM REFERRALS PORTAL"),
    summary=_("Search • View • Submit"),
    purpose=_("Search, view and submit referrals."),
    realm=OHID.key,
    brand=ONE_HEALTHCARE_ID,
    part_of="optum-connect",
    theme=Theme(
        primary="#3d4fb8",
        dark="#3140a0",
        darker="#263283",
        darkest="#1a235e",
        lightest="#eef0fb",
        header="#263283",
    ),
    logo="img/referrals.svg",
    approval_routes=(STAFF,),
    idle_account="idle_account",
    how_to_ask=_(
        "There is no form for the Optum Referrals Portal. Call support at 1-855-819-5909 or write to "
        "optumsupport@optum.com, and have your One Healthcare ID at hand."
    ),
    links=(
        (_("PORTAL HOME"), "portal_home"),
        (_("HELP & FAQs"), "portal_help"),
        (_("CONTACT US"), "portal_contact"),
    ),
    tiles=(
        Tile(
            name=_("Search referrals"),
            description=_("Find a referral by patient or number."),
        ),
        Tile(name=_("Submit a referral"), description=_("Send a new referral.")),
    ),
    questions=(
        Question(
            question=_("How do I get access?"),
            answer=_(
                "Call support at 1-855-819-5909 or write to optumsupport@optum.com, and have your One Healthcare ID at "
                "hand. There is no form to fill in."
            ),
        ),
    ),
    topics=(
        ContactTopic(key="sign in", queue="claims"),
        ContactTopic(key="access", queue="claims"),
        ContactTopic(key="practice", queue="claims"),
        ContactTopic(key="trouble", queue="claims"),
        ContactTopic(key="other", queue="claims"),
    ),
)
