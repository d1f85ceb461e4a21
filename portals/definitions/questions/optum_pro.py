"""The questions and answers of Optum Pro, in the order and the words of the documents (S3-21)."""

from django.utils.translation import gettext_lazy as _

from portals.spec import Answer, Question

QUESTIONS = (
    Question(
        question=_("What is the Optum Pro portal?"),
        answers=(
            Answer(
                says=(
                    _(
                        "The Optum Pro portal is a secure web portal created by Optum that provides you with "
                        "one-stop access to point-of-care support and resources to streamline administrative and "
                        "clinical tasks. Designed for clinicians and administrators, the online portal gives you "
                        "the tools you need based on your clinical or nonclinical role. It provides clinicians "
                        "with real-time, HIPAA-protected access to patient electronic medical records, allows you "
                        "to view and submit referrals, receive alerts on important changes to your patient's "
                        "health, identify patients who have gaps in care and more."
                    ),
                ),
            ),
        ),
    ),
    Question(
        question=_("What are the core features of the Optum Pro portal?* What does it do?"),
        answers=(
            Answer(
                heading=_("FOR CLINICIANS (EMPLOYED OR CONTRACTED)"),
                says=(_("Using an online, secure, single sign-on to the portal, you can:"),),
                items=(
                    _(
                        "Access to your patients' health records, including specialist notes and hospital "
                        "discharge summaries."
                    ),
                    _("Discover and capture open risk or quality screening gaps."),
                    _("Complete prior authorization for multiple health plans."),
                    _(
                        "Refer your patients electronically and find referrals according to patient coverage and "
                        "location."
                    ),
                    _("Receive alerts and notifications on important changes to your patient's health status."),
                ),
            ),
            Answer(
                says=(_("Keeping up to date on your patients' progress has never been easier."),),
            ),
            Answer(
                heading=_("FOR NONCLINICAL ADMINISTRATORS (EMPLOYED OR CONTRACTED)"),
                says=(_("Using an online, secure, single sign-on to the portal, you can:"),),
                items=(
                    _("View and submit prior authorizations and referrals"),
                    _("Review individual patient health plan eligibility and benefits status"),
                    _("Identify patients who have gaps in care and monitor incentive payments"),
                    _("Store documents for clinicians and administrators to access as needed"),
                    _("View individual claim submissions and appeals"),
                    _("Refer patients electronically and find referrals according to patient coverage and location"),
                    _("Receive national and local Optum Care news and important regulatory/compliance changes"),
                    _("Discover and capture open risk or quality screening gaps"),
                ),
            ),
            Answer(
                says=(_("*All functionality may not be available in all markets."),),
            ),
        ),
    ),
    Question(
        question=_("What makes the Optum Pro portal different compared to similar applications?"),
        answers=(
            Answer(
                says=(
                    _(
                        "The portal was designed in-house by Optum and has all Optum clinical and administrative "
                        "applications integrated into one secure web platform, so you no longer need multiple "
                        "applications to do your job."
                    ),
                    _(
                        "It is personalized so you have a custom user experience based on your role, allowing you "
                        "to see the right tools you need as a practicing clinician. Additionally, you can "
                        "personalize your dashboard so you can see exactly what you want, right where you need it."
                    ),
                    _(
                        "The online portal has integrated eLearning courses and trainings, so you can complete "
                        "trainings on demand in the portal. The portal can store documents, giving you the ability "
                        "to save, search and organize important materials. It has improved patient search "
                        "functionality, increased security, and new technology for an elevated user experience."
                    ),
                    _(
                        "We will continue to listen and collect feedback on ways to enhance the portal. We will "
                        "make periodic updates to improve the portal, so it's always working best for you."
                    ),
                ),
            ),
        ),
    ),
    Question(
        question=_("Who can use the Optum Pro portal?"),
        answers=(
            Answer(
                says=(
                    _(
                        "The portal is designed for all clinicians with an Optum affiliation (employed or "
                        "independent partners) and administrative staff, including operations managers, front "
                        "office staff, practice managers, site administrators and billing/coding specialists. If "
                        "your practice uses third-party vendors, such as a third-party biller or revenue cycle "
                        "company, those vendors can access the portal to perform functions on your behalf."
                    ),
                    _(
                        "The portal is persona-based, so users will only see the tools and data they need based on "
                        "their job function."
                    ),
                ),
            ),
        ),
    ),
    Question(
        question=_("How do I get access?"),
        answers=(
            Answer(
                says=(
                    _(
                        'The online portal can be accessed by visiting optumproportal.com. When you click "Sign '
                        'in" your One Healthcare ID/single sign-on will automatically log you into the site.'
                    ),
                ),
            ),
        ),
    ),
    Question(
        question=_("Is there a specific web browser I should use to access optumproportal.com?"),
        answers=(
            Answer(
                says=(
                    _("The optimal browsers to use are Microsoft Edge™, Google Chrome™, and Firefox™."),
                    _("Optum and UnitedHealthcare will no longer be supporting Internet Explorer after June 2022."),
                ),
            ),
        ),
    ),
    Question(
        question=_("How do I get a One Healthcare ID?"),
        answers=(
            Answer(
                says=(
                    _(
                        "Users will need a One Healthcare ID (OHID) account in order to access Optum Pro. If you "
                        "don't have a One Healthcare ID, visit identity.onehealthcareid.com to create your account "
                        "or reset your password."
                    ),
                    _(
                        "REMINDER: Only one email address per registration for a One Healthcare ID. Do not "
                        "register a single email address multiple times."
                    ),
                ),
            ),
        ),
    ),
    Question(
        question=_("Who can I call for assistance with One Healthcare ID?"),
        answers=(
            Answer(
                says=(
                    _(
                        "If you'd like assistance with One Healthcare ID, contact support at 1-855-819-5909 or "
                        "optumsupport@optum.com."
                    ),
                ),
            ),
        ),
    ),
    Question(
        question=_("Once I am logged into Optum Pro where do I go for a support question?"),
        answers=(
            Answer(
                says=(
                    _(
                        'Click on "Contact Us" at the bottom of the site. A dialogue box will pop up and you can '
                        "enter your issue, question, contact information and it will be routed to the appropriate "
                        "team member for resolution. Upon submission, you will receive a ticket number for "
                        "tracking."
                    ),
                ),
            ),
        ),
    ),
    Question(
        question=_("Are there any web session timeout limits for Optum Pro once I am logged in?"),
        answers=(
            Answer(
                says=(
                    _(
                        "When inactive, the Optum Pro portal will timeout after thirty minutes. A five-minute "
                        "warning will appear prior to timing out. It's important to be aware you may be on another "
                        "tab/window when the timeout message appears."
                    ),
                ),
            ),
        ),
    ),
    Question(
        question=_("How often will I have to change my One Healthcare ID password?"),
        answers=(
            Answer(
                says=(_("One Healthcare ID password must be changed every 90 days."),),
            ),
        ),
    ),
    Question(
        question=_("How long is my account active?"),
        answers=(
            Answer(
                says=(
                    _(
                        "To safeguard member and health care professional data, we automatically deactivate your "
                        "account if you haven't signed into the portal for 90 consecutive days. To keep your "
                        "account active, all you'll need to do is sign into the portal."
                    ),
                ),
            ),
        ),
    ),
    Question(
        question=_("Why was it important to Optum to create this portal?"),
        answers=(
            Answer(
                heading=_("FOR CLINICIANS (EMPLOYED OR CONTRACTED)"),
                says=(
                    _(
                        "Your focus should be patients, not paperwork. We wanted to reduce your administrative "
                        "burden and give you an easy, secure resource to keep up to date with your patients' "
                        "progress and access to everything you need to manage your practice and patients."
                    ),
                ),
            ),
            Answer(
                heading=_("FOR NONCLINICAL ADMINISTRATORS (EMPLOYED OR CONTRACTED)"),
                says=(
                    _(
                        "At Optum, we work together as one team, building a care delivery system that works better "
                        "for patients and clinicians alike. With over 1,300 care clinics, we want to support you, "
                        "making it easier to manage your administrative tasks and giving you one-stop access to "
                        "everything you need to manage your practice and patients."
                    ),
                ),
            ),
        ),
    ),
)
