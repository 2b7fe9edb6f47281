import CBuild
import WaypostCore
import WaypostHTTP
import WaypostMetrics
import WaypostPolicy

/// What Prometheus and orchestrators ask.
extension API {
    func metrics(_ call: Call) -> Answer {
        let format = MetricsFormat.negotiate(accept: call.request.headers["Accept"])
        return .later { [self] reply in
            let isTaken = services.readers.run { [self] in
                let body = services.registry.page(format)
                reply.send(
                    HTTPResponse(status: 200, headers: HTTPHeaders(["Content-Type": format.contentType]), body: body))
            }
            if !isTaken {
                reply.send(Problem(.internalError, "Too much waits already.", retryAfter: .seconds(1)), call)
            }
        }
    }

    func probe(_ call: Call) -> Answer {
        let checks = services.health.checks(of: call.endpoint)
        let failing = checks.filter { $0.failure != nil }
        let isVerbose = call.request.query.split(separator: "&").contains {
            $0 == "verbose" || $0.hasPrefix("verbose=")
        }
        var lines = (isVerbose ? checks : failing).map { "\($0.name): \($0.failure ?? "ok")" }
        if failing.isEmpty { lines.append("ok") }
        return .now(.text(lines.joined(separator: "\n") + "\n", status: failing.isEmpty ? 200 : 503))
    }

    /// `application/health+json` (draft-inadarei-api-health-check): providers as last checked, never asked now.
    func healthReport(_ call: Call) -> Answer {
        let report = HealthReport(
            services.health, steering: services.steering, open: services.commits.ledger.open,
            at: (services.time.now, call.now))
        var response = HTTPResponse.json(report.bytes, status: report.status == .fail ? 503 : 200)
        response.headers["Content-Type"] = "application/health+json"
        response.headers.add("Cache-Control", "max-age=3")
        return .now(response)
    }
}

/// What this build is.
package enum Build {
    package static let version = "0.1.0"
    /// The commit it was built from; `unknown` where the build was not told by `WAYPOST_COMMIT`.
    package static let commit = String(cString: waypost_commit())
}

extension CircuitBreaker.State {
    var isRefusing: Bool {
        switch self {
        case .open, .forcedOpen: true
        default: false
        }
    }

    /// By an operator, not by how calls went.
    var isHeld: Bool {
        switch self {
        case .forcedOpen, .forcedClosed: true
        default: false
        }
    }
}
