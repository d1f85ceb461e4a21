"""How a stored file leaves: never as a page of ours, whatever it says of itself."""

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from identity.files import stored
from identity.files.kinds import TYPES
from identity.models import StoredFile
from identity.models.files import Kind

POLICY = "sandbox; default-src 'none'"  # of the browser, where somebody opens it in its window after all


def open_for(*, file: StoredFile) -> StreamingHttpResponse:
    """The file to be saved, for whoever the caller found it for. Raises stored.NotServed unless it is clean."""
    response = _answer(file, 0, TYPES[Kind(file.kind)])
    response["Content-Length"] = str(file.size)
    response["Content-Disposition"] = str(content_disposition_header(True, file.shown_name))
    return response


def picture_for(*, file: StoredFile, page: int) -> StreamingHttpResponse:
    """The picture of a page (1 is the first), drawn anew, for looking. Raises stored.NotServed."""
    if page < 1:  # the file itself is never shown as a picture
        raise stored.NotServed
    return _answer(file, page, TYPES[Kind.PNG])


def _answer(file: StoredFile, page: int, media_type: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(stored.read(file=file, page=page), content_type=media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POLICY
    return response
