import Logging
import Synchronization
import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostMetrics
import WaypostServer
import WaypostStore

/// What the API works with.
package struct APIServices: Sendable {
    package var authenticator: Authenticator
    package var intake: Intake
    package var once: OnceOnly
    package var commits: CommitQueue
    package var steering: Steering
    package var dispatcher: Dispatcher
    package var reader: MessageReader
    package var people: PeopleReader
    package var policies: PolicyReader
    package var suppressions: SuppressionReader
    package var consents: ConsentReader
    package var errands: TokenErrands
    package var receipts: ReceiptDesk
    package var callbackErrands: CallbackErrands
    package var rates: RateBoard
    package var waiters: Waiters
    package var deadlines: Deadlines
    package var readers: BlockingPool
    /// For imports: one at a time, with what a few bodies of many megabytes take.
    package var imports: BlockingPool
    package var operations: Operations
    package var teller: EventTeller
    package var health: Health
    package var registry: MetricsRegistry
    package var deliveryMetrics: DeliveryMetrics
    package var time: any TimeSource
    package var log: Logger
    /// Callers that may hold their answers at once (`Prefer: wait`).
    package var maxWaiting: Int
    package var diagnostics: DiagnosticDesk

    package init(
        authenticator: Authenticator, intake: Intake, once: OnceOnly, commits: CommitQueue, steering: Steering,
        dispatcher: Dispatcher, reader: MessageReader, people: PeopleReader, policies: PolicyReader,
        suppressions: SuppressionReader, consents: ConsentReader, errands: TokenErrands, receipts: ReceiptDesk,
        callbackErrands: CallbackErrands, rates: RateBoard, waiters: Waiters, deadlines: Deadlines,
        readers: BlockingPool, imports: BlockingPool, operations: Operations, teller: EventTeller, health: Health,
        registry: MetricsRegistry,
        deliveryMetrics: DeliveryMetrics, time: any TimeSource, log: Logger, maxWaiting: Int,
        diagnostics: DiagnosticDesk
    ) {
        self.authenticator = authenticator
        self.intake = intake
        self.once = once
        self.commits = commits
        self.steering = steering
        self.dispatcher = dispatcher
        self.reader = reader
        self.people = people
        self.policies = policies
        self.suppressions = suppressions
        self.consents = consents
        self.errands = errands
        self.receipts = receipts
        self.callbackErrands = callbackErrands
        self.rates = rates
        self.waiters = waiters
        self.deadlines = deadlines
        self.readers = readers
        self.imports = imports
        self.operations = operations
        self.teller = teller
        self.health = health
        self.registry = registry
        self.deliveryMetrics = deliveryMetrics
        self.time = time
        self.log = log
        self.maxWaiting = maxWaiting
        self.diagnostics = diagnostics
    }
}

