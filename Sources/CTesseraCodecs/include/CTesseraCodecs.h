#ifndef CTESSERA_CODECS_H
#define CTESSERA_CODECS_H

/// Row-by-row shims over libpng, libjpeg and libtiff, shims over libwebp, and one over zlib.
///
/// The first two report errors with `longjmp`, which must not cross a Swift frame: here every
/// function returns a status, and what went wrong stands in the log of its reader or writer.

#include "tsr_inflate.h"
#include "tsr_io.h"
#include "tsr_jpeg.h"
#include "tsr_log.h"
#include "tsr_png.h"
#include "tsr_tiff.h"
#include "tsr_webp.h"

#endif
