/// What happens at one command or at the dot, once a fault has had its say.
struct SMTPPlan: Equatable, Sendable {
    /// nil: no reply.
    var reply: SMTPReply?
    /// In place of a reply.
    var bytes: [UInt8] = []
    /// Whether the mail is taken.
    var isTaken: Bool
    /// Before the reply.
    var pause: Duration = .zero
    var ending = Ending.keep

    init(reply: SMTPReply?, isTaken: Bool) {
        self.reply = reply
        self.isTaken = isTaken
    }

    mutating func apply(_ fault: Fault) {
        pause = fault.delay
        switch fault.effect {
        case .delay, .refuse, .redirect, .closeMidBody: break
        case .resetStream, .refuseStream, .goAway, .limitStreams, .shutdown: break  // for HTTP/2 alone
        case .status(let answer):
            reply = SMTPReply(answer.status, answer.body ?? SMTPReply.text(of: answer.status))
            isTaken = false
            if answer.status == 421 { ending = .close }
        case .hang(let moment): silence(.hang, moment)
        case .reset(let moment): silence(.reset, moment)
        case .close(let moment): silence(.close, moment)
        case .garbage(let garbage):
            reply = nil
            ending = garbage == .text ? .keep : .close
            switch garbage {
            case .truncated: bytes = Array("250 2.0".utf8)
            case .text: bytes = Array("hello\r\n".utf8)
            case .bytes: bytes = [0x16, 0x03, 0x01, 0x00, 0xFF, 0x0D, 0x0A]
            }
        case .closeIdle:
            pause = .zero
            ending = .closeIdle(after: fault.delay)
        }
    }

    private mutating func silence(_ ending: Ending, _ moment: Fault.Moment) {
        reply = nil
        self.ending = ending
        isTaken = isTaken && moment == .after
    }
}
