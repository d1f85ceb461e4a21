"""Old accounts: where they come from, how they are linked to an ID, and the change-over."""
