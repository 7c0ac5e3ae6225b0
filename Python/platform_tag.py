"""Tags the wheel by the platform that its command was built for: TESSERA_PLATFORM names it."""

import os

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PlatformTag(BuildHookInterface):
    """Makes the wheel one for every Python 3 on one platform."""

    def initialize(self, version, build_data):
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{os.environ['TESSERA_PLATFORM']}"
