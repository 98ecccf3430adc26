"""The engines, one module each; `bole.engine.open_engine` opens them."""
