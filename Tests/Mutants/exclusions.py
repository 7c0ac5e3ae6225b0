"""Places where a fault is no fault: each with the reason why."""

import re

# File or folder, what its lines hold, and what alone can change there.
EXCLUSIONS = [
    ("Sources/TesseraEngine/Graph/PlanSizing.swift",
     r"bandBytes = |largeImage: Int = |\? 1 : banding\.height",
     "how many rows are worked on at once: speed"),
    ("Sources/TesseraEngine/Execution/ScratchPool.swift", r"(small|spare)Bytes = ",
     "when idle memory is lent or let go: speed"),
    ("Sources/TesseraEngine/Statistics/PatchFigures.swift", r"pieceCount = ",
     "patches that are laid out at once: speed"),
    ("Sources/TesseraEngine/Rows/FilterPixels.swift", r"(rowGroup|cacheBytes) = ",
     "rows that are computed at once: speed"),
    ("Sources/TesseraEngine/Rows/", r"isWorthwhile: Bool",
     "which of two ways to the same values is taken: speed"),
    ("Sources/TesseraEngine/Rows/RankMethod.swift", r"mostCost|results\.width >=",
     "which of several methods with the same values is taken: speed"),
    ("Sources/TesseraEngine/Rows/RowFormat.swift", r"rounded|% 1024",
     "how rows lie in memory: speed"),
    ("Sources/TesseraEngine/Resize/", r"byteLimit = |byteCount = 32_768",
     "tables that are kept, pieces that stay in a cache: speed"),
    ("Sources/TesseraEngine/Patches/", r"(longPatch|runBytes|pieceLength) = ",
     "how much is worked on at once: speed"),
    ("Sources/TesseraEngine/Patches/", r"suitsSingleBlocks",
     "whether long patches are made one by one or many at once: speed"),
    ("Sources/TesseraEngine/Sinks/PatchFileWriter.swift", r"collectedBytes = ",
     "how much is written at once: speed"),
    ("Sources/TesseraEngine/Children/", r"(turn|mostLooks|patience|pieceLength) = ",
     "how often a program is looked at, and how long it is waited for: time"),
    ("Sources/TesseraPipeline/Plan/", r"(private static let limit|byteLimit) = ",
     "what is kept for the next image: speed"),
    ("Sources/TesseraBatch/Plans/RunningShard.swift", r"interval = ",
     "how often a shard says that it is worked on: time"),
    ("Sources/TesseraCLI/ProgressDisplay.swift", r"secondsBetweenLines = ",
     "how often progress is shown: time"),
    ("Sources/", r"milliseconds: \d|poll\(&\w+, \d, \d+\)|usleep\(",
     "how long is waited before something is looked at again: time"),
    ("Sources/", r"(buffer|pending|lines)(\.utf8)?\.count (>=|<) 1 << 1\d",
     "how many bytes are written at once: speed"),
    ("Sources/TesseraBatch/Records/RecordText.swift",
     r"size = max\(1 << 18|size = 1 << 11|size \*= 4",
     "how many bytes are read at once: speed"),
    ("Sources/TesseraBatch/Shards/ShardCommitter.swift", r"min\(64, OpenFileLimit",
     "how many files wait for the disk together: speed"),
    ("Sources/TesseraBatch/Records/ShardRecords.swift", r"items\.count > 1 else",
     "which of two ways to the same digests is taken: speed"),
    ("Sources/TesseraBatch/Items/ItemList.swift", r"mostOrigins = ",
     "from how many roots and archives on each has a place of its own: memory"),
    ("Sources/TesseraBatch/Items/NameHashes.swift", r"kept = all",
     "what is put together once: speed"),
    ("Sources/TesseraPipeline/Stages/", r"^\s*input\.requireImage\(for: Self\.name\)",
     "what the grammar of stages grants: a trap for mistakes of our own"),
    ("Sources/", r"\.reserveCapacity\(", "room that is made before it is needed: speed"),
    ("Sources/", r"min\([^()]*jobs, |OpenFileLimit\.workers",
     "how many threads work: speed"),
]


def is_excluded(path, lines):
    """Whether the lines of a file may not be changed."""
    return any(
        path.startswith(place) and re.search(pattern, lines) for place, pattern, _ in EXCLUSIONS)
