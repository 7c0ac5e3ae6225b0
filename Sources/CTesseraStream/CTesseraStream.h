#ifndef CTESSERA_STREAM_H
#define CTESSERA_STREAM_H

// Stores that bypass the caches, which Swift cannot express. Only a header: each module of kernels
// compiles these functions for its own instruction set, and inlines them.

/// Copies 64 bytes to an address that is a multiple of 64, past the caches.
///
/// A whole line at once, so that the processor need not read it first.
static inline __attribute__((always_inline)) void tessera_stream_line(
    void *destination, const void *source) {
  typedef float line __attribute__((vector_size(64), may_alias));
  typedef float unaligned_line __attribute__((vector_size(64), aligned(1), may_alias));
  __builtin_nontemporal_store(*(const unaligned_line *)source, (line *)destination);
}

/// Asks for the line of an address ahead of its use; any address will do.
static inline __attribute__((always_inline)) void tessera_prefetch(const void *address) {
  __builtin_prefetch(address);
}

/// Orders streamed lines before all stores that follow, for other threads too.
static inline __attribute__((always_inline)) void tessera_stream_fence(void) {
#if defined(__x86_64__)
  __builtin_ia32_sfence();
#elif defined(__aarch64__)
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

#endif
