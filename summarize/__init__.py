"""From the facts of a day to the digest of that day."""
