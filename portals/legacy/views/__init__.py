"""Pages of the last old-style log-in and of linking an old account."""
