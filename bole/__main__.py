"""`python -m bole` is the `bole` command."""

from bole.cli import main

main()
