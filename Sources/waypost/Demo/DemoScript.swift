import WaypostCore

/// What happens when, in a demo of a given length: an outage of the primary in each channel, one after another.
struct DemoScript {
    enum Act: CaseIterable {
        /// The primary says 503 to everything.
        case fails
        /// And then does not even answer: connections are refused.
        case refuses
        case returns
    }

    struct Scene: Equatable {
        var channel: Channel
        var act: Act
    }

    let length: Duration
    let channels: [Channel]

    /// When an act begins, from the demo's start. All is well before the first outage, and there is time after the last to come
    /// back: of 20 s, 2 s before and 4 s after, and every 3 s an outage that lasts 1.75 s.
    func moment(of scene: Scene) -> Duration {
        let place = channels.firstIndex(of: scene.channel) ?? 0
        let span = length * 3 / (4 * max(1, channels.count))
        let start = length / 10 + span * place
        return switch scene.act {
        case .fails: start
        case .refuses: start + span / 4
        case .returns: start + span * 7 / 12
        }
    }

    /// The scenes that begin after `earlier` and not after `now`.
    func scenes(after earlier: Duration, upTo now: Duration) -> [Scene] {
        channels.flatMap { channel in Act.allCases.map { Scene(channel: channel, act: $0) } }
            .filter { moment(of: $0) > earlier && moment(of: $0) <= now }
    }
}
