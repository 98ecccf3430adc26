"""Loads, when it is imported, what articles are read with: for processes that others come from."""

import gc
import signal

from bole.extraction import be_ready
from extract.models import RULES

signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the driver, which ends its workers
be_ready(RULES)
gc.collect()
gc.freeze()  # shared pages stay shared: the collector writes to what it looks at
