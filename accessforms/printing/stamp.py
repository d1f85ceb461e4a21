"""Stamping the bar code twice on each finished page, as an artifact that screen readers skip."""

from io import BytesIO

import pikepdf
import segno

from accessforms.domain.barcodes import PageCode

VERSION = "2"
MM = 72 / 25.4
MODULE = 1.0 * MM  # measured to survive a fax at 204 x 98 dpi
QUIET = 4 * MODULE
EDGE = 8 * MM  # from the edge of the paper to the quiet zone: the dark squares keep the page's 12 mm margin


def stamped(pdf: bytes, *, reference: str, revision: int) -> bytes:
    """The same PDF with its bar codes, top right and bottom left of each page."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        pages = len(document.pages)
        for number, page in enumerate(document.pages, start=1):
            code = PageCode(reference=reference, page=number, pages=min(pages, 9), revision=revision)
            page.contents_add(_drawing(code.payload(), page), prepend=True)
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _drawing(payload: str, page: pikepdf.Page) -> bytes:
    """Content that draws the code twice, in the page's own coordinates (points, origin at the lower left)."""
    matrix = list(segno.make(payload, version=2, error="h", mode="alphanumeric", boost_error=False).matrix)
    size = len(matrix) * MODULE
    width, height = float(page.mediabox[2]), float(page.mediabox[3])
    offset = EDGE + QUIET
    corners = [(width - offset - size, height - offset), (offset, offset + size)]
    squares = [_run(x, y, matrix) for x, y in corners]
    return ("/Artifact <</Type /Layout>> BDC q 0 g\n" + "".join(squares) + "f Q EMC\n").encode()


def _run(left: float, top: float, matrix: list[bytearray]) -> str:
    """Rectangles of neighbouring dark modules, row by row."""
    drawn = []
    for row, line in enumerate(matrix):
        column = 0
        while column < len(line):
            if not line[column]:
                column += 1
                continue
            start = column
            while column < len(line) and line[column]:
                column += 1
            x, y = left + start * MODULE, top - (row + 1) * MODULE
            drawn.append(f"{x:.3f} {y:.3f} {(column - start) * MODULE:.3f} {MODULE:.3f} re\n")
    return "".join(drawn)
