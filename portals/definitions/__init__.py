"""One file a portal. Each declares PORTAL; a file's name orders the cards on pages."""
