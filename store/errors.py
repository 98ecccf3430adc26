"""The one error that the store raises on purpose."""


class StoreError(Exception):
    """The store cannot do what was asked; the message names the thing and the cure."""
