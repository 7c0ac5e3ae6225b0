#include "CTesseraCPU.h"

#if defined(__x86_64__)
#include <cpuid.h>

enum { leaf_features = 1, leaf_extended = 7, leaf_amd = 0x80000001u };

/// XCR0: which register files the operating system saves on a context switch.
static unsigned saved_registers(void) {
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static int has(unsigned word, unsigned bits) { return (word & bits) == bits; }

int tessera_x86_64_level(void) {
  unsigned a, b, c1, c7, c_amd, d;
  unsigned b7;
  if (!__get_cpuid(leaf_features, &a, &b, &c1, &d)) return 1;
  if (!has(c1, bit_SSE3 | bit_SSSE3 | bit_SSE4_1 | bit_SSE4_2 | bit_POPCNT | bit_CMPXCHG16B)) {
    return 1;
  }
  const unsigned ymm = 0x6, zmm = 0xe6;
  if (!has(c1, bit_OSXSAVE | bit_AVX | bit_F16C | bit_FMA | bit_MOVBE)) return 2;
  if (!has(saved_registers(), ymm)) return 2;
  if (!__get_cpuid_count(leaf_extended, 0, &a, &b7, &c7, &d)) return 2;
  if (!__get_cpuid(leaf_amd, &a, &b, &c_amd, &d)) return 2;
  if (!has(b7, bit_AVX2 | bit_BMI | bit_BMI2) || !has(c_amd, bit_LZCNT)) return 2;
  const unsigned avx512 = bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL;
  return has(b7, avx512) && has(saved_registers(), zmm) ? 4 : 3;
}
#else
int tessera_x86_64_level(void) { return 0; }
#endif
