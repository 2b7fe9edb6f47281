/// What happens when, in a demo of a given length.
struct DemoScript {
    enum Act: CaseIterable {
        /// SendGrid says 503 to everything.
        case fails
        /// And then does not even answer: connections are refused.
        case refuses
        case returns
    }

    let length: Duration

    /// When an act begins. A quarter of the time all is well, and the last half is for coming back.
    func moment(of act: Act) -> Duration {
        switch act {
        case .fails: length / 4
        case .refuses: length / 4 + .milliseconds(1000)
        case .returns: length / 2
        }
    }

    /// The acts that begin after `earlier` and not after `now`.
    func acts(after earlier: Duration, upTo now: Duration) -> [Act] {
        Act.allCases.filter { moment(of: $0) > earlier && moment(of: $0) <= now }
    }
}
