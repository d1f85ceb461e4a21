"""Public registers: their files are read here, and what they say of a number is looked up here."""
