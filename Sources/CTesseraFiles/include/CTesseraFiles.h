#ifndef CTESSERAFILES_H
#define CTESSERAFILES_H

/// Brings everything that was written to the file system of an open file to its disk: syncfs(2), which
/// the system's headers show to C alone.
///
/// Returns 0, or -1 with errno set.
int tessera_syncfs(int descriptor);

/// Has the system begin to bring bytes of an open file to the disk, and does not wait for them.
///
/// What goes wrong, fsync(2) tells.
void tessera_begin_synchronizing(int descriptor, long long position, long long count);

/// What kind of file system an open file is on: the magic number of fstatfs(2), 0 where it does not tell.
long tessera_file_system(int descriptor);

/// Gives a file another name that nothing has: renameat2(2) with RENAME_NOREPLACE, or where the file
/// system has no such thing a second name before the first is taken away.
///
/// Returns 0, or -1 with errno set: EEXIST where something has the name.
int tessera_rename_new(const char *from, const char *to);

#endif
