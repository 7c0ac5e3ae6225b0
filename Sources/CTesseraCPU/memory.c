#include <malloc.h>

#include "CTesseraCPU.h"

void tessera_give_back_memory(void) { malloc_trim(0); }

void tessera_limit_arenas(int count) { mallopt(M_ARENA_MAX, count); }
