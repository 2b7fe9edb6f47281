import WaypostCore

extension Failure.Kind {
    /// The class words of the error taxonomy in ours (contract: behaviour, second column); nil for what is no failure.
    init?(taxonomy word: String?) {
        switch word {
        case "permanent": self = .refusedMessage
        case "suppress_recipient", "opt_out": self = .refusedRecipient
        case "fail_over": self = .unsuitable
        case "throttle": self = .throttled
        case "auth_broken": self = .misconfigured
        case "retry_same": self = .unavailable
        case "ambiguous": self = .ambiguous
        default: return nil
        }
    }
}

extension BreakerEffect {
    init?(taxonomy word: String?) {
        switch word {
        case "open": self = .open
        case "count": self = .failure
        case "no": self = .none
        case "reset": self = .success
        default: return nil
        }
    }
}
