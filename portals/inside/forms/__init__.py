"""Forms inside a portal."""
