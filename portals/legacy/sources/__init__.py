"""Where an old account's password is looked up."""
