"""Runs a command and ends standard error with a line of JSON: time, peak memory, status.

The kernel counts as a process's peak memory what its parent held when it was started; this parent
is small.
"""

import json
import os
import sys
import time

start = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - start
facts = {
    "seconds": seconds,
    "cpu_seconds": usage.ru_utime + usage.ru_stime,
    "peak_bytes": usage.ru_maxrss * 1024,
    "status": os.waitstatus_to_exitcode(status),
}
print(json.dumps(facts), file=sys.stderr)
