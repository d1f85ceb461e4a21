"""Measurements: our parts beside the bare parts they are made of, in one run. Numbers never come from a timed test."""
