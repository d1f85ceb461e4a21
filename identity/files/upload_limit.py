"""The limit on what a POST may bring, while it comes: the form token is looked for in the body before any view runs."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser
from django.urls import Resolver404, resolve

from identity.files import naming

FORM = 1_000_000  # bytes beside the file: what the form itself may hold, as Django's own limit


class UploadTooLarge(RequestDataTooBig):
    """More than the page takes: nothing of it is kept."""


class UploadNameRefused(RequestDataTooBig):
    """A file whose name is a path, or hides what it says."""


class PlainNames(MultiPartParser):
    """Django's, but for names: it quietly takes a path and signs of direction out of them, and we say so."""

    def sanitize_file_name(self, file_name: str) -> str | None:
        try:
            naming.check_plain(file_name)
        except naming.Refused:
            raise UploadNameRefused from None
        return super().sanitize_file_name(file_name)


class UploadLimit(FileUploadHandler):
    """Counts the bytes of all files of a POST and stops at the byte that is too many, or before the first one where the
    browser says how much is to come. The page's limit is that of its view (doors.takes_file); others take none."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        request.multipart_parser_class = PlainNames  # type: ignore[assignment]
        self.asked = request
        self.most = _limit_of(request)
        self.received = 0

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  Django's name
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        if content_length > self.most + FORM:
            raise UploadTooLarge

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > self.most:
            for handler in self.asked.upload_handlers:
                handler.upload_interrupted()  # what came so far goes at once
            raise UploadTooLarge
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler holds the file."""


def _limit_of(request: HttpRequest) -> int:
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return 0
    if getattr(view, "uploads_of_staff", False) and not getattr(getattr(request, "user", None), "is_staff", False):
        return 0
    return int(getattr(view, "max_upload", 0))
