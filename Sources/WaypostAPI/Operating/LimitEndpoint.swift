import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostJSON
import WaypostPolicy
import WaypostStore

/// `GET /v1/limits`: what windows hold and leave, and when they free.
extension API {
    private enum Key: String, CaseIterable { case recipient, client, provider }

    func listLimits(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            var query = QueryReader(call.request.query)
            let key = query.word("key", as: Key.self)
            let value = query.line("value", bytes: 1...320)
            let channel = query.word("channel", as: Channel.self)
            if key == nil, query.findings.isEmpty {
                query.complain("key", "is missing: recipient, client or provider", code: .malformed)
            }
            if key == .recipient, value == nil, query.findings.isEmpty {
                query.complain("value", "is missing: the recipient's address", code: .malformed)
            }
            if let problem = query.finish() { throw problem }
            switch key {
            case .client?: return .now(.json(LimitBody.bytes(clientLimits(value, call))))
            case .provider?: return .now(.json(LimitBody.bytes(try providerLimits(value, channel, call))))
            default: return try recipientLimits(value ?? "", channel, call)
            }
        }
    }

    /// A client sees its own; who operates sees all.
    private func clientLimits(_ value: String?, _ call: Call) -> [LimitStanding] {
        services.authenticator.standings(at: services.time.now).filter { standing in
            (value == nil || standing.value == value)
                && (call.caller.seesAll || standing.value == call.caller.name.text)
        }.map { $0.freeing(after: call.now) }
    }

    private func providerLimits(
        _ value: String?, _ channel: Channel?, _ call: Call
    ) throws(Problem) -> [LimitStanding] {
        let all = services.steering.gates.snapshots(at: services.time.now)
        let asked = all.filter { snapshot in
            (value == nil || snapshot.provider.text == value)
                && (channel == nil || snapshot.breakers.contains { $0.channel == channel })
        }
        if let value, asked.isEmpty, !all.contains(where: { $0.provider.text == value }) {
            throw Problem(.notFound, "There is no provider of that name; GET /v1/providers lists them.")
        }
        return asked.flatMap { snapshot in
            zip(snapshot.windows, snapshot.nextFree).map { window, free in
                LimitStanding(
                    key: "provider", value: snapshot.provider.text, settings: window.settings,
                    used: window.settings.limit - window.remaining, free: free
                ).freeing(after: call.now)
            }
        }
    }

    private func recipientLimits(_ value: String, _ channel: Channel?, _ call: Call) throws(Problem) -> Answer {
        var listed = ListedAddress.all(value)
        if let channel {
            do throws(ListedAddress.Flaw) { listed = [try ListedAddress(value, on: channel)] } catch {
                throw Problem([.init("?value", error.complaint)]) ?? Problem(.invalid, error.complaint)
            }
        }
        let limits = services.steering.current.limits
        return reading(call) { [operations = services.operations, time = services.time, listed] _ in
            let now = time.now
            var standings: [LimitStanding] = []
            for place in listed {
                let address = operations.addresses.value(of: place.address, on: place.channel)
                for rule in operations.recipients.standing(of: address, limits, at: now) {
                    standings.append(
                        LimitStanding(
                            key: "recipient", channel: place.channel, type: rule.type, settings: rule.settings,
                            used: rule.used, free: rule.nextFree
                        ).freeing(after: call.now))
                }
                for rule in RecipientWindows.longRules(limits) {
                    let takes = try operations.reader.takes(
                        of: address, on: place.channel, type: rule.type, since: call.now - rule.settings.window)
                    var standing = LimitStanding(
                        key: "recipient", channel: place.channel, type: rule.type, settings: rule.settings,
                        used: takes.count, free: .zero)
                    standing.freeAt = takes.first.map { $0 + rule.settings.window }
                    standings.append(standing)
                }
            }
            return .json(LimitBody.bytes(standings))
        }
    }
}

/// How one window stands.
package struct LimitStanding: Equatable, Sendable {
    package var key: String
    /// The provider or the client; nil for a recipient, whose address is known to who asks.
    package var value: String?
    package var channel: Channel?
    /// nil: over all types.
    package var type: MessageType?
    package var settings: WindowSettings
    package var used: Int
    /// How long until a further slot is free; zero when all are.
    var free: Duration
    /// The same as a time; nil when all are free.
    package var freeAt: Timestamp?

    package init(
        key: String, value: String? = nil, channel: Channel? = nil, type: MessageType? = nil,
        settings: WindowSettings, used: Int, free: Duration
    ) {
        self.key = key
        self.value = value
        self.channel = channel
        self.type = type
        self.settings = settings
        self.used = used
        self.free = free
    }

    package func freeing(after now: Timestamp) -> LimitStanding {
        var standing = self
        standing.freeAt = used > 0 && free > .zero ? now + free : nil
        return standing
    }
}

/// `{"data": […], "next": null}`, a line for each window.
package enum LimitBody {
    package static func bytes(_ standings: [LimitStanding]) -> [UInt8] {
        ListBody.bytes(standings, next: nil) { standing, json in
            json.object { json in
                json.member("key", standing.key)
                json.member("value", ifPresent: standing.value)
                json.member("channel", ifPresent: standing.channel?.rawValue)
                json.member("type", ifPresent: standing.type?.rawValue)
                json.member("limit", standing.settings.limit)
                json.member("window_ms", standing.settings.window.milliseconds)
                json.member("used", standing.used)
                json.member("remaining", max(0, standing.settings.limit - standing.used))
                if let time = standing.freeAt {
                    json.member("free_at", plain: time.bytes)
                } else {
                    json.null("free_at")
                }
            }
        }
    }
}
