"""Outside applications and signing keys in the admin site."""
