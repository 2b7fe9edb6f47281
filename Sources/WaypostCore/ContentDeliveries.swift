extension Content {
    /// One delivery for each address or device, email's in the order to, cc, bcc: the ordinals that the store knows them by.
    package var deliveries: [Delivery] {
        switch self {
        case .email(let email):
            let lines: [(Delivery.Role, [Mailbox])] = [(.to, email.to), (.cc, email.cc), (.bcc, email.bcc)]
            let addresses = lines.flatMap { role, mailboxes in mailboxes.map { (role, $0.email) } }
            return addresses.enumerated().map { Delivery(ordinal: $0, role: $1.0, address: $1.1) }
        case .sms, .whatsapp, .voice:
            return [Delivery(ordinal: 0, role: .to, address: phone?.text ?? "")]
        case .push(let push):
            return push.targets.enumerated().map { Delivery(ordinal: $0, role: .to, address: $1.address) }
        }
    }

    /// In which exchange a delivery travels: an email's addresses share one, each device has one of its own.
    package func envelope(of ordinal: Int) -> Int {
        if case .push = self { ordinal } else { 0 }
    }

    /// Which delivery an exchange for these is about, where there are others that travel apart from it; else nil.
    package func ordinal(of deliveries: [Delivery]) -> Int? {
        guard case .push(let push) = self, push.targets.count > 1 else { return nil }
        return deliveries.first?.ordinal
    }

    /// About how many bytes it takes in memory.
    package var size: Int {
        switch self {
        case .email(let email):
            email.subject.utf8.count + (email.text?.utf8.count ?? 0) + (email.html?.utf8.count ?? 0)
                + email.attachments.reduce(0) { $0 + $1.base64.utf8.count + 256 }
                + (email.to.count + email.cc.count + email.bcc.count) * 64 + email.headers.count * 64
        case .sms(let sms): sms.text.utf8.count + sms.mediaURLs.reduce(128) { $0 + $1.utf8.count }
        case .whatsapp(let message): message.text.utf8.count + message.mediaURLs.reduce(256) { $0 + $1.utf8.count }
        case .voice: 4_096
        case .push(let push): 4_096 + push.targets.count * 256
        }
    }
}
