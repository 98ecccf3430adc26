"""The one error that collecting and reading articles raises on purpose."""


class CrawlError(Exception):
    """An article could not be collected or read; the message names the thing and the cure."""
