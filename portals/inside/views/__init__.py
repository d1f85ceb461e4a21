"""Pages inside a portal."""
