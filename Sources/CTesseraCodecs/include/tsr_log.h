#ifndef TSR_LOG_H
#define TSR_LOG_H

#include <stdbool.h>
#include <stddef.h>

/// What a call came to. Everything but `tsr_ok` is final for its reader or writer.
typedef enum tsr_status {
  tsr_ok = 0,
  tsr_malformed,    ///< The bytes break the format's rules.
  tsr_damaged,      ///< The pixels' data break them, after a header that did not.
  tsr_unsupported,  ///< The bytes are valid, but of a kind that is not decoded.
  tsr_over_limit,   ///< More memory or work than was allowed.
  tsr_truncated,    ///< The file ends before the image does.
  tsr_io,           ///< A system call failed; `error_number` tells how.
  tsr_no_memory,    ///< The system has no memory left.
  tsr_cancelled     ///< The caller wants no more of it.
} tsr_status;

/// How much a complaint that the decoder went on from matters.
typedef enum tsr_severity {
  tsr_noise = 0,  ///< The pixels are as they were written.
  tsr_damage,     ///< Some pixels may not be.
  tsr_missing     ///< A part of the image is not in the file.
} tsr_severity;

#define TSR_NOTE_LIMIT 16
#define TSR_TEXT_LIMIT 200

/// One complaint.
typedef struct tsr_note {
  tsr_severity severity;
  char text[TSR_TEXT_LIMIT];
} tsr_note;

/// What a library said while it worked.
typedef struct tsr_log {
  tsr_status status;
  int error_number;
  char text[TSR_TEXT_LIMIT];  ///< What ended the work, when `status` is not `tsr_ok`.
  size_t damage_count;   ///< Complaints of `tsr_damage` and `tsr_missing`.
  size_t missing_count;
  size_t note_count;  ///< Distinct complaints that are kept, the first ones.
  tsr_note notes[TSR_NOTE_LIMIT];
} tsr_log;

/// How to ask whether work is to end.
typedef struct tsr_stop {
  bool (*is_wanted)(const void *context);  ///< NULL: it never is.
  const void *context;
} tsr_stop;

/// Whether work is to end; the log holds `tsr_cancelled` then.
bool tsr_stopped(tsr_log *log, const tsr_stop *stop);

/// The text of the error.
const char *tsr_log_text(const tsr_log *log);
/// The text of a kept complaint; `index` is below `note_count`.
const char *tsr_log_note(const tsr_log *log, size_t index);
/// The severity of a kept complaint; `index` is below `note_count`.
tsr_severity tsr_log_severity(const tsr_log *log, size_t index);

/// Records an error; the first one stays.
void tsr_log_fail(tsr_log *log, tsr_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/// Records a complaint.
void tsr_log_warn(tsr_log *log, tsr_severity severity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
