"""The command itself: `python -m tessera run pipeline.json` is `tessera run pipeline.json`."""

import os
import sys
from typing import NoReturn

from ._command import command_path


def main() -> NoReturn:
    """Becomes the command, with the same arguments."""
    path = str(command_path())
    os.execv(path, ["tessera", *sys.argv[1:]])


if __name__ == "__main__":
    main()
