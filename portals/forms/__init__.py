"""The forms of the portals app."""
