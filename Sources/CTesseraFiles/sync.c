#define _GNU_SOURCE
#include "CTesseraFiles.h"

#include <unistd.h>

int tessera_syncfs(int descriptor) { return syncfs(descriptor); }
