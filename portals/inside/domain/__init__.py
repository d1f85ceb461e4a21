"""What the pages behind a portal's door ask of the database, and what they do there."""
