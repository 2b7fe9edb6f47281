import Testing

/// All that runs the router whole. One test at a time: some measure time, and each has a machine's worth of threads.
@Suite(.serialized) struct EndToEnd {}
