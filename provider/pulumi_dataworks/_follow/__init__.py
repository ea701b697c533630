"""Following backfills to their end: what was seen of them, how far they are, what failed.

`watch` asks and waits; all else works on what it has seen, and calls nothing.
"""
