"""Questions and answers of portals, where they are too many for the file of the portal."""
