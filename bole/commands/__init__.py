"""The verbs of `bole`, one module a group; `bole/cli.py` lists them."""
