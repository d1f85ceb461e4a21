"""Nothing that a field accepts may spoil the printed form (T04, walk D8): boxes keep their size, nothing leaves the paper."""

import re
from types import SimpleNamespace

import pypdfium2
import pytest
from weasyprint import HTML

from accessforms.printing import document
from identity.printing import layout
from portals import registry
from portals.form_spec import Kind
from tests.factories import ANSWERS, NOW

MM = 96 / 25.4  # of WeasyPrint's layout
POINT = 25.4 / 72  # of the PDF, in mm
MARGIN = 12
NAMES = {
    "usual": "Grace Lin",
    "62": "Maria del Rosario Fernandez de Cordoba y Alvarez de Toledo, MD",
    "112": "Maximiliana Alexandrina Featherstonehaugh-Cholmondeley de la Vega y Montenegro, MD, PhD, FACC, FAAFP, FACP, MBA, MPH",
    "128 without a space": "Ñ" + "W" * 127,
}
EMAIL = "frontoffice.of.grace@sunsetpeds-long-beach.example"


def longest(portal: str, name: str, email: str = EMAIL) -> dict:
    """The same name wherever a text is taken, at the length that the field takes."""
    form = registry.get(portal).access_form

    def filled(fields, answers):
        values = {Kind.TEXT: name, Kind.FULL_NAME: name, Kind.EMAIL: email, Kind.PHONE: "3105550123x123456"}
        changed = {
            f.name: values[f.kind][: 254 if f.kind == Kind.EMAIL else f.max_length] for f in fields if f.kind in values
        }
        return {**answers, **changed}

    answers = filled(form.fields().values(), ANSWERS[portal])
    for table in form.tables().values():
        answers[table.name] = [filled(table.columns, row) for row in ANSWERS[portal][table.name] * 4]
    return answers


def html_of(portal: str, answers: dict) -> str:
    account = SimpleNamespace(login_name="maria.alvarez")
    submission = SimpleNamespace(portal_key=portal, reference="ABCDEFGH", account=account)
    return document.html_of(SimpleNamespace(submission=submission, answers=answers, revision=1, created_at=NOW))


def boxes(portal: str, answers: dict, *, of: str):
    """Every box of the layout with this class, or tag, in mm: page, left, right, height."""
    html = HTML(string=html_of(portal, answers), url_fetcher=layout._fetcher(), base_url="about:blank")
    pages = html.render(stylesheets=[layout.stylesheet(document.STYLE)], font_config=layout._fonts()).pages
    found = []
    for page in pages:
        for box in page._page_box.descendants():
            classes = box.element.get("class", "").split() if box.element is not None else []
            if (of in classes or box.element_tag == of) and type(box).__name__ in ("BlockBox", "TableCellBox"):
                left = box.border_box_x() / MM
                found.append((left, left + box.border_width() / MM, box.border_height() / MM))
    return found


def words(pdf: bytes):
    """Each line of text of the PDF with its place on the page, in mm."""
    for page in pypdfium2.PdfDocument(pdf):
        text = page.get_textpage()
        for number in range(text.count_rects()):
            left, bottom, right, top = (side * POINT for side in text.get_rect(number))
            yield text.get_text_bounded(*(side / POINT for side in (left, bottom, right, top))), left, right, bottom


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_signature_and_date_boxes_keep_their_size_whatever_the_name(name):
    """T04: with 62 characters the date had 21 mm, with 112 the box left the paper."""
    found = boxes("claims", longest("claims", name), of="sign-box")
    assert len(found) == 4, "officer and user: a signature and a date each"
    for left, right, height in found:
        assert height >= 15
        assert left >= MARGIN - 0.1
        assert right <= 215.9 - MARGIN + 0.1
        assert right - left >= 40


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_each_person_has_room_to_sign_and_a_date_beside_it(name):
    """walk D8, S1-23: boxes of at least 15 mm, a date beside each signature."""
    answers = longest("physician", name)
    assert all(height >= 15 for _left, _right, height in boxes("physician", answers, of="td"))
    assert len(boxes("physician", answers, of="signature")) == 8
    page = html_of("physician", answers)
    assert page.count('<th scope="col">Signature</th><th scope="col">Date</th>') == 1
    assert page.count("Sign After Printing</td><td></td>") == 8


@pytest.mark.parametrize("portal", ["claims", "physician"])
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_no_word_leaves_the_paper_or_its_foot(portal, name):
    pdf = document.pdf_of(html_of(portal, longest(portal, name)), reference="ABCDEFGH", revision=1)
    for text, left, right, bottom in words(pdf):
        assert left >= MARGIN - 1, text
        assert right <= 215.9 - MARGIN + 1, text
        assert bottom >= 8, text


@pytest.mark.parametrize("portal", ["claims", "physician"])
def test_an_address_breaks_between_its_words_only(portal):
    """walk D8: "sunsetpeds.ex / ample"."""
    pdf = document.pdf_of(html_of(portal, longest(portal, "Grace Lin")), reference="ABCDEFGH", revision=1)
    lines = " ".join(text for text, *_tenant in words(pdf))
    assert "sunsetpeds" in lines
    parts = re.split(r"[@.-]", EMAIL)
    assert all(re.search(rf"\b{part}\b", lines) for part in parts), lines


@pytest.mark.parametrize("portal", ["claims", "physician"])
def test_usual_data_with_four_people_is_one_page(portal):
    """C33: four rows with room to sign, the HIPAA text and the foot on one sheet."""
    answers = dict(ANSWERS[portal])
    if portal == "physician":
        answers["staff"] = [{**row, "email": "frontoffice@sunsetpeds.example"} for row in answers["staff"] * 2]
    assert len(pypdfium2.PdfDocument(document.pdf_of(html_of(portal, answers), reference="ABCDEFGH", revision=1))) == 1
