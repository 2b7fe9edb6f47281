import Synchronization

/// How large a body may be, by path, and how many bytes of larger ones may be held at once.
///
/// Whoever may connect may send a body: without a bound on all of them, as many as there are connections could fill the
/// memory before anybody is asked who they are.
final class BodyBounds: Sendable {
    /// Everywhere else.
    let usual: Int
    private let larger: [HTTPServer.LargerBodies]
    private let room: Atomic<Int>

    init(_ settings: HTTPServer.Settings) {
        usual = settings.maxBody
        larger = settings.largerBodies
        room = Atomic(settings.largerBodyRoom)
    }

    /// Bytes that a request to this target may bring.
    func limit(for target: String) -> Int {
        guard !larger.isEmpty else { return usual }
        return max(usual, larger.first { target.hasPrefix($0.prefix) }?.bytes ?? usual)
    }

    /// Takes room for a body of more than the usual size; false when there is none, and nothing is taken.
    func take(_ bytes: Int) -> Bool {
        guard room.subtract(bytes, ordering: .relaxed).newValue >= 0 else {
            give(bytes)
            return false
        }
        return true
    }

    func give(_ bytes: Int) { room.add(bytes, ordering: .relaxed) }
}
