import WaypostJSON

/// How a receipt is kept that waits for its message: compact JSON, its first member the version of the form.
extension Receipt {
    package func encoded() -> [UInt8] {
        var json = JSONWriter(capacity: 512)
        json.object { json in
            json.member("v", storedFormVersion)
            json.member("id", id)
            json.member("alias", ifPresent: alias)
            json.member("message", ifPresent: message?.description)
            json.member("attempt", ifPresent: attempt?.description)
            json.member("reference", ifPresent: reference)
            json.member("channel", channel.rawValue)
            json.member("address", ifPresent: address)
            json.member("news", news.word)
            if let failure = news.failure {
                json.object("failure") { json in
                    json.member("kind", failure.kind.rawValue)
                    json.member("scope", failure.scope.rawValue)
                    json.member("detail", failure.detail)
                    json.member("code", ifPresent: failure.providerCode)
                    json.member("suppression", ifPresent: failure.suppression?.rawValue)
                    json.member("breaker", ifPresent: failure.breakerOverride?.word)
                }
            }
            json.member("suppression", ifPresent: suppression?.rawValue)
            json.member("spares", ifPresent: sparesTransactional ? true : nil)
            json.member("at", at.milliseconds)
            json.member("code", ifPresent: code)
            json.member("detail", ifPresent: detail)
            json.pairs("facts", facts)
        }
        return json.bytes
    }

    /// Reads what `encoded` wrote. What came in from a person is never kept in this form, and so cannot be read.
    package init(decoding bytes: [UInt8]) throws(StoredFormError) {
        var word = ""
        var failure: Failure?
        self.init(id: "", channel: .email, news: .taken, at: Timestamp(milliseconds: 0))
        for member in try JSONValue.storedMembers(bytes) {
            let value = member.value
            switch member.name {
            case "id": id = try value.storedText("id")
            case "alias": alias = try value.storedText("alias")
            case "message": message = MessageID(try value.storedText("message"))
            case "attempt": attempt = AttemptID(try value.storedText("attempt"))
            case "reference": reference = try value.storedText("reference")
            case "channel": channel = try value.storedWord("channel", as: Channel.self)
            case "address": address = try value.storedText("address")
            case "news": word = try value.storedText("news")
            case "failure": failure = try Failure(storedIn: value)
            case "suppression": suppression = try value.storedWord("suppression", as: Suppression.Reason.self)
            case "spares": sparesTransactional = try value.storedFlag("spares")
            case "at": at = try value.storedTime("at")
            case "code": code = try value.storedText("code")
            case "detail": detail = try value.storedText("detail")
            case "facts": facts = try value.storedPairs("facts")
            default: break
            }
        }
        guard let news = News(word, failure: failure) else { throw StoredFormError("news is not known") }
        self.news = news
    }
}

extension Receipt.News {
    /// The failure that it tells of, if it does.
    package var failure: Failure? {
        switch self {
        case .failed(let failure), .bounced(let failure): failure
        default: nil
        }
    }

    fileprivate var word: String {
        switch self {
        case .taken: "taken"
        case .deferred: "deferred"
        case .delivered: "delivered"
        case .read: "read"
        case .opened: "opened"
        case .clicked: "clicked"
        case .failed: "failed"
        case .bounced: "bounced"
        case .complained: "complained"
        case .unsubscribed: "unsubscribed"
        case .resubscribed: "resubscribed"
        case .inbound: "inbound"
        }
    }

    fileprivate init?(_ word: String, failure: Failure?) {
        switch word {
        case "taken": self = .taken
        case "deferred": self = .deferred
        case "delivered": self = .delivered
        case "read": self = .read
        case "opened": self = .opened
        case "clicked": self = .clicked
        case "complained": self = .complained
        case "unsubscribed": self = .unsubscribed
        case "resubscribed": self = .resubscribed
        case "failed":
            guard let failure else { return nil }
            self = .failed(failure)
        case "bounced":
            guard let failure else { return nil }
            self = .bounced(failure)
        default: return nil
        }
    }
}

extension Failure {
    fileprivate init(storedIn value: JSONValue) throws(StoredFormError) {
        self.init(.ambiguous, "")
        for member in try value.storedObject("failure") {
            let value = member.value
            switch member.name {
            case "kind": kind = try value.storedWord("kind", as: Kind.self)
            case "scope": scope = try value.storedWord("scope", as: Scope.self)
            case "detail": detail = try value.storedText("detail")
            case "code": providerCode = try value.storedText("code")
            case "suppression": suppression = try value.storedWord("suppression", as: Suppression.Reason.self)
            case "breaker": breakerOverride = BreakerEffect(word: try value.storedText("breaker"))
            default: break
            }
        }
    }
}

extension BreakerEffect {
    fileprivate var word: String {
        switch self {
        case .success: "success"
        case .failure: "failure"
        case .open: "open"
        case .none: "none"
        }
    }

    fileprivate init?(word: String) {
        guard let effect = [BreakerEffect.success, .failure, .open, .none].first(where: { $0.word == word }) else {
            return nil
        }
        self = effect
    }
}
