"""Optum Connect: the common landing page of three portals (S1-01..16)."""

from django.utils.translation import gettext_lazy as _

from identity.policy.realms import OHID
from portals.brands import ONE_HEALTHCARE_ID
from portals.spec import ContactTopic, LegacySource, PortalSpec, Question, Theme
from rbac.capabilities import Capability

PORTAL = PortalSpec(
    key="optum-connect",
    name="Optum Connect",
    headline="OPTUM CONNECT",
    summary=_("Claims, patient information and referrals from one location"),
    purpose=_(
        "Optum Connect (formerly HCP Connect) is the web portal for providers of Independent Physician Associations "
        "(IPAs), specialists and facilities: claims submission, patient data access and administrative functions."
    ),
    realm=OHID.key,
    brand=ONE_HEALTHCARE_ID,
    theme=Theme(
        primary="#b04300",
        dark="#8f3700",
        darker="#6f2b00",
        darkest="#4d1e00",
        lightest="#fdf1ea",
        header="#14304d",
    ),
    logo="img/optum-connect.svg",
    legacy=LegacySource(
        key="optum-connect",
        name="Optum Connect",
        adapter="imported",
        opens=((Capability.CLAIMS, "claims"), (Capability.PHYSICIAN, "physician")),
    ),
    wording=(
        (
            "banner",
            _(
                "Effective Mar 8, access to Optum Connect tools, including Claims Online Portal and Physician "
                "Information Portal, will require a One Healthcare ID (OHID). Select from the options below to create "
                "and link your OHID:"
            ),
        ),
        (
            "required_note",
            _(
                "To access Optum Connect after January 24, 2025, all users must have an OHID and must integrate that "
                "OHID with Optum Connect."
            ),
        ),
        ("last_heading", _("Mapping of Optum Connect Username with OHID")),
        (
            "last_explanation",
            _(
                "Use your Optum Connect credentials to log in. This step is used to tie your One Healthcare ID to your "
                "Optum Connect account. It is a one-time process."
            ),
        ),
        (
            "last_note",
            _("Once the integration is completed, you can log in using your OHID credentials going forward."),
        ),
        ("last_button", _("Log In One Last Time")),
        (
            "no_old_account",
            _(
                "You have no Optum Connect account, or it does not work any more? Ask for access with the access form "
                "of your portal, or call support at 1-855-819-5909."
            ),
        ),
    ),
    landing_template="portals/optum_connect/landing.html",
    links=((_("HELP & FAQs"), "portal_help"), (_("CONTACT US"), "portal_contact")),
    questions=(
        Question(
            question=_("How do I get access to a portal?"),
            answer=_(
                'Choose "Sign Me Up" on the Optum Connect page, sign in with your One Healthcare ID or create one, '
                "and choose a portal. You fill in an access form online, print it, sign it and fax it to the "
                "service desk. You get an email when your request is decided."
            ),
        ),
        Question(
            question=_("Do I have to link my One Healthcare ID more than once?"),
            answer=_(
                "No. It is a one-time process. Once the integration is completed, you can log in using your "
                "One Healthcare ID credentials going forward."
            ),
        ),
        Question(
            question=_("I have access to two portals. Which one do I reach?"),
            answer=_("After you log in, a page shows both. You choose, and you can switch at any time."),
        ),
    ),
    topics=(
        ContactTopic(key="sign in", queue="claims"),
        ContactTopic(key="merge", queue="claims"),
        ContactTopic(key="access", queue="claims"),
        ContactTopic(key="trouble", queue="claims"),
        ContactTopic(key="other", queue="claims"),
    ),
)
