import Testing
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// The order of candidates comes from what is true now; explain tells what was true then.
    @Suite struct Strategies {
        private func sent(_ router: Router, more: String = "") throws -> (id: String, provider: String?) {
            let id = try router.wire.send(more: more)
            try router.wire.wait(for: id, toBe: "sent")
            return (id, try router.wire.message(id)["provider"]?.string)
        }

        private func order(of id: String, _ router: Router) throws -> [String] {
            let rounds = try router.wire.get("/v1/messages/\(id)/explain")["rounds"]
            return (rounds?[0]?["considered"]?.array ?? []).compactMap { $0["provider"]?.string }
        }

        @Test func `least_cost goes by the price, and flips with it`() throws {
            var setup = Setup()
            setup.sections["routes"] = "{email: {providers: [sendgrid, ses], strategy: least_cost}}"
            setup.set("sendgrid", "price", "{per_message: 900, currency: USD}")
            setup.set("ses", "price", "{per_message: 100, currency: USD}")
            let router = try Router(setup)
            let dear = try sent(router)
            #expect(dear.provider == "ses")
            setup.set("ses", "price", "{per_message: 1000, currency: USD}")
            try router.folder.configure(setup, for: router.sandbox)
            #expect(router.app.reload() == [])
            let cheap = try sent(router)
            #expect(cheap.provider == "sendgrid")
            let metrics = try router.wire.metrics()
            #expect(metrics.sum("waypost_cost_micros_total", ["provider": "ses", "currency": "USD"]) == 100)
            #expect(metrics.sum("waypost_cost_micros_total", ["provider": "sendgrid", "currency": "USD"]) == 900)
            let costs = try router.wire.message(cheap.id)["cost"]
            #expect(costs?["micros"]?.integer == 900 && costs?["currency"]?.string == "USD")
        }

        @Test func `fastest goes by how long answers took, and flips when that changes`() throws {
            var setup = Setup()
            setup.sections["routes"] = "{email: {providers: [sendgrid, ses], strategy: fastest}}"
            let router = try Router(setup)
            // Both are measured once nobody is unknown; the slow one then comes second.
            try router.sandbox.setFault(.sends(.sendgrid, .delay, delay: .milliseconds(300)))
            try eventually("both are measured, and ses leads") {
                let one = try sent(router)
                let isMeasured = try ["sendgrid", "ses"].allSatisfy {
                    try router.wire.provider($0)?["latency_ms"]?.integer != nil
                }
                return isMeasured && one.provider == "ses"
            }
            router.sandbox.clearFaults()
            try router.sandbox.setFault(.sends(.ses, .delay, delay: .milliseconds(700)))
            try eventually("sendgrid leads") { try sent(router).provider == "sendgrid" }
        }

        @Test func `round_robin and weighted share the traffic`() throws {
            var setup = Setup()
            setup.sections["routes"] = "{email: {providers: [sendgrid, ses, relay], strategy: round_robin}}"
            let router = try Router(setup)
            for _ in 0..<9 { _ = try sent(router) }
            let taken = { router.sandbox.journal.summary.providers.mapValues(\.taken) }
            #expect(taken() == [.sendgrid: 3, .ses: 3, .smtp: 3])

            setup.sections["routes"] = "{email: {providers: [sendgrid, ses, relay], strategy: weighted}}"
            setup.set("sendgrid", "weight", "0")
            setup.set("ses", "weight", "3")
            try router.folder.configure(setup, for: router.sandbox)
            #expect(router.app.reload() == [])
            router.sandbox.journal.clear()
            for _ in 0..<60 { _ = try sent(router) }
            #expect(taken()[.sendgrid] ?? 0 == 0, "a weight of 0 takes no share")
            // One in four goes by the relay: 60 draws lie within these bounds but once in a billion.
            #expect((1...40).contains(taken()[.smtp] ?? 0))
        }

        @Test func `rules choose by type, tag and client before the route does`() throws {
            var setup = Setup()
            setup.sections["routes"] = """
                {email: {providers: [sendgrid], rules: [{match: {tag: [vip]}, providers: [ses]}, \
                {match: {type: [marketing]}, providers: [relay]}]}}
                """
            let router = try Router(setup)
            #expect(try sent(router).provider == "sendgrid")
            let tagged = try sent(router, more: #","tags":["vip"],"type":"marketing""#)
            #expect(tagged.provider == "ses")
            #expect(try sent(router, more: #","type":"marketing""#).provider == "relay")
            #expect(try router.wire.get("/v1/messages/\(tagged.id)/explain")["rounds"]?[0]?["rule"] == 0)
        }

        @Test func `explain shows the decision as it was made, whatever the configuration says now`() throws {
            let router = try Router()
            try router.sandbox.setFault(.sends(.sendgrid, .status(.init(503)), count: 1))
            let id = try sent(router).id
            let then = try router.wire.get("/v1/messages/\(id)/explain")
            #expect(then["rounds"]?.array?.count == 2, "\(then)")
            #expect(then["rounds"]?[1]?["considered"]?[0]?["verdict"] == "tried")
            #expect(then["rounds"]?[1]?["considered"]?[1]?["verdict"] == "taken")
            let version = then["rounds"]?[0]?["config_version"]?.string

            try router.folder.configure(.through("relay"), for: router.sandbox)
            #expect(router.app.reload() == [])
            #expect(try router.wire.post("/v1/providers/ses/disable", #"{"reason":"later"}"#).status == 200)
            #expect(try router.wire.get("/v1/messages/\(id)/explain").body == then.body)
            let next = try sent(router).id
            #expect(try order(of: next, router) == ["relay"])
            let now = try router.wire.get("/v1/messages/\(next)/explain")["rounds"]?[0]?["config_version"]?.string
            #expect(now != nil && now != version)

            let asked = try router.wire.post("/v1/routes/explain", Letter.body())
            #expect(asked.status == 200)
            #expect(asked["rounds"]?[0]?["considered"]?[0]?["provider"] == "relay")
        }
    }
}
