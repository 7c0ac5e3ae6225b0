#include "tsr_log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool tsr_stopped(tsr_log *log, const tsr_stop *stop) {
  if (stop->is_wanted == NULL || !stop->is_wanted(stop->context)) return false;
  tsr_log_fail(log, tsr_cancelled, "it was asked to end");
  return true;
}

const char *tsr_log_text(const tsr_log *log) { return log->text; }

const char *tsr_log_note(const tsr_log *log, size_t index) { return log->notes[index].text; }

tsr_severity tsr_log_severity(const tsr_log *log, size_t index) {
  return log->notes[index].severity;
}

void tsr_log_fail(tsr_log *log, tsr_status status, const char *format, ...) {
  if (log->status != tsr_ok) return;
  log->status = status;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(log->text, sizeof log->text, format, arguments);
  va_end(arguments);
}

void tsr_log_warn(tsr_log *log, tsr_severity severity, const char *format, ...) {
  if (severity != tsr_noise) log->damage_count += 1;
  if (severity == tsr_missing) log->missing_count += 1;
  // The first complaint about damage must be kept even when noise has filled the list.
  bool full = log->note_count == TSR_NOTE_LIMIT;
  if (full && severity != tsr_missing && (severity == tsr_noise || log->damage_count > 1)) return;

  tsr_note note = {.severity = severity};
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(note.text, sizeof note.text, format, arguments);
  va_end(arguments);
  for (size_t i = 0; i < log->note_count; i++) {
    if (log->notes[i].severity == severity && strcmp(log->notes[i].text, note.text) == 0) return;
  }
  if (!full) log->note_count += 1;
  log->notes[log->note_count - 1] = note;
}
