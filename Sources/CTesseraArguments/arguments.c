#include "CTesseraArguments.h"

#include <stddef.h>

static int count;
static char **words;

/// The system hands the words over before `main`; Swift reads them from /proc, which may be missing.
__attribute__((constructor)) static void keep(int argument_count, char **arguments) {
  count = argument_count;
  words = arguments;
}

int tessera_argument_count(void) { return count; }

const char *tessera_argument(int index) {
  return index >= 0 && index < count ? words[index] : NULL;
}
