"""Every address of the product, with what its parameters could be."""

from django.urls import URLPattern, URLResolver, get_resolver


def paths(patterns=None, prefix=""):
    """Every address of the product that needs no argument."""
    for pattern in patterns or get_resolver().url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from paths(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and "<" not in route and "^" not in route and "(?P" not in route:
            yield "/" + route


def routes(patterns=None, prefix=""):
    """Every address as it is declared, with the names of its parameters."""
    for pattern in patterns or get_resolver().url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route
