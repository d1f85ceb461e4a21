"""A sample outside application: it stands for TruCase's Bill Tracker and shows what the sign-on told it.

A program of its own that imports nothing of the product: Authlib, the standard library, and the product's public
addresses. The runner starts it with this folder's parent as its path; see docs/sign-on.md.
"""
