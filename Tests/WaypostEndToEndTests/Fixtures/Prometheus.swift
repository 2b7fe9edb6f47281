import Foundation
import WaypostJSON

/// A real Prometheus as a child process, with the configuration and the rules of `deploy/prometheus`, hurried to a second.
/// Confined to one thread.
final class Prometheus {
    static let program = "/usr/bin/prometheus"
    static let tool = "/usr/bin/promtool"
    static let isInstalled = FileManager.default.isExecutableFile(atPath: program)

    /// One line of a graph.
    struct Series {
        var labels: [String: String]
        var points: [(at: Double, value: Double)]
        /// The points at which there is something to draw.
        var drawn: [(at: Double, value: Double)] { points.filter { $0.value.isFinite } }
    }

    struct Refused: Error, CustomStringConvertible { var description: String }

    private let child: Child
    private let wire: Wire

    /// Scrapes what listens at `target`, every second, and over TLS what listens at `secured`.
    init(in folder: Folder, scraping target: Int, overTLS secured: Int, alertmanager: Int = 9) throws {
        for name in ["recording.rules.yml", "alerts.rules.yml"] {
            let rules = try Repository.text("deploy/prometheus/\(name)")
            try folder.write(rules.replacing("interval: 30s", with: "interval: 1s"), to: name)
        }
        try folder.write(
            Repository.text("deploy/prometheus/prometheus.yml").replacing(": 15s", with: ": 1s")
                .replacing("127.0.0.1:8080", with: "127.0.0.1:\(target)")
                .replacing("127.0.0.1:9093", with: "127.0.0.1:\(alertmanager)")
                .replacing("\nalerting:", with: Self.job(overTLS: secured) + "\nalerting:"),
            to: "prometheus.yml")
        let port = try FreePort.find()
        child = try Child(
            Self.program,
            [
                "--config.file=\(folder.file("prometheus.yml"))", "--storage.tsdb.path=\(folder.file("prometheus"))",
                "--web.listen-address=127.0.0.1:\(port)", "--enable-feature=exemplar-storage", "--log.level=warn",
            ], in: folder, name: "prometheus")
        wire = Wire(port: port)
        let end = ContinuousClock.now + .seconds(20)
        while (try? wire.get("/-/ready").status) != 200 {
            guard child.isRunning, ContinuousClock.now < end else {
                throw Refused(description: "prometheus does not serve: \(child.complained)")
            }
            usleep(20_000)
        }
    }

    /// A job for a router that shows a certificate which vouches for itself.
    private static func job(overTLS port: Int) -> String {
        """

          - job_name: waypost-tls
            scheme: https
            tls_config: {insecure_skip_verify: true}
            static_configs:
              - targets: ["127.0.0.1:\(port)"]

        """
    }

    func stop() {
        wire.hangUp()
        child.signal(SIGTERM)
        child.end()
    }

    /// The lines of a graph over that time, a point a second.
    func range(_ expression: String, from start: Double, to end: Double) throws -> [Series] {
        let data = try ask("query_range", ["query": expression, "start": "\(start)", "end": "\(end)", "step": "1"])
        return (data["result"]?.array ?? []).map { line in
            Series(
                labels: Self.labels(line["metric"]),
                points: (line["values"]?.array ?? []).compactMap { pair in
                    guard let at = Self.number(pair[0]), let value = pair[1]?.string.flatMap(Double.init) else {
                        return nil
                    }
                    return (at, value)
                })
        }
    }

    func values(of label: String, on selector: String) throws -> [String] {
        (try ask("label/\(label)/values", ["match[]": selector]).array ?? []).compactMap(\.string)
    }

    /// Every rule: its name, its query, and what is wrong with it.
    func rules() throws -> [(name: String, query: String, error: String?)] {
        (try ask("rules", [:])["groups"]?.array ?? []).flatMap { $0["rules"]?.array ?? [] }.map { rule in
            let isGood = rule["health"] == "ok"
            return (
                rule["name"]?.string ?? "", rule["query"]?.string ?? "",
                isGood ? nil : "\(rule["health"]?.string ?? "?") \(rule["lastError"]?.string ?? "")"
            )
        }
    }

    /// The traces that it keeps beside the samples of that selector.
    func exemplars(of selector: String, from start: Double, to end: Double) throws -> Set<String> {
        let data = try ask("query_exemplars", ["query": selector, "start": "\(start)", "end": "\(end)"])
        return Set(
            (data.array ?? []).flatMap { $0["exemplars"]?.array ?? [] }.compactMap { $0["labels"]?["trace_id"]?.string }
        )
    }

    private func ask(_ question: String, _ parameters: [String: String]) throws -> JSONValue {
        let query = parameters.map { "\(Self.escaped($0.key))=\(Self.escaped($0.value))" }.joined(separator: "&")
        let reply = try wire.get("/api/v1/\(question)?\(query)")
        guard reply.status == 200, reply["status"] == "success", let data = reply["data"] else {
            throw Refused(description: "\(question) \(parameters): \(reply)")
        }
        return data
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    private static func labels(_ value: JSONValue?) -> [String: String] {
        Dictionary(
            (value?.members ?? []).map { ($0.name, $0.value.string ?? "") }, uniquingKeysWith: { first, _ in first })
    }

    private static func number(_ value: JSONValue?) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
}

/// A port where nobody listens, for a program that has to be told one.
enum FreePort {
    static func find() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) == 0 && getsockname(descriptor, address, &size) == 0
            }
        }
        guard isBound else { throw Wire.Broken(description: "no free port") }
        return Int(in_port_t(bigEndian: address.sin_port))
    }
}
