import WaypostCore
import WaypostHTTP
import WaypostJSON
import WaypostStore

/// `GET /v1/delivery-rates`: what became of what was sent, by channel, provider and window.
extension API {
    func listDeliveryRates(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            var query = QueryReader(call.request.query)
            let channel = query.word("channel", as: Channel.self)
            var provider: ProviderName?
            if let text = query.take("provider") {
                provider = ProviderName(text)
                if provider == nil { query.complain("provider", "is no provider's name; /v1/providers lists them") }
            }
            if let problem = query.finish() { throw problem }
            return .later { [self, rates = services.rates, channel, provider] reply in
                onReader(call, reply) {
                    let asked = try rates.current().filter {
                        (channel == nil || $0.channel == channel) && (provider == nil || $0.provider == provider)
                    }
                    reply.send(.json(RatesBody.bytes(asked)))
                }
            }
        }
    }
}

/// `{"data": […]}`, a line for each channel as a whole and for each provider of it, in each window.
package enum RatesBody {
    package static func bytes(_ rates: [DeliveryRate]) -> [UInt8] {
        var json = JSONWriter(capacity: 160 * rates.count + 64)
        json.object { json in
            json.array("data") { json in for rate in rates { write(rate, to: &json) } }
        }
        return json.bytes
    }

    private static func write(_ rate: DeliveryRate, to json: inout JSONWriter) {
        json.object { json in
            json.member("channel", rate.channel.rawValue)
            if let provider = rate.provider { json.member("provider", provider.text) } else { json.null("provider") }
            json.member("window", rate.window)
            json.member("sent", rate.sent)
            json.member("delivered", rate.delivered)
            json.member("undelivered", rate.undelivered)
            json.member("opened", rate.opened)
            json.member("clicked", rate.clicked)
            // In hundredths of a percent: more would be noise.
            if let ratio = rate.ratio {
                json.member("rate", (ratio * 10_000).rounded() / 100)
            } else {
                json.null("rate")
            }
        }
    }
}
