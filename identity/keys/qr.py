"""QR codes as SVG for a page: `fill` attributes only, for the policy of our pages blocks styles."""

import io

import segno
from django.utils.safestring import SafeString, mark_safe


def svg(text: str) -> SafeString:
    """The code of a text, dark on white with its quiet zone, about 200 px wide."""
    picture = io.BytesIO()
    made = segno.make(text, error="m", micro=False)
    made.save(picture, kind="svg", border=4, light="#ffffff", dark="#000000", xmldecl=False, svgns=False, omitsize=True)
    return mark_safe(picture.getvalue().decode())  # noqa: S308  made of squares, the text is not in it
