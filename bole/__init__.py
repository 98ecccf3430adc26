"""The application: command line, settings, the daily run and the demo."""

__version__ = "0.1.0"
