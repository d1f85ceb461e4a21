"""Pages of the service desk about what is inside a portal."""
