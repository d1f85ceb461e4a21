"""Finding documents by words of their title, their labels and what their newest version says (S3-07)."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import connection
from django.db.models import Exists, OuterRef, Subquery
from django.db.models.expressions import RawSQL

from identity.models import Account
from identity.policy import text
from portals.models import Document, DocumentOpening, DocumentVersion
from portals.models.documents import DocumentQuerySet

MAX_WORDS = 8  # of a query
ON_A_PAGE = 30

# A column that PostgreSQL alone has, and computes (see the migration): Django's fields are the same on every database.
_VECTOR = RawSQL('"portals_document"."word_vector"', (), output_field=SearchVectorField())


def found(documents: DocumentQuerySet, typed: str) -> DocumentQuerySet:
    """Those that hold a word for each word typed: one that begins so on PostgreSQL, one that holds it elsewhere. All of
    them, where no word was typed."""
    words = list(dict.fromkeys(text.words(typed)))[:MAX_WORDS]
    if not words:
        return documents
    if connection.vendor == "postgresql":
        query = SearchQuery(" & ".join(f"{word}:*" for word in words), config="simple", search_type="raw")
        return documents.alias(vector=_VECTOR).filter(vector=query)
    for word in words:
        documents = documents.filter(words__contains=word)
    return documents


def page(
    parts: Iterable[DocumentQuerySet], *, number: int, reader: Account
) -> tuple[list[tuple[Document, DocumentVersion]], bool]:
    """A page of a list (1 is the first) of what stands in several parts, the last changed first, and whether there is
    another one. Each document comes with its newest version, whose `is_opened` says whether the reader has opened it.
    Keys are read in the order of an index, and nothing is counted."""
    begin, end = (number - 1) * ON_A_PAGE, number * ON_A_PAGE
    keys = [
        key for part in parts for key in part.order_by("-changed_at", "pk").values_list("changed_at", "pk")[: end + 1]
    ]
    ordered = sorted(keys, key=lambda key: (-key[0].timestamp(), key[1]))
    shown = [pk for _changed_at, pk in ordered[begin:end]]
    newest = DocumentVersion.objects.filter(document=OuterRef("pk")).order_by("-number").values("pk")[:1]
    rows: Any = Document.objects.select_related("owner", "practice").prefetch_related("labels").defer("words")
    documents = rows.annotate(newest=Subquery(newest)).in_bulk(shown)
    own = DocumentOpening.objects.filter(version=OuterRef("pk"), account=reader)
    versions = DocumentVersion.objects.select_related("file").annotate(is_opened=Exists(own))
    by_key = versions.in_bulk([document.newest for document in documents.values()])
    return [(documents[pk], by_key[documents[pk].newest]) for pk in shown if pk in documents], len(ordered) > end
