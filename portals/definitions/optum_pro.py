"""Optum Pro: registration in four steps, decided by an administrator within two business days (S2, S3)."""

from django.utils.translation import gettext_lazy as _
from localflavor.us.us_states import STATE_CHOICES

from identity.policy.realms import OHID
from portals.approval_routes import FORM
from portals.brands import ONE_HEALTHCARE_ID
from portals.definitions.questions.optum_pro import QUESTIONS
from portals.form_spec import Effect, Field, FormSpec, Kind, Section, ShownAs, Vendors, WorksAs
from portals.spec import ContactTopic, PortalSpec, PublicPage, Theme, Tile
from rbac import roles
from rbac.capabilities import Capability

PROFESSIONAL, VENDOR = "professional", "vendor"
MOST_TINS = 30
MORE_TINS = _(
    "If you are aligned with multiple Tax IDs, you may enter up to 30. If you need to add more than 30 TINs, use the "
    "Contact Us feature after you've signed into the portal for the first time and provide the additional "
    "organizations needed."
)
JOB_FUNCTIONS = (  # the documents give no list (D-10): operators add to this one, and take from it
    ("patient_care", _("Patient care")),
    ("scheduling", _("Scheduling")),
    ("eligibility", _("Eligibility and benefits")),
    ("referrals", _("Referrals")),
    ("prior_authorization", _("Prior authorization")),
    ("care_coordination", _("Care coordination")),
    ("quality", _("Quality and risk adjustment")),
    ("medical_records", _("Medical records")),
    ("billing", _("Billing and coding")),
    ("claims", _("Claims and appeals")),
    ("contracting", _("Contracting")),
    ("reporting", _("Reporting")),
    ("practice_management", _("Practice management")),
    ("user_administration", _("User administration")),
)
# The tools of the grid: an application's key in sign-on, or a page of ours, and what it is for (S3-02, S3-03).
TOOLS = (
    (Capability.PATIENT_PANEL, "patient-panel", "", _("Patients who have gaps in care, and incentive payments.")),
    (
        Capability.REFERRALS,
        "order-utility",
        "",
        _("Prior authorizations, and referrals according to patient coverage and location."),
    ),
    (
        Capability.PATIENT_SEARCH,
        "patient-search",
        "",
        _("Individual patient health plan eligibility and benefits status."),
    ),
    (
        Capability.DOCUMENT_MGMT,
        "",
        "documents",
        _("Documents for clinicians and administrators to access as needed."),
    ),
    (
        Capability.DATACORE,
        "datacore",
        "",
        _("Patients' health records, including specialist notes and hospital discharge summaries."),
    ),
    (Capability.CURO, "curo", "", _("Open risk or quality screening gaps.")),
    (Capability.ADTS, "adts", "", _("Alerts and notifications on important changes to a patient's health status.")),
    (Capability.MY_AGREEMENTS, "my-agreements", "", _("The agreements of your practice.")),
    (Capability.NAVI_HEALTH, "navi-health", "", _("Post-acute care of your patients.")),
    (Capability.RISK_STRAT, "risk-strat", "", _("Patients by risk.")),
)

REGISTRATION = FormSpec(
    key="optum-pro",
    title=_("Register for Optum Pro"),
    note=_(
        "When creating a One Healthcare ID and/or registering for Optum Pro, use the same unique email address, first "
        "and last name for both OHID and Optum Pro."
    ),
    submit_label=_("Submit to administrator"),
    shown_as=ShownAs.STEPS,
    asked_first="category",
    due="optum_pro_decision",
    effects=(("category", PROFESSIONAL, Effect.GIVE), ("category", VENDOR, Effect.GIVE)),
    attributes=("category", "job_functions"),
    practice_tins=("tins", "vendor_tin"),
    works_as=WorksAs(role="role", market="market"),
    vendors=Vendors(category=("category", VENDOR), own_tin="vendor_tin", client_tins="client_tins"),
    sections=(
        Section(
            key="category",
            title=_("Category"),
            fields=(
                Field(
                    name="category",
                    label=_("Choose your category"),
                    kind=Kind.ONE_OF,
                    ask=_("Choose your category."),
                    choices=((PROFESSIONAL, _("Contracted Professional")), (VENDOR, _("Business Vendor"))),
                ),
            ),
        ),
        Section(
            key="state",
            title=_("Select your state"),
            fields=(
                Field(
                    name="market",
                    label=_("State"),
                    kind=Kind.CHOICE,
                    is_list=True,
                    choices=tuple(sorted(STATE_CHOICES, key=lambda one: str(one[1]))),  # territories too
                    autocomplete="address-level1",
                ),
            ),
        ),
        Section(
            key="identifier",
            title=_("Enter your identifier"),
            intro=MORE_TINS,
            only_if=("category", PROFESSIONAL),
            fields=(
                Field(
                    name="tins",
                    label=_("Tax IDs"),
                    kind=Kind.TINS,
                    most=MOST_TINS,
                    one_kind=True,
                    hint=_("Separated by commas, spaces or lines, for example 12-3456789 or 123-45-6789."),
                ),
                Field(
                    name="npis",
                    label=_("NPIs"),
                    kind=Kind.NPIS,
                    most=MOST_TINS,
                    required=False,
                    hint=_("Ten digits each, separated by commas, spaces or lines."),
                ),
            ),
        ),
        Section(
            key="vendor-identifier",
            title=_("Enter your identifier"),
            intro=MORE_TINS,
            only_if=("category", VENDOR),
            fields=(
                Field(
                    name="vendor_tin",
                    label=_("Tax ID of your company"),
                    kind=Kind.TINS,
                    most=1,
                    hint=_("For example 12-3456789 or 123-45-6789."),
                ),
                Field(
                    name="client_tins",
                    label=_("Tax IDs of the practices you work for"),
                    kind=Kind.TINS,
                    most=MOST_TINS,
                    one_kind=True,
                    hint=_("Separated by commas, spaces or lines, for example 12-3456789 or 123-45-6789."),
                ),
            ),
        ),
        Section(
            key="role",
            title=_("Select your role"),
            fields=(Field(name="role", label=_("Role"), kind=Kind.CHOICE, choices=tuple(roles.GRID.items())),),
        ),
        Section(
            key="job-functions",
            title=_("Select the appropriate job function(s) aligned to your daily duties"),
            fields=(
                Field(
                    name="job_functions",
                    label=_("Job functions"),
                    kind=Kind.ANY_OF,
                    ask=_("Choose at least one job function."),
                    choices=JOB_FUNCTIONS,
                    is_list=True,
                ),
            ),
        ),
    ),
)

