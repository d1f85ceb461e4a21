"""The desk's pages of what stands inside the portals, by noun."""
