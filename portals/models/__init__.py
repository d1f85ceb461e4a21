"""The portals app's tables."""

from portals.models.sign_on import Application, Consent, SigningKey, SignOn

__all__ = ["Application", "Consent", "SignOn", "SigningKey"]
