import Logging
import WaypostAPI
import WaypostCore
import WaypostDelivery
import WaypostPolicy
import WaypostStore

/// The store as a start finds it: opened, checked, with its writer running and what the last run left taken up.
struct OpenStore {
    let file: StoreFile
    let commits: CommitQueue
    let addresses: AddressKey
    /// Of this run.
    let epoch: Int64
    /// What operators have set and nobody has lifted.
    let overrides: [Override]

    init(
        _ settings: Configuration.Store, metrics: DeliveryMetrics, time: any TimeSource, log: Logger,
        committed: @escaping @Sendable () -> Void
    ) throws(WaypostApp.StartFailure) {
        var file = StoreFile.Settings(path: settings.path)
        file.synchronous = settings.synchronous == .full ? .full : .normal
        do {
            self.file = try StoreFile(file)
            addresses = try self.file.addressKey()
            epoch = try self.file.beginRun(at: time.wallNow)
            commits = try CommitQueue(
                self.file, epoch: epoch, addresses: addresses, time: time,
                observer: CommitObserver(
                    committed: { batch, duration, _ in
                        metrics.committed(batch, duration)
                        committed()
                    },
                    failed: { operation, detail in
                        metrics.storeFailed(operation)
                        log.error(
                            "store failed", metadata: ["operation": "\(operation)", "detail": "\(detail)"])
                    }))
            overrides = try commits.perform("overrides") { session in
                try session.audit(
                    AuditEntry(
                        .routerStarted, by: AuditEntry.router, target: Build.version,
                        data: "{\"commit\":\"\(Build.commit)\"}"))
                return try session.overrides()
            }
        } catch let error as StoreError {
            throw .store(error.detail)
        } catch {
            throw .store("\(settings.path): \(error)")
        }
    }

    /// Attempts that had begun and have no outcome go through the ambiguity policy; everything else goes on as if nothing
    /// had happened (contract: behaviour, "Crash").
    func recover(
        _ plan: DeliveryPlan, metrics: DeliveryMetrics, log: Logger
    ) throws(WaypostApp.StartFailure) {
        let rules = plan.receiptRules
        let recovered: Recovered
        do throws(StoreError) {
            recovered = try commits.perform("recover") { session in
                try session.recover(under: rules) { body, name in
                    guard let message = try? Message(decoding: body) else { return false }
                    return plan.providers[name].map { $0.evidence(for: message) != .none } ?? false
                }
            }
        } catch {
            throw .store("what the last run left cannot be taken up: \(error.detail)")
        }
        for (entry, count) in recovered.receipts.entered {
            metrics.entered(entry.state, entry.channel, entry.type, count: count)
        }
        for doubt in recovered.inDoubt {
            metrics.recovered(doubt)
            log.warning(
                "attempt of the last run in doubt",
                metadata: [
                    "message_id": "\(doubt.message)", "provider": "\(doubt.provider)",
                    "policy": "\(doubt.policy.rawValue)", "done": "\(doubt.resolution.rawValue)",
                ])
        }
        if recovered.reconciling > 0 {
            log.notice(
                "attempts in doubt are still being reconciled", metadata: ["count": "\(recovered.reconciling)"])
        }
        if recovered.released > 0 {
            log.notice("deliveries of the last run taken up", metadata: ["count": "\(recovered.released)"])
        }
    }
}
