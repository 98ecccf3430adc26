"""Spiders: one a kind of column."""
