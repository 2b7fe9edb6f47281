import WaypostJSON

/// What Alertmanager tells a webhook, as far as a message is made of it: version 4 of its format (its documentation,
/// "webhook_config"). Members that we have no use for are let be, since newer releases add some.
package struct AlertNotification: Equatable, Sendable {
    package enum Status: String, CaseIterable, Sendable { case firing, resolved }

    /// One alert of the group.
    package struct Alert: Equatable, Sendable {
        package var status: Status
        /// The label `alertname`.
        package var name: String
        /// The annotation `summary`, else `description`; empty without either.
        package var summary: String
        package var fingerprint: String
        package var startsAt: String
    }

    /// Names the group at one Alertmanager, and at all that share its configuration.
    package var groupKey: String
    /// `resolved` once all of them are.
    package var status: Status
    /// The name that all share; nil where they differ.
    package var commonName: String?
    package var alerts: [Alert]
    /// How many more there are that Alertmanager left out (`max_alerts`).
    package var truncated: Int

    /// - Returns: a problem that names every member that is not of the format.
    package static func decode(_ body: JSONValue) -> Result<AlertNotification, Problem> {
        var findings: [Problem.Finding] = []
        if body["version"] != "4" {
            findings.append(.init("/version", #"must be "4": this takes what Alertmanager sends to a webhook"#))
        }
        func text(_ value: JSONValue?, _ pointer: String) -> String {
            if let text = value?.string { return text }
            findings.append(.init(pointer, "must be a string"))
            return ""
        }
        func status(_ value: JSONValue?, _ pointer: String) -> Status {
            if let status = value?.string.flatMap(Status.init) { return status }
            findings.append(.init(pointer, "must be firing or resolved"))
            return .firing
        }
        let listed = body["alerts"]?.array ?? []
        if listed.isEmpty { findings.append(.init("/alerts", "must be a list of at least one alert")) }
        let alerts = listed.enumerated().map { index, alert in
            let place = "/alerts/\(index)"
            let notes = alert["annotations"]
            return Alert(
                status: status(alert["status"], place + "/status"),
                name: text(alert["labels"]?["alertname"], place + "/labels/alertname"),
                summary: notes?["summary"]?.string ?? notes?["description"]?.string ?? "",
                fingerprint: alert["fingerprint"]?.string ?? "",
                startsAt: text(alert["startsAt"], place + "/startsAt"))
        }
        let notification = AlertNotification(
            groupKey: text(body["groupKey"], "/groupKey"), status: status(body["status"], "/status"),
            commonName: body["commonLabels"]?["alertname"]?.string, alerts: alerts,
            truncated: Int(max(0, body["truncatedAlerts"]?.integer ?? 0)))
        // A hundred broken alerts are one mistake of whoever sends them.
        if let problem = Problem(Array(findings.prefix(20))) { return .failure(problem) }
        return .success(notification)
    }

    /// What tells it from every other notification: the same again is a repetition, whatever its times of sending are.
    package var identity: String {
        let parts = alerts.map { "\($0.name) \($0.fingerprint) \($0.status.rawValue) \($0.startsAt)" }
        return ([groupKey, status.rawValue] + parts.sorted()).joined(separator: "\n")
    }
}
