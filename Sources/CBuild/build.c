#include "build.h"

const char *waypost_commit(void) { return WAYPOST_COMMIT; }
