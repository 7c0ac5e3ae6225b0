#ifndef CTESSERAFILES_H
#define CTESSERAFILES_H

/// Brings everything that was written to the file system of an open file to its disk: syncfs(2), which
/// the system's headers show to C alone.
///
/// Returns 0, or -1 with errno set.
int tessera_syncfs(int descriptor);

#endif
