"""The web page: what the published snapshot holds, for people with a browser."""
