"""Finding documents by words of their title, their labels and what their newest version says (S3-07)."""

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import connection
from django.db.models import F, Func

from identity.policy import text
from portals.models.documents import DocumentQuerySet

MAX_WORDS = 8  # of a query

# As the index of the migration spells it.
_VECTOR = Func(
    F("words"), template="to_tsvector('simple'::regconfig, %(expressions)s)", output_field=SearchVectorField()
)


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