/// The HTTP API: finds the endpoint, finds out who calls, asks, answers. JSON in, JSON out; it decides nothing.
package final class API: Sendable {
    /// Which of two listeners a request came in by.
    package enum Door: Sendable {
        /// The only one.
        case both
        /// The public one, where operators have their own.
        case clients
        case operators
    }

    let services: APIServices
    private let requests: CounterFamily
    private let seconds: HistogramFamily
    let waitingCallers = Atomic<Int>(0)

    package init(_ services: APIServices) {
        self.services = services
        requests = services.registry.counter(
            "waypost_http_requests_total", "Requests answered.", labels: ["endpoint", "method", "code"])
        seconds = services.registry.histogram(
            "waypost_http_request_duration_seconds", "Time from a whole request to its answer.", labels: ["endpoint"],
            buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30])
        for endpoint in Endpoint.allCases { _ = seconds.with(endpoint.rawValue) }
    }

    /// Answers one request. Called on the server's threads; whatever waits for disk or network answers later.
    package func answer(_ request: HTTPRequest, by door: Door) -> HTTPAnswer {
        let started = services.time.now
        let now = services.time.wallNow
        let requestID = RequestName.of(request.headers, at: now)
        switch Endpoint.router.match(method: request.method, path: request.path) {
        case .found(let endpoint, _, let parameters) where isServed(endpoint, by: door):
            return answer(request, endpoint, parameters, requestID, started: started, now: now)
        case .methodNotAllowed(let allow):
            let problem = Problem.methodNotAllowed(request.method, allow: allow)
            return .now(finish(problem.response(requestID: requestID), requestID, nil, "none", request, started))
        case .found, .notFound:
            let problem = Problem(.notFound, "There is nothing at this path; /openapi.json lists what there is.")
            return .now(finish(problem.response(requestID: requestID), requestID, nil, "none", request, started))
        }
    }

    private func isServed(_ endpoint: Endpoint, by door: Door) -> Bool {
        switch door {
        case .both, .operators: true
        case .clients: !endpoint.isOperational
        }
    }

    private func answer(
        _ request: HTTPRequest, _ endpoint: Endpoint, _ parameters: [String: String], _ requestID: String,
        started: Instant,
        now: Timestamp
    ) -> HTTPAnswer {
        let call: Call
        var quota: Authenticator.Quota?
        switch admit(request, endpoint, at: started) {
        case .success(let (caller, charged)):
            call = Call(
                request: request, endpoint: endpoint, parameters: parameters, caller: caller, requestID: requestID,
                now: now)
            quota = charged
        case .failure(let refused):
            let response = refused.problem.response(requestID: requestID)
            return .now(finish(response, requestID, refused.quota, endpoint.rawValue, request, started))
        }
        switch answering(call, { () throws(Problem) in perform(try call.keyed()) }) {
        case .now(let response): return .now(finish(response, requestID, quota, endpoint.rawValue, request, started))
        case .later(let work):
            return .later { [self, quota] pending in
                work(
                    Reply(pending) { [self] in finish($0, requestID, quota, endpoint.rawValue, request, started) })
            }
        }
    }

    private struct NotAdmitted: Error {
        var problem: Problem
        var quota: Authenticator.Quota?
    }

    private func admit(
        _ request: HTTPRequest, _ endpoint: Endpoint, at now: Instant
    ) -> Result<(Caller, Authenticator.Quota?), NotAdmitted> {
        guard let scope = endpoint.scope else {
            return .success((.anybody, nil))
        }
        let caller: Caller
        switch services.authenticator.caller(of: request) {
        case .success(let known): caller = known
        case .failure(let problem): return .failure(NotAdmitted(problem: problem))
        }
        let quota = services.authenticator.charge(caller, at: now)
        if let retryAfter = quota?.retryAfter {
            services.deliveryMetrics.rejected("client")
            let problem = Problem(
                .clientLimited, "This client has used up its requests for now.", retryAfter: retryAfter)
            return .failure(NotAdmitted(problem: problem, quota: quota))
        }
        guard caller.holds(scope) || endpoint.alternativeScope.map(caller.holds) == true else {
            let problem = Problem(.forbidden, "This key does not hold the scope \(scope.rawValue).")
            return .failure(NotAdmitted(problem: problem, quota: quota))
        }
        return .success((caller, quota))
    }

    /// What every answer carries, and what is counted of it.
    private func finish(
        _ response: HTTPResponse, _ requestID: String, _ quota: Authenticator.Quota?, _ endpoint: String,
        _ request: HTTPRequest, _ started: Instant
    ) -> HTTPResponse {
        var response = response
        response.headers.add("X-Request-Id", requestID)
        if let quota {
            response.headers.add("RateLimit-Policy", quota.policy)
            response.headers.add("RateLimit", quota.state)
        }
        let method = ["GET", "HEAD", "POST", "PUT", "DELETE"].contains(request.method) ? request.method : "other"
        requests.with(endpoint, method, String(response.status)).increment()
        seconds.with(endpoint).observe((services.time.now - started).seconds)
        return response
    }

    private func perform(_ call: Call) -> Answer {
        switch call.endpoint {
        case .sendMessage: send(call)
        case .sendBatch: sendBatch(call)
        case .listMessages: listMessages(call)
        case .readMessage: readMessage(call)
        case .explainMessage: explainMessage(call)
        case .cancelMessage: cancelMessage(call)
        case .resendMessage: resendMessage(call)
        case .listEvents: listEvents(call)
        case .listDeadLetters: listDeadLetters(call)
        case .replayDeadLetters: replayDeadLetters(call)
        case .purgeDeadLetters: purgeDeadLetters(call)
        case .resolveDeadLetters: resolveDeadLetters(call)
        case .listProviders: listProviders(call)
        case .disableProvider: disableProvider(call)
        case .enableProvider: enableProvider(call)
        case .probeProvider: probeProvider(call)
        case .holdBreaker: holdBreaker(call)
        case .listRoutes: listRoutes(call)
        case .explainRoute: explainRoute(call)
        case .listOverrides: listOverrides(call)
        case .liftOverride: liftOverride(call)
        case .readConfiguration: readConfiguration(call)
        case .reload: reload(call)
        case .putUser: putUser(call)
        case .readUser: readUser(call)
        case .deleteUser: deleteUser(call)
        case .listDevices: listDevices(call)
        case .putDevice: putDevice(call)
        case .readDevice: readDevice(call)
        case .deleteDevice: deleteDevice(call)
        case .subscribeTopic: subscribeTopic(call, ending: false)
        case .unsubscribeTopic: subscribeTopic(call, ending: true)
        case .validateDevices: validateDevices(call)
        case .receiveCallback, .receiveCallbackByGet, .receiveTopic, .receiveTopicByGet: receiveCallback(call)
        case .receiveIncoming: receiveIncoming(call)
        case .listSuppressions: listSuppressions(call)
        case .putSuppression: putSuppression(call)
        case .readSuppression: readSuppression(call)
        case .deleteSuppression: deleteSuppression(call)
        case .importSuppressions: importSuppressions(call)
        case .putConsent: putConsent(call)
        case .readConsent: readConsent(call)
        case .deleteConsent: deleteConsent(call)
        case .checkCompliance: checkCompliance(call)
        case .listDeliveryRates: listDeliveryRates(call)
        case .listEndpoints: listEndpoints(call)
        case .enableEndpoint: enableEndpoint(call)
        case .disableEndpoint: disableEndpoint(call)
        case .stopSending: emergency(call, .stopSending)
        case .resumeSending: emergency(call, .resume)
        case .switchToBackup: emergency(call, .switchToBackup)
        case .clearQueue: emergency(call, .clearQueue)
        case .resetRateLimits: emergency(call, .resetRateLimits)
        case .openBreakers: emergency(call, .openBreakers)
        case .listAudit: listAudit(call)
        case .listLimits: listLimits(call)
        case .diagnose: diagnose(call)
        case .listDiagnostics: listDiagnostics(call)
        case .sendAlerts: sendAlerts(call)
        case .openAPI: .now(.json(OpenAPIDocument.bytes))
        case .metrics: metrics(call)
        case .livez, .readyz, .startupz: probe(call)
        case .healthz: healthReport(call)
        }
    }

    /// Asks the store on a thread that may block.
    func reading(_ call: Call, _ body: @escaping @Sendable (MessageReader) throws -> HTTPResponse) -> Answer {
        .later { [self] reply in
            onReader(call, reply) { [self] in reply.send(try body(services.reader)) }
        }
    }

    /// The same where the answer may take longer than the look into the store; `body` sees to it, unless it throws.
    func onReader(_ call: Call, _ reply: Reply, _ body: @escaping @Sendable () throws -> Void) {
        let isTaken = services.readers.run { [self] in
            do { try body() } catch {
                services.log.error(
                    "reading failed", metadata: ["request_id": "\(call.requestID)", "error": "\(error)"])
                reply.send(Problem(.storeUnavailable, "The store cannot be read now.", retryAfter: .seconds(1)), call)
            }
        }
        if !isTaken {
            reply.send(Problem(.storeUnavailable, "Too many readers wait already.", retryAfter: .seconds(1)), call)
        }
    }

    /// A problem as soon as `body` throws one.
    func answering(_ call: Call, _ body: () throws(Problem) -> Answer) -> Answer {
        do throws(Problem) { return try body() } catch { return .problem(error, call) }
    }
}

extension Result where Failure == Problem {
    /// `get` with its type of error kept.
    func unwrap() throws(Problem) -> Success {
        switch self {
        case .success(let value): value
        case .failure(let problem): throw problem
        }
    }
}
