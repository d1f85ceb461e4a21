"""Ways back in, for people who forgot or lost something."""
