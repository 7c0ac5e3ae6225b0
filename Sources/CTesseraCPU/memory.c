#include <malloc.h>

#include "CTesseraCPU.h"

void tessera_give_back_memory(void) { malloc_trim(0); }

void tessera_limit_arenas(int count) { mallopt(M_ARENA_MAX, count); }

void tessera_map_blocks(int byte_count) {
  mallopt(M_MMAP_THRESHOLD, byte_count);
  mallopt(M_TRIM_THRESHOLD, 2 * byte_count);
}
