import WaypostHTTP
import WaypostJSON

/// The part of the control API that speaks of callbacks.
extension ControlAPI {
    /// nil where the request speaks of something else.
    func answerOnCallbacks(_ request: HTTPRequest, _ query: ControlQuery) throws(ControlProblem) -> HTTPResponse? {
        switch (request.method, request.path) {
        case ("GET", "/callbacks"):
            try query.allow([])
            return callbackState()
        case ("POST", "/callbacks"):
            try changeCallbacks(try Self.json(request.body))
            return callbackState()
        case ("DELETE", "/callbacks"):
            try query.allow([])
            callbacks.clearCounts()
            return HTTPResponse(status: 204)
        case ("GET", "/outcomes"):
            try query.allow([])
            return outcomes()
        case ("POST", "/outcomes"): return try setOutcome(try Self.json(request.body))
        case ("DELETE", "/outcomes"):
            try query.allow(["provider", "id"])
            let (provider, id) = (try query.provider(), try query.number("id", 1...Int.max))
            var count = 0
            callbacks.change { count = $0.rules.remove(provider: provider, id: id) }
            return .json(200, JSONValue(dictionaryLiteral: ("lifted", .integer(Int64(count)))).bytes)
        case ("POST", "/inbound"): return try receive(try Self.json(request.body))
        case ("POST", "/subscription"):
            guard callbacks.settings.sesURL != nil else {
                throw ControlProblem(409, "SES has no URL to call: POST /callbacks with ses_url or router")
            }
            callbacks.subscribe()
            return HTTPResponse(status: 202)
        default: return nil
        }
    }

    private static func json(_ body: [UInt8]) throws(ControlProblem) -> JSONValue {
        do throws(JSONError) { return try JSONValue(parsing: body) } catch {
            throw ControlProblem(400, "not JSON at byte \(error.offset): \(error.complaint)")
        }
    }

    // MARK: State

    private func callbackState() -> HTTPResponse {
        let settings = callbacks.settings
        var json = JSONWriter()
        json.object { json in
            json.member("enabled", settings.isOn)
            json.object("urls") { json in
                json.member("sendgrid_url", ifPresent: settings.sendGridURL)
                json.member("ses_url", ifPresent: settings.sesURL)
                json.member("twilio_inbound_url", ifPresent: settings.twilioInboundURL)
                json.member("messagebird_inbound_url", ifPresent: settings.messageBirdInboundURL)
            }
            json.object("keys") { json in
                json.member("webhook_public_key", callbacks.publicKey)
                json.member("signing_key", settings.messageBirdSigningKey)
                json.member("sns_topic_arn", settings.topicARN)
                json.member("sns_endpoint", callbacks.topic.endpoint)
            }
            json.member("subscription_confirmed", callbacks.topic.isConfirmed)
            json.object("transport") { json in
                for provider in StandIn.allCases where provider.callsBack {
                    json.name(provider.rawValue)
                    callbacks.read { $0.transport(of: provider) }.write(to: &json)
                }
            }
            json.member("under_way", callbacks.open)
            json.name("counts")
            writeCounts(&json)
        }
        return .json(200, json.bytes)
    }

    func writeCounts(_ json: inout JSONWriter) {
        let counts = callbacks.counts
        json.object { json in
            for provider in StandIn.allCases where provider.callsBack {
                json.name(provider.rawValue)
                (counts[provider] ?? .init()).write(to: &json)
            }
        }
    }

    // MARK: Changes

    private func changeCallbacks(_ body: JSONValue) throws(ControlProblem) {
        var shape = Shape()
        let urls = ["router", "sendgrid_url", "ses_url", "twilio_inbound_url", "messagebird_inbound_url"]
        let allowed = ["enabled", "wait_for_confirmation", "provider"] + urls + CallbackTransport.names
        _ = shape.object(body, "the body", allowed: allowed)
        let provider = shape.choice(body["provider"], "provider", of: StandIn.self)
        if provider?.callsBack == false { shape.complain("provider", "does not call back") }
        let isOn = shape.boolean(body["enabled"], "enabled")
        let waits = shape.boolean(body["wait_for_confirmation"], "wait_for_confirmation")
        var given: [String: String] = [:]
        for name in urls {
            guard let text = shape.string(body[name], name) else { continue }
            given[name] = text
            if LoopbackURL(text) == nil { shape.complain(name, "must be http://, on this machine") }
        }
        var transport: CallbackTransport?
        if CallbackTransport.names.contains(where: { body[$0] != nil }) {
            let before = callbacks.read { plan in provider.map { plan.transport(of: $0) } ?? plan.settings.transport }
            transport = CallbackTransport(before, changed: body, &shape)
        }
        guard shape.complaints.isEmpty else { throw ControlProblem(400, shape.complaints.joined(separator: "; ")) }
        if let problem = transport?.problem { throw ControlProblem(400, problem) }
        callbacks.change { plan in
            var settings = plan.settings
            if let isOn { settings.isOn = isOn }
            if let waits { settings.waitsForConfirmation = waits }
            if let router = given["router"] { settings.call(router: router) }
            settings.sendGridURL = given["sendgrid_url"] ?? settings.sendGridURL
            settings.sesURL = given["ses_url"] ?? settings.sesURL
            settings.twilioInboundURL = given["twilio_inbound_url"] ?? settings.twilioInboundURL
            settings.messageBirdInboundURL = given["messagebird_inbound_url"] ?? settings.messageBirdInboundURL
            plan.settings = settings
            if let transport { plan.set(transport, for: provider) }
        }
    }

