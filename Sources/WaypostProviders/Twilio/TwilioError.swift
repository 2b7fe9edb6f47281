import WaypostCore
import WaypostHTTP
import WaypostJSON

/// What Twilio says went wrong: `{"code": 21211, "message": "…", "status": 400}`, or the `error_code` of a message that it
/// took and failed at once. The code decides, for texts and statuses have changed over time.
struct TwilioError {
    let code: Int?
    let message: String?

    init(code: Int?, message: String?) {
        self.code = code
        self.message = message
    }

    init(in body: JSONValue?) {
        self.init(code: Self.number(body?["code"]), message: body?["message"]?.string)
    }

    /// Twilio writes some numbers as strings.
    static func number(_ value: JSONValue?) -> Int? {
        value?.integer.flatMap { Int(exactly: $0) } ?? value?.string.flatMap { Int($0) }
    }

    /// Codes that come with a message and say nothing about its end (`error_taxonomy`: ignore).
    static let remarks: Set<Int> = [30009, 30025, 30026, 30038]

    /// "Twilio answered 400 with code 21211".
    func summary(status: Int) -> String {
        "Twilio answered \(status)\(code.map { " with code \($0)" } ?? "")"
    }

    /// What a code is for the account, the recipient or the message (`error_taxonomy`, twilio); nil for one that is not
    /// known, or tells nothing about a send.
    static func failure(_ code: Int, _ detail: String, until resumeAt: Timestamp? = nil) -> Failure? {
        let words = String(code)
        switch code {
        case 10001, 20003, 20005, 20006, 20008, 20403, 30002:
            return Failure(.misconfigured, detail, scope: .account, code: words)
        case 63001, 63051:  // WhatsApp's account alone
            return Failure(.misconfigured, detail, code: words)
        case 20429, 21611, 30001, 30022, 63017, 63018:
            return Failure(.throttled, detail, code: words, until: resumeAt)
        case 21730, 30020, 30021, 63009, 63010, 63012, 63037:
            return Failure(.unavailable, detail, code: words)
        case 30003, 30008, 30017, 63036:  // the handset or its network, not Twilio
            return Failure(.unavailable, detail, scope: .endpoint, code: words, breaker: BreakerEffect.none)
        case 30410:
            return Failure(.ambiguous, detail, code: words)
        case 21610, 63014, 63033:
            return .recipientRefused(detail, code: words, .optOut)
        case 21211, 21214, 21217, 21401, 21614, 30004...30006, 63003, 63024:
            return .recipientRefused(detail, code: words, .invalidAddress)
        case 21210, 21212, 21215, 21216, 21219, 21408, 21601, 21606...21608, 21612, 21621, 21622, 21657, 21701...21705,
            21708, 21709, 21711, 30010, 30018, 30023, 30024, 30027, 30032...30035, 30037, 30040, 30041, 30043, 30454,
            63002, 63007, 63008, 63015, 63020, 63022, 63023, 63032, 63035, 63038:
            return Failure(.unsuitable, detail, code: words)
        case 20404, 20409, 20410, 20413, 21602...21604, 21609, 21617...21620, 21623, 21624, 21626, 21654...21656, 21658,
            21910, 30007, 30011...30016, 30019, 30036, 30409, 30450, 30485, 35111, 35117, 35118, 35125, 35126, 63005,
            63006, 63011, 63013, 63016, 63019, 63021, 63025...63031, 63034, 63040...63042, 63049, 63112:
            return Failure(.refusedMessage, detail, code: words)
        default: return nil
        }
    }
}
