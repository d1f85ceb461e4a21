"""January 24, 2025, as the source documents write it; a time always with its zone."""

DATE_FORMAT = "F j, Y"
DATETIME_FORMAT = "F j, Y, P T"
