"""Pages that a brand shows in its own words: looked for in its folder first."""

from django.http import HttpRequest

from identity.sign_in import login_intent


def pages(request: HttpRequest, template: str) -> list[str]:
    """The templates to try for `identity/<template>`, the brand's own first; give them to Django's render."""
    folder = login_intent.tenant(request).brand.pages
    shared = f"identity/{template}"
    return [f"portals/{folder}/{template}", shared] if folder else [shared]
