"""Pictures of the pages of a PDF: the strict policy for browsers allows no embedded PDF."""

from io import BytesIO

import pypdfium2
from django.core.files.storage import default_storage

from accessforms.models import Printout
from identity.printing import files

SCALE = 1.6  # 115 dots an inch: readable beside the data, about 60 kB a page


def store(pdf: bytes, *, printout: Printout) -> int:
    """Store a picture of each page that has none; returns how many pages there are."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        for number in range(1, len(document) + 1):
            if not default_storage.exists(printout.page_path(number)):
                files.keep(printout.page_path(number), _picture(document[number - 1]))
        return len(document)
    finally:
        document.close()


def _picture(page: "pypdfium2.PdfPage") -> bytes:
    out = BytesIO()
    page.render(scale=SCALE, grayscale=True).to_pil().save(out, "PNG", compress_level=4)
    return out.getvalue()
