"""The change-over in the admin site: lists, phases, wording, unlinkings, cut-over."""
