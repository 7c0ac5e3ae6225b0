#ifndef CTESSERA_CPU_H
#define CTESSERA_CPU_H

/// The highest x86-64 level (1, 2, 3 or 4) whose instructions the processor has and whose registers
/// the operating system saves; 0 on other processors.
int tessera_x86_64_level(void);

/// How many processors this process may run on: at least 1.
int tessera_processor_count(void);

/// Gives memory that was freed back to the system, as far as the allocator has kept it.
void tessera_give_back_memory(void);

/// Has the allocator make no more than so many arenas: each takes 64 MiB of addresses.
void tessera_limit_arenas(int count);

/// Has the allocator map each block of at least so many bytes by itself, and unmap it when it is freed; and
/// keep no more than twice that at the end of an arena. glibc raises both bounds after the first large block,
/// to 32 and 64 MiB, and malloc_trim leaves the end of all arenas but the first.
void tessera_map_blocks(int byte_count);

#endif
