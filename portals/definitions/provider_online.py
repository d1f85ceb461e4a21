"""Provider OnLine: a realm of its own with user names, and a phone for everybody (S4-07..16, S4-29..37, C7).

How people come in (administrators, invitations) comes with enrollment.
"""

from datetime import date, time

from django.utils.translation import gettext_lazy as _

from identity.policy.realms import PROVIDER_ONLINE
from portals.approval_routes import INVITATION, OLD_ACCOUNT, PROVIDER_SERVICES, STAFF
from portals.brands import CHORUS
from portals.hours import OpeningHours
from portals.spec import (
    ContactTopic,
    LegacySource,
    Phase,
    PortalSpec,
    Question,
    Theme,
    Tile,
)
from rbac.roles import ADMINISTRATOR

PORTAL = PortalSpec(
    key="provider-online",
    name="Provider OnLine",
    headline="PROVIDER ONLINE",
    summary=_("Chorus Community Health Plans for providers"),
    purpose=_("Provider OnLine is the portal of Chorus Community Health Plans for practices and their staff."),
    realm=PROVIDER_ONLINE.key,
    brand=CHORUS,
    theme=Theme(
        primary="#6b2c7a",
        dark="#572463",
        darker="#431b4d",
        darkest="#2e1235",
        lightest="#f7eff9",
        header="#43274b",
    ),
    logo="img/provider-online.svg",
    approval_routes=(INVITATION, STAFF, OLD_ACCOUNT),
    staff=PROVIDER_SERVICES,
    how_to_ask=_(
        "The Online Account Administrator of your practice gives you access. Administrators call Provider Services at "
        "1-844-202-0117."
    ),
    has_administrators=True,
    legacy=LegacySource(key="provider-online", name="Provider OnLine", adapter="imported", realm_account=True),
    phases=(
        (Phase.BOTH_WAYS, date(2024, 10, 4)),  # the day of the guide: from then on old passwords are taken too (C34)
        (Phase.ID_ONLY, date(2099, 12, 31)),  # the documents name no end: an operator sets one
    ),
    factors=frozenset({"phone"}),
    works_by_practice=True,
    idle_account="idle_account",
    landing_template="portals/provider_online/landing.html",
    links=((_("HELP & FAQs"), "portal_help"), (_("CONTACT US"), "portal_contact")),
    home_template="portals/provider_online/home.html",
    guide_template="portals/provider_online/guide.html",
    copyright="Copyright ©2024. UPMC Health Plan, Inc.",
    hides_what_is_closed=True,
    arranges_tiles=True,
    has_menu=True,
    takes_feedback=True,
    tiles=(
        Tile(
            name=_("User Guide"), description=_("How to register, log in, and look after users."), page="portal_guide"
        ),
        Tile(name=_("Eligibility"), description=_("Look up whether a member is covered."), inside=True),
        Tile(
            name=_("Messages"),
            description=_("What you wrote to us, and our answers."),
            page="portal_messages",
            in_header=True,
        ),
        Tile(
            name=_("Documents"),
            description=_("Documents of your practice, and those that the plan shares with it."),
            page="documents",
        ),
        Tile(name=_("Contact Us"), description=_("Who helps with what, and how to reach them."), page="portal_contact"),
        Tile(
            name=_("Security Management"),
            description=_("Create users of your practice, and look after those it has."),
            page="security_management",
            practice=ADMINISTRATOR,
        ),
        Tile(
            name=_("Chat with Provider Services"),
            description=_("When somebody is there, and how to reach them."),
            page="portal_chat",
            hours=OpeningHours(
                words=_("Provider Chat Hours: Monday - Friday 8:00am - 6:00pm CST"),
                zone="America/Chicago",
                opens=time(8),
                closes=time(18),
            ),
        ),
    ),
    questions=(
        Question(
            question=_("What is two-step authentication?"),
            answer=_(
                "Beside your password we ask for a verification code, which we send to your phone when you log in. Who "
                "knows your password alone does not get into your account."
            ),
        ),
        Question(
            question=_("Text message or phone call: which do I choose?"),
            answer=_(
                "A mobile phone takes both. A landline cannot receive text messages: choose the call, which says the "
                "code. Numbers with an extension cannot be called."
            ),
        ),
        Question(
            question=_("The code does not arrive. What do I do?"),
            answer=_(
                "Check the number on the page, wait a moment, and ask for a new code. Only the newest code works. You "
                "can also ask for the code by the other way."
            ),
        ),
        Question(
            question=_("What is my phone number used for?"),
            answer=_(
                "This phone number will only be used to authenticate your account. The one other message it gets says "
                "that it is changed or removed itself; everything else goes to your email address."
            ),
        ),
        Question(
            question=_("How do I change my phone number?"),
            answer=_(
                'Choose "Edit profile" on the log-in page. You need the phone that your account knows now: a code is '
                "sent to it first."
            ),
        ),
        Question(
            question=_("I no longer have the phone that my account knows. What do I do?"),
            answer=_("Call Provider Services: two-step authentication has to be reset for you."),
        ),
    ),
    topics=(
        ContactTopic(key="sign in"),
        ContactTopic(key="access"),
        ContactTopic(key="practice"),
        ContactTopic(key="trouble"),
        ContactTopic(key="other"),
    ),
)
