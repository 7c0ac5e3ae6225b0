#include "CTesseraCodecs.h"
