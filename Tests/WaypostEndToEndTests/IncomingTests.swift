import Testing
import WaypostCore
import WaypostCrypto
import WaypostJSON
import WaypostProviders

extension EndToEnd {
    /// `POST /webhooks/incoming/{name}`: callbacks of senders that are no providers.
    @Suite struct Incoming {
        /// The two forms in which they may be signed.
        enum Form: String, CaseIterable, CustomTestStringConvertible {
            case stripe, standard

            var testDescription: String { rawValue }

            /// What a sender of that form sends.
            func headers(
                id: String, _ body: String, at time: Timestamp, secret: String = Incoming.secret
            ) throws -> [String: String] {
                switch self {
                case .stripe:
                    // The whole secret is the key, and not base 64.
                    let text = Array("\(time.unixSeconds).\(body)".utf8)
                    let signature = Hex.encode(HMACKey(Array(secret.utf8)).authenticate(text))
                    return ["Stripe-Signature": "t=\(time.unixSeconds),v1=\(signature),v0=\(signature.reversed())"]
                case .standard:
                    let key = try #require(StandardWebhooks.Key(secret))
                    let signature = StandardWebhooks.sign(
                        id: id, timestamp: time, body: Array(body.utf8), secrets: [key])
                    return [
                        "webhook-id": id, "webhook-timestamp": String(time.unixSeconds), "webhook-signature": signature,
                    ]
                }
            }
        }

        private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        private static let others = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"

        private func router(_ form: Form) throws -> Router {
            var setup = Setup.through("sendgrid")
            let entry = "scheme: \(form.rawValue), secret: \(Self.secret)"
            setup.sections["events"] =
                "{incoming: [{name: billing, \(entry)}, {name: strict, \(entry), webhook_tolerance: 1m}]}"
            return try Router(setup)
        }

        private func body(_ id: String) -> String {
            #"{"id":"\#(id)","type":"invoice.paid","data":{"object":{"total":1200}}}"#
        }

        private func events(_ wire: Wire) throws -> [JSONValue] {
            (try wire.get("/v1/events?limit=500")["data"]?.array ?? []).filter { $0["type"] == "webhook.received" }
        }

        private func counted(_ wire: Wire, _ result: String) throws -> Double? {
            try wire.metrics()["waypost_webhooks_total", ["provider": "incoming/billing", "result": result]]
        }

        @Test(arguments: Form.allCases)
        func `a genuine one is one event, however often it is told`(form: Form) throws {
            let router = try router(form)
            let wire = router.wire
            let body = body("evt_1")
            // Again as it was, then signed anew, as a sender does that tries again later.
            for seconds: Int64 in [0, 0, 5] {
                let headers = try form.headers(id: "evt_1", body, at: SystemTime().wallNow - .seconds(seconds))
                let reply = try wire.post("/webhooks/incoming/billing", body, headers)
                #expect(reply.status == 200 && reply["received"] == true, "\(reply)")
            }
            let told = try events(wire)
            #expect(told.count == 1)
            #expect(told[0]["message_id"] == .null && told[0]["detail"] == "invoice.paid", "\(told)")
            let data = told[0]["data"]
            #expect(data?["sender"] == "billing" && data?["id"] == "evt_1" && data?["type"] == "invoice.paid")
            #expect(data?["body"] == (try JSONValue(parsing: Array(body.utf8))))
            // Another sender may name its events so, too.
            let headers = try form.headers(id: "evt_1", body, at: SystemTime().wallNow)
            #expect(try wire.post("/webhooks/incoming/strict", body, headers).status == 200)
            #expect(try events(wire).count == 2)
            #expect(try counted(wire, "accepted") == 1 && counted(wire, "duplicate") == 2)
            #expect(try counted(wire, "refused") == 0)
            try router.checkBooks()
        }

        @Test(arguments: Form.allCases)
        func `one that is forged, changed, stale, unsigned or unreadable is no event`(form: Form) throws {
            let router = try router(form)
            let wire = router.wire
            let now = SystemTime().wallNow
            let good = body("evt_1")
            func signed(_ body: String, _ seconds: Int64 = 0, secret: String = Self.secret) throws -> [String: String] {
                try form.headers(id: "evt_1", body, at: now + .seconds(seconds), secret: secret)
            }
            let cases: [(what: String, path: String, body: String, headers: [String: String], status: Int)] = [
                ("forged", "billing", good, try signed(good, secret: Self.others), 403),
                ("changed", "billing", good.replacing("1200", with: "1300"), try signed(good), 403),
                ("stale", "billing", good, try signed(good, -620), 403),
                ("from the future", "billing", good, try signed(good, 620), 403),
                ("stale for a strict one", "strict", good, try signed(good, -70), 403),
                ("unsigned", "billing", good, [:], 403),
                ("of the other form", "billing", good, try other(form).headers(id: "evt_1", good, at: now), 403),
                ("not JSON", "billing", "id=evt_1", try signed("id=evt_1"), 400),
                ("no object", "billing", "[1]", try signed("[1]"), 400),
                ("empty", "billing", "", try signed(""), 400),
                ("of nobody", "nobody", good, try signed(good), 404),
                ("of nobody and unsigned", "nobody", good, [:], 404),
            ]
            for (what, path, body, headers, status) in cases {
                let reply = try wire.post("/webhooks/incoming/\(path)", body, headers)
                #expect(reply.status == status, "\(what): \(reply)")
                #expect(reply.headers["content-type"] == "application/problem+json", "\(what)")
                // Whoever forges is told nothing.
                if status == 403 { #expect(reply["detail"] == "This callback is refused.", "\(what)") }
            }
            #expect(try events(wire).isEmpty)
            #expect(try counted(wire, "refused") == 6 && counted(wire, "accepted") == 0)
            #expect(!router.log.text.contains(Self.secret))
        }

        @Test(arguments: Form.allCases)
        func `a signed time may be ten minutes off, or what the entry says`(form: Form) throws {
            let router = try router(form)
            let cases: [(path: String, seconds: Int64)] = [
                ("billing", -580), ("billing", 580), ("strict", -40), ("strict", 40),
            ]
            for (path, seconds) in cases {
                let id = "evt_\(path)_\(seconds)"
                let headers = try form.headers(id: id, body(id), at: SystemTime().wallNow + .seconds(seconds))
                let reply = try router.wire.post("/webhooks/incoming/\(path)", body(id), headers)
                #expect(reply.status == 200, "\(path) \(seconds): \(reply)")
            }
            #expect(try events(router.wire).count == 4)
        }

        private func other(_ form: Form) -> Form { form == .stripe ? .standard : .stripe }
    }
}
