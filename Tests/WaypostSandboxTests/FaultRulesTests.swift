import Testing

@testable import WaypostSandbox
