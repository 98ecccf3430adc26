"""The JSON API under /api/v1: what the pages show, for programs, sheets and feed readers."""
