"""What happens with feedback."""

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event


class FeedbackGiven(Event, title=_("Feedback given")):
    """Never what it says; by nobody where its writer did not want to be named."""

    portal_key: str
    page: str
