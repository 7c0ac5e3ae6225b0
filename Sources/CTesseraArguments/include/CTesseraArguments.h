#ifndef CTESSERA_ARGUMENTS_H
#define CTESSERA_ARGUMENTS_H

/// How many words the process was started with, its own name among them.
int tessera_argument_count(void);

/// One of them; a null pointer beyond the last.
const char *tessera_argument(int index);

#endif