PORTAL = PortalSpec(
    key="optum-pro",
    name="Optum Pro",
    headline="OPTUM PRO",
    summary=_("One-stop access to point-of-care support and resources"),
    purpose=_(
        "The Optum Pro portal is a secure web portal created by Optum that provides you with one-stop access to "
        "point-of-care support and resources to streamline administrative and clinical tasks. Designed for clinicians "
        "and administrators, the online portal gives you the tools you need based on your clinical or nonclinical "
        "role."
    ),
    realm=OHID.key,
    brand=ONE_HEALTHCARE_ID,
    theme=Theme(
        primary="#14558f",
        dark="#0f4577",
        darker="#0b355c",
        darkest="#072540",
        lightest="#eaf2fa",
        header="#002677",
    ),
    logo="img/optum-pro.svg",
    header_brand="Optum Health",  # S2-33
    approval_routes=(FORM,),
    how_to_ask=_("Register for Optum Pro: an administrator decides within two business days."),
    access_form=REGISTRATION,
    needs_own_address=True,
    grid=True,
    clinician_markets=frozenset({"CA"}),
    works_by_practice=True,
    idle_account="idle_account",
    landing_template="portals/optum_pro/landing.html",
    home_template="portals/optum_pro/home.html",
    questions_title=_("Optum Pro Portal Frequently Asked Questions"),
    questions_intro=_("Answers to questions about Optum Pro portal"),
    questions=QUESTIONS,
    pages=(
        PublicPage(key="start", title=_("Accessing the Optum Pro portal"), template="portals/optum_pro/start.html"),
        PublicPage(
            key="troubleshooting", title=_("Troubleshooting"), template="portals/optum_pro/troubleshooting.html"
        ),
    ),
    links=((_("HELP & FAQs"), "portal_help"), (_("CONTACT US"), "portal_contact")),
    hides_what_is_closed=True,
    arranges_tiles=True,
    has_menu=True,
    takes_feedback=True,
    copyright=(
        "Optum® is a registered trademark of Optum, Inc. in the U.S. and other jurisdictions. All other trademarks are "
        "the property of their respective owners. Because we are continuously improving our products and services, "
        "Optum reserves the right to change specifications without prior notice. Optum is an equal opportunity "
        "employer."
    ),
    tiles=(
        *(
            Tile(name=capability.label, description=words, application=key, page=page, capability=capability)
            for capability, key, page, words in TOOLS
        ),
        Tile(
            name=_("Education and Training"),
            description=_("Integrated eLearning courses and trainings, on demand."),
            page="portal_courses",
            capability=Capability.EDUCATION,
        ),
        Tile(
            name=_("News & Alerts"),
            description=_("National and local Optum Care news and important regulatory changes."),
            page="portal_news",
            capability=Capability.NEWS,
        ),
        Tile(
            name=_("Claims"),
            description=_("Individual claim submissions and appeals."),
            link="https://claims.example/",  # no sign-on, as below (S2-28, S2-29); an installation writes its own
            capability=Capability.CLAIMS_SITE,
        ),
        Tile(
            name=_("Reporting"),
            description=_("Reports about your practice."),
            link="https://reporting.example/",
            capability=Capability.REPORTING_SITE,
        ),
        Tile(
            name=_("Account Overview"),
            description=_("Your role and why you have it, your practices, and who controls your access."),
            page="account_overview",
            in_header=True,
        ),
        Tile(
            name=_("Messages"),
            description=_("What you wrote to us, and our answers."),
            page="portal_messages",
            in_header=True,
        ),
        Tile(name=_("Contact Us"), description=_("Who helps with what, and how to reach them."), page="portal_contact"),
    ),
    topics=tuple(ContactTopic(key=key) for key in ("sign in", "merge", "access", "practice", "trouble", "other")),
)
