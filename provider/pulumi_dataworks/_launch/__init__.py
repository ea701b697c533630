"""The launch protocol: a backfill is launched at most once, whatever fails."""
