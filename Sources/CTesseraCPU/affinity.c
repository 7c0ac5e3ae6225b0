#define _GNU_SOURCE
#include <sched.h>
#include <unistd.h>

#include "CTesseraCPU.h"

int tessera_processor_count(void) {
  cpu_set_t allowed;
  // A machine with more processors than the set holds refuses to fill it.
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}
