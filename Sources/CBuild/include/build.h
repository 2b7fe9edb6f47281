// What the build alone knows: Package.swift tells the C compiler, since Swift takes no values from outside.
#pragma once

/// The commit that this was built from, or "unknown".
const char *waypost_commit(void);
