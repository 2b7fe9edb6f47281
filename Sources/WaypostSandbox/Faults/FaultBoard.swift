import Dispatch
import Synchronization

/// The faults in force, shared by all stand-ins; it also shuts and opens the ports as `refuse` comes and goes.
final class FaultBoard: Sendable {
    private let rules = Mutex(FaultRules())
    private let ports = Mutex<[StandIn: [Listener]]>([:])
    /// One step at a time, so that a port's state follows the latest rules.
    private let queue = DispatchQueue(label: "waypost.sandbox.ports")

    /// Gives the board the ports that `refuse` shuts.
    func attach(_ listeners: [Listener], to provider: StandIn) {
        ports.withLock { $0[provider, default: []].append(contentsOf: listeners) }
    }

    /// Sets a fault; it is in force when this returns. Returns its number, from 1.
    func set(_ fault: Fault) throws(FaultProblem) -> Int {
        if let problem = fault.problem { throw FaultProblem([problem]) }
        let id = rules.withLock { $0.add(fault, at: .now) }
        guard let id else { throw FaultProblem(["there are \(FaultRules.maximum) faults already; delete some first"]) }
        if fault.effect == .refuse {
            queue.sync { adjustPorts() }
            if let span = fault.span {
                let milliseconds = Int(clamping: span.wholeMilliseconds)
                queue.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { [weak self] in self?.adjustPorts() }
            }
        }
        return id
    }

    /// Lifts all faults, one provider's, or one; returns how many.
    func clear(provider: StandIn? = nil, id: Int? = nil) -> Int {
        let count = rules.withLock { $0.remove(provider: provider, id: id) }
        queue.sync { adjustPorts() }
        return count
    }

    func strike(_ occasion: Occasion) -> ActiveFault? {
        rules.withLock { rules in rules.rules.isEmpty ? nil : rules.strike(occasion, at: .now) }
    }

    /// Those still in force, in order.
    func current() -> [FaultRules.Rule] {
        rules.withLock { rules in
            rules.removeOver(at: .now)
            return rules.rules
        }
    }

    private func adjustPorts() {
        let now = ContinuousClock.now
        for (provider, listeners) in ports.withLock({ $0 }) {
            let isRefusing = rules.withLock { $0.refuses(provider, at: now) }
            for listener in listeners {
                if isRefusing {
                    listener.shut()
                } else {
                    reopen(listener)
                }
            }
        }
    }

    /// The number is reserved, so only a lack of descriptors or threads can be in the way; that passes.
    private func reopen(_ listener: Listener) {
        do throws(ListenFailure) {
            try listener.open()
        } catch {
            queue.asyncAfter(deadline: .now() + .milliseconds(100)) { [weak self] in self?.adjustPorts() }
        }
    }
}

/// Why a fault could not be set.
package struct FaultProblem: Error, Equatable, CustomStringConvertible, Sendable {
    package var complaints: [String]
    package init(_ complaints: [String]) { self.complaints = complaints }
    package var description: String { complaints.joined(separator: "; ") }
}
