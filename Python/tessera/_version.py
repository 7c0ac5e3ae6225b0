"""The version, as the installed package tells it."""

from importlib import metadata

__version__: str = metadata.version("tessera-patches")
