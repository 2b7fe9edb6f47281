import Testing

@testable import WaypostAPI

/// What the build was told of itself.
@Suite struct BuildTests {
    /// `WAYPOST_COMMIT` as deploy/build-deb names it, for this test is built with whatever stood there.
    @Test func `a build names the commit it was told, or says that it is unknown`() {
        let commit = Build.commit.hasSuffix("-dirty") ? Build.commit.dropLast(6) : Build.commit[...]
        #expect(commit == "unknown" || (commit.count >= 7 && commit.allSatisfy(\.isHexDigit)))
    }
}
