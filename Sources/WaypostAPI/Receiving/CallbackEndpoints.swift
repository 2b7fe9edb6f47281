import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostProviders
import WaypostServer

/// `/webhooks/{provider}`: what providers tell by themselves. Prove, read, keep; then answer.
extension API {
    func receiveCallback(_ call: Call) -> Answer {
        let plan = services.steering.current
        guard let name = call.parameters["provider"].flatMap({ ProviderName($0) }),
            let source = plan.providers[name] as? any CallbackSource
        else { return .problem(Problem(.notFound, "No provider of that name calls back."), call) }
        guard source.callbackMethods.contains(call.request.method) else {
            return .problem(.methodNotAllowed(call.request.method, allow: source.callbackMethods), call)
        }
        var topic: Callback.Topic?
        if let text = call.parameters["topic"] {
            topic = Callback.Topic(rawValue: text)
            guard topic != nil else { return .problem(Problem(.notFound, "There is no such callback."), call) }
        }
        let visit = Visit(
            source: source,
            callback: Callback(
                topic: topic, request: call.request, publicURL: plan.publicURL,
                tolerance: plan.callbacks.tolerance(of: name)),
            began: services.time.now)
        return judge(visit, call, mayFetch: true)
    }

    private struct Visit: Sendable {
        var source: any CallbackSource
        var callback: Callback
        var began: Instant
        var provider: String { source.name.text }
    }

    private func judge(_ visit: Visit, _ call: Call, mayFetch: Bool) -> Answer {
        let errands = services.callbackErrands
        switch visit.source.verdict(on: visit.callback, certificates: errands.certificates, at: call.now) {
        case .genuine: return take(visit, call)
        case .refused(let why): return refuse(visit.provider, why, since: visit.began, call)
        case .certificate(let url):
            guard mayFetch else {
                return refuse(visit.provider, "its certificate cannot be had", since: visit.began, call)
            }
            return .later { [self] reply in
                errands.fetchCertificate(at: url, for: visit.source) { [self] isThere in
                    // Not refused for good: whoever it is may come again when the certificate can be had.
                    let answer =
                        isThere
                        ? judge(visit, call, mayFetch: false)
                        : .problem(
                            Problem(.storeUnavailable, "This cannot be checked now.", retryAfter: .seconds(20)), call)
                    answer.send(to: reply)
                }
            }
        }
    }

    /// Without saying why: whoever forges is told nothing.
    func refuse(_ provider: String, _ why: String, since began: Instant, _ call: Call) -> Answer {
        services.deliveryMetrics.callbacks.count(1, .refused, from: provider)
        services.deliveryMetrics.callbacks.took(services.time.now - began, "refused", from: provider)
        services.log.warning(
            "callback refused",
            metadata: ["provider": "\(provider)", "why": "\(why)", "request_id": "\(call.requestID)"])
        return .problem(Problem(.forbidden, "This callback is refused."), call)
    }

    private func take(_ visit: Visit, _ call: Call) -> Answer {
        let news = visit.source.news(in: visit.callback, at: call.now)
        if let notice = news.notice {
            services.log.notice("callback", metadata: ["provider": "\(visit.provider)", "notice": "\(notice)"])
        }
        if let url = news.confirmation { return confirm(url, visit, news, call) }
        guard !news.receipts.isEmpty else {
            services.deliveryMetrics.callbacks.count(1, .accepted, from: visit.provider)
            services.deliveryMetrics.callbacks.took(services.time.now - visit.began, "ignored", from: visit.provider)
            return .now(news.answer)
        }
        return .later { [self] reply in
            services.receipts.take(news.receipts, from: visit.source.name) { [self] result in
                switch result {
                case .success(let taken):
                    services.deliveryMetrics.callbacks.count(taken.accepted, .accepted, from: visit.provider)
                    services.deliveryMetrics.callbacks.count(taken.duplicate, .duplicate, from: visit.provider)
                    services.deliveryMetrics.callbacks.count(taken.unknown, .unknown, from: visit.provider)
                    services.deliveryMetrics.callbacks.took(
                        services.time.now - visit.began, for: news.receipts, from: visit.provider)
                    reply.send(news.answer)
                case .failure:
                    reply.send(
                        Problem(.storeUnavailable, "Nothing can be kept just now.", retryAfter: .seconds(1)), call)
                }
            }
        }
    }

    private func confirm(_ url: String, _ visit: Visit, _ news: CallbackNews, _ call: Call) -> Answer {
        .later { [self] reply in
            services.callbackErrands.confirm(url, for: visit.source) { [self] isTaken in
                services.deliveryMetrics.callbacks.count(1, .accepted, from: visit.provider)
                services.deliveryMetrics.callbacks.took(
                    services.time.now - visit.began, "subscription", from: visit.provider)
                if isTaken {
                    reply.send(news.answer)
                } else {
                    reply.send(
                        Problem(.storeUnavailable, "It could not be confirmed now.", retryAfter: .seconds(20)), call)
                }
            }
        }
    }
}