    private func setOutcome(_ body: JSONValue) throws(ControlProblem) -> HTTPResponse {
        var shape = Shape()
        let allowed = ["provider", "outcome", "detail", "recipient", "share", "seed", "count"]
        _ = shape.object(body, "the outcome", allowed: allowed)
        let provider = shape.choice(body["provider"], "provider", of: StandIn.self, required: true)
        let outcome = shape.choice(body["outcome"], "outcome", of: CallbackOutcome.self, required: true)
        var rule = OutcomeRule(provider ?? .sendgrid, outcome ?? .delivered)
        rule.detail = shape.string(body["detail"], "detail", 1...200)
        rule.recipient = shape.string(body["recipient"], "recipient", 1...320)
        rule.share = shape.number(body["share"], "share") ?? 1
        rule.seed = shape.integer(body["seed"], "seed").map { UInt64(bitPattern: $0) } ?? 1
        rule.count = shape.integer(body["count"], "count").map { Int(clamping: $0) }
        guard shape.complaints.isEmpty else { throw ControlProblem(400, shape.complaints.joined(separator: "; ")) }
        do throws(FaultProblem) {
            let id = try callbacks.set(rule)
            return .json(201, JSONValue(dictionaryLiteral: ("id", .integer(Int64(id)))).bytes)
        } catch { throw ControlProblem(400, error.description) }
    }

    private func outcomes() -> HTTPResponse {
        var json = JSONWriter()
        json.object { json in
            json.array("outcomes") { json in
                for entry in callbacks.read({ $0.rules.entries }) {
                    json.object { json in
                        json.member("id", entry.id)
                        json.member("provider", entry.rule.provider.rawValue)
                        json.member("outcome", entry.rule.outcome.rawValue)
                        json.member("detail", ifPresent: entry.rule.detail)
                        json.member("recipient", ifPresent: entry.rule.recipient)
                        json.member("share", entry.rule.share)
                        json.member("strikes", entry.strikes)
                    }
                }
            }
        }
        return .json(200, json.bytes)
    }

    private func receive(_ body: JSONValue) throws(ControlProblem) -> HTTPResponse {
        var shape = Shape()
        let allowed = ["provider", "from", "to", "body", "opt_out_type", "media", "url"]
        _ = shape.object(body, "the message", allowed: allowed)
        let provider = shape.choice(body["provider"], "provider", of: StandIn.self, required: true)
        if let provider, provider != .twilio, provider != .messagebird {
            shape.complain("provider", "must be twilio or messagebird")
        }
        var message = Inbound(
            provider ?? .twilio, from: shape.string(body["from"], "from", required: true) ?? "",
            to: shape.string(body["to"], "to", required: true) ?? "",
            body: shape.string(body["body"], "body", required: true) ?? "",
            optOutType: shape.string(body["opt_out_type"], "opt_out_type", 1...20))
        for (index, url) in (shape.array(body["media"], "media", 0...10) ?? []).enumerated() {
            if let text = shape.string(url, "media.\(index)") { message.mediaURLs.append(text) }
        }
        message.url = shape.string(body["url"], "url")
        if let url = message.url, LoopbackURL(url) == nil {
            shape.complain("url", "must be http://, on this machine")
        }
        guard shape.complaints.isEmpty else { throw ControlProblem(400, shape.complaints.joined(separator: "; ")) }
        guard callbacks.send(message, at: WallClock.milliseconds) else {
            throw ControlProblem(409, "nobody has said where it goes: give url, or POST /callbacks with router")
        }
        return HTTPResponse(status: 202)
    }
}

extension CallbackTransport {
    /// The members of its JSON.
    static let names = [
        "delay_ms", "loss", "duplicate", "again", "reorder", "reorder_ms", "forge", "retries", "retry_ms", "seed",
    ]

    /// As before, but for what the body has.
    init(_ before: CallbackTransport, changed body: JSONValue, _ shape: inout Shape) {
        self = before
        if let delay = shape.array(body["delay_ms"], "delay_ms", 2...2) {
            let least = shape.integer(delay[0], "delay_ms.0") ?? 0
            let most = shape.integer(delay[1], "delay_ms.1") ?? 0
            if least > most { shape.complain("delay_ms", "must be the least and the most, in that order") }
            self.delay = .milliseconds(least) ... .milliseconds(max(least, most))
        }
        loss = shape.number(body["loss"], "loss") ?? loss
        duplicate = shape.number(body["duplicate"], "duplicate") ?? duplicate
        again = shape.number(body["again"], "again") ?? again
        reorder = shape.number(body["reorder"], "reorder") ?? reorder
        reorderDelay = shape.integer(body["reorder_ms"], "reorder_ms").map { .milliseconds($0) } ?? reorderDelay
        forge = shape.number(body["forge"], "forge") ?? forge
        retries = shape.integer(body["retries"], "retries").map { Int(clamping: $0) } ?? retries
        retryDelay = shape.integer(body["retry_ms"], "retry_ms").map { .milliseconds($0) } ?? retryDelay
        seed = shape.integer(body["seed"], "seed").map { UInt64(bitPattern: $0) } ?? seed
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.array("delay_ms") { json in
                json.element(delay.lowerBound.wholeMilliseconds)
                json.element(delay.upperBound.wholeMilliseconds)
            }
            json.member("loss", loss)
            json.member("duplicate", duplicate)
            json.member("again", again)
            json.member("reorder", reorder)
            json.member("reorder_ms", reorderDelay.wholeMilliseconds)
            json.member("forge", forge)
            json.member("retries", retries)
            json.member("retry_ms", retryDelay.wholeMilliseconds)
            json.member("seed", seed)
        }
    }
}
