import WaypostCore
import WaypostServer

/// Everything the API answers to: its name is the metrics' `endpoint` label.
package enum Endpoint: String, CaseIterable, Sendable {
    case sendMessage = "send_message"
    case sendBatch = "send_batch"
    case listMessages = "list_messages"
    case readMessage = "read_message"
    case explainMessage = "explain_message"
    case cancelMessage = "cancel_message"
    case resendMessage = "resend_message"
    case listEvents = "list_events"
    case listDeadLetters = "list_dead_letters"
    case replayDeadLetters = "replay_dead_letters"
    case purgeDeadLetters = "purge_dead_letters"
    case resolveDeadLetters = "resolve_dead_letters"
    case listProviders = "list_providers"
    case disableProvider = "disable_provider"
    case enableProvider = "enable_provider"
    case probeProvider = "probe_provider"
    case holdBreaker = "hold_breaker"
    case listRoutes = "list_routes"
    case explainRoute = "explain_route"
    case listOverrides = "list_overrides"
    case liftOverride = "lift_override"
    case readConfiguration = "read_configuration"
    case reload
    case putUser = "put_user"
    case readUser = "read_user"
    case deleteUser = "delete_user"
    case listDevices = "list_devices"
    case putDevice = "put_device"
    case readDevice = "read_device"
    case deleteDevice = "delete_device"
    case subscribeTopic = "subscribe_topic"
    case unsubscribeTopic = "unsubscribe_topic"
    case validateDevices = "validate_devices"
    case receiveCallback = "receive_callback"
    case receiveCallbackByGet = "receive_callback_by_get"
    case receiveTopic = "receive_topic"
    case receiveTopicByGet = "receive_topic_by_get"
    case receiveIncoming = "receive_incoming"
    case listSuppressions = "list_suppressions"
    case putSuppression = "put_suppression"
    case readSuppression = "read_suppression"
    case deleteSuppression = "delete_suppression"
    case importSuppressions = "import_suppressions"
    case putConsent = "put_consent"
    case readConsent = "read_consent"
    case deleteConsent = "delete_consent"
    case checkCompliance = "check_compliance"
    case listDeliveryRates = "list_delivery_rates"
    case listEndpoints = "list_endpoints"
    case enableEndpoint = "enable_endpoint"
    case disableEndpoint = "disable_endpoint"
    case stopSending = "stop_sending"
    case resumeSending = "resume_sending"
    case switchToBackup = "switch_to_backup"
    case clearQueue = "clear_queue"
    case resetRateLimits = "reset_rate_limits"
    case openBreakers = "open_breakers"
    case listAudit = "list_audit"
    case listLimits = "list_limits"
    case diagnose
    case listDiagnostics = "list_diagnostics"
    case sendAlerts = "send_alerts"
    case openAPI = "openapi"
    case metrics
    case livez
    case readyz
    case startupz
    case healthz

    /// Method and path, as OpenAPI writes it.
    var place: (method: String, pattern: String) {
        switch self {
        case .sendMessage: ("POST", "/v1/messages")
        case .sendBatch: ("POST", "/v1/messages/batch")
        case .listMessages: ("GET", "/v1/messages")
        case .readMessage: ("GET", "/v1/messages/{id}")
        case .explainMessage: ("GET", "/v1/messages/{id}/explain")
        case .cancelMessage: ("POST", "/v1/messages/{id}/cancel")
        case .resendMessage: ("POST", "/v1/messages/{id}/resend")
        case .listEvents: ("GET", "/v1/events")
        case .listDeadLetters: ("GET", "/v1/dead-letters")
        case .replayDeadLetters: ("POST", "/v1/dead-letters/replay")
        case .purgeDeadLetters: ("POST", "/v1/dead-letters/purge")
        case .resolveDeadLetters: ("POST", "/v1/dead-letters/resolve")
        case .listProviders: ("GET", "/v1/providers")
        case .disableProvider: ("POST", "/v1/providers/{name}/disable")
        case .enableProvider: ("POST", "/v1/providers/{name}/enable")
        case .probeProvider: ("POST", "/v1/providers/{name}/probe")
        case .holdBreaker: ("POST", "/v1/providers/{name}/breaker")
        case .listRoutes: ("GET", "/v1/routes")
        case .explainRoute: ("POST", "/v1/routes/explain")
        case .listOverrides: ("GET", "/v1/overrides")
        case .liftOverride: ("DELETE", "/v1/overrides/{id}")
        case .readConfiguration: ("GET", "/v1/configuration")
        case .reload: ("POST", "/v1/reload")
        case .putUser: ("PUT", "/v1/users/{user}")
        case .readUser: ("GET", "/v1/users/{user}")
        case .deleteUser: ("DELETE", "/v1/users/{user}")
        case .listDevices: ("GET", "/v1/users/{user}/devices")
        case .putDevice: ("PUT", "/v1/users/{user}/devices/{device}")
        case .readDevice: ("GET", "/v1/users/{user}/devices/{device}")
        case .deleteDevice: ("DELETE", "/v1/users/{user}/devices/{device}")
        case .subscribeTopic: ("POST", "/v1/topics/{topic}/subscribe")
        case .unsubscribeTopic: ("POST", "/v1/topics/{topic}/unsubscribe")
        case .validateDevices: ("POST", "/v1/devices/validate")
        case .receiveCallback: ("POST", "/webhooks/{provider}")
        case .receiveCallbackByGet: ("GET", "/webhooks/{provider}")
        case .receiveTopic: ("POST", "/webhooks/{provider}/{topic}")
        case .receiveTopicByGet: ("GET", "/webhooks/{provider}/{topic}")
        case .receiveIncoming: ("POST", "/webhooks/incoming/{name}")
        case .listSuppressions: ("GET", "/v1/suppressions")
        case .putSuppression: ("PUT", "/v1/suppressions/{channel}/{address}")
        case .readSuppression: ("GET", "/v1/suppressions/{channel}/{address}")
        case .deleteSuppression: ("DELETE", "/v1/suppressions/{channel}/{address}")
        case .importSuppressions: ("POST", "/v1/suppressions/import")
        case .putConsent: ("PUT", "/v1/consents/{channel}/{address}")
        case .readConsent: ("GET", "/v1/consents/{channel}/{address}")
        case .deleteConsent: ("DELETE", "/v1/consents/{channel}/{address}")
        case .checkCompliance: ("POST", "/v1/compliance/check")
        case .listDeliveryRates: ("GET", "/v1/delivery-rates")
        case .listEndpoints: ("GET", "/v1/endpoints")
        case .enableEndpoint: ("POST", "/v1/endpoints/{name}/enable")
        case .disableEndpoint: ("POST", "/v1/endpoints/{name}/disable")
        case .stopSending: ("POST", "/v1/emergency/stop-sending")
        case .resumeSending: ("POST", "/v1/emergency/resume")
        case .switchToBackup: ("POST", "/v1/emergency/switch-to-backup")
        case .clearQueue: ("POST", "/v1/emergency/clear-queue")
        case .resetRateLimits: ("POST", "/v1/emergency/reset-rate-limits")
        case .openBreakers: ("POST", "/v1/emergency/open-breakers")
        case .listAudit: ("GET", "/v1/audit")
        case .listLimits: ("GET", "/v1/limits")
        case .diagnose: ("POST", "/v1/diagnostics")
        case .listDiagnostics: ("GET", "/v1/diagnostics")
        case .sendAlerts: ("POST", "/v1/alerts")
        case .openAPI: ("GET", "/openapi.json")
        case .metrics: ("GET", "/metrics")
        case .livez: ("GET", "/livez")
        case .readyz: ("GET", "/readyz")
        case .startupz: ("GET", "/startupz")
        case .healthz: ("GET", "/healthz")
        }
    }

    /// What the caller must hold; nil: anybody may ask.
    var scope: Scope? {
        switch self {
        case .sendMessage, .sendBatch, .cancelMessage, .resendMessage, .putUser, .deleteUser, .putDevice, .deleteDevice,
            .subscribeTopic, .unsubscribeTopic, .validateDevices, .putSuppression, .deleteSuppression,
            .importSuppressions,
            .putConsent, .deleteConsent, .checkCompliance, .sendAlerts:
            .send
        case .listMessages, .readMessage, .explainMessage, .listEvents, .listDeadLetters, .listProviders, .listRoutes,
            .explainRoute, .readUser, .listDevices, .readDevice, .listSuppressions, .readSuppression, .readConsent,
            .listDeliveryRates, .listLimits:
            .read
        case .replayDeadLetters, .purgeDeadLetters, .resolveDeadLetters, .disableProvider, .enableProvider,
            .probeProvider,
            .holdBreaker, .listOverrides, .liftOverride, .readConfiguration, .reload, .listEndpoints, .enableEndpoint,
            .disableEndpoint, .stopSending, .resumeSending, .switchToBackup, .clearQueue, .resetRateLimits,
            .openBreakers, .listAudit, .diagnose, .listDiagnostics:
            .operate
        // Callbacks are signed.
        case .receiveCallback, .receiveCallbackByGet, .receiveTopic, .receiveTopicByGet, .receiveIncoming: nil
        case .openAPI, .metrics, .livez, .readyz, .startupz, .healthz: nil
        }
    }

    /// Who may ask beside those who hold `scope`: an operator sees what there is to operate, without being a reader.
    var alternativeScope: Scope? { scope == .read ? .operate : nil }

    /// Answered on the second listener alone where there is one.
    var isOperational: Bool {
        switch self {
        case .metrics, .livez, .readyz, .startupz, .healthz: true
        default: scope == .operate
        }
    }

    static let router: Router<Endpoint> = {
        var router = Router<Endpoint>()
        for endpoint in allCases { router.add(endpoint.place.method, endpoint.place.pattern, endpoint) }
        return router
    }()
}
