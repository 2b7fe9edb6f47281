import WaypostCore
import WaypostHTTP

/// Whom one attempt addresses: the open deliveries, each address once, with the names from the message.
///
/// An address that stands twice among the deliveries is addressed once, in the first of its lines (`to` before `cc` before
/// `bcc`): SendGrid refuses repetitions, and a submission server might deliver twice. Addresses are compared without case,
/// as every mailbox provider of note does.
struct Envelope {
    struct Recipient {
        /// Address in the form of the wire.
        let mailbox: Mailbox
        let role: Delivery.Role
        /// The deliveries that end as this recipient does.
        var ordinals: [Int]
    }

    private(set) var recipients: [Recipient] = []

    init(_ email: Email, for deliveries: [Delivery]) {
        recipients.reserveCapacity(deliveries.count)
        for delivery in deliveries {
            let address = EmailAddress.wire(delivery.address)
            if let known = recipients.firstIndex(where: { Self.isSame($0.mailbox.email, address) }) {
                recipients[known].ordinals.append(delivery.ordinal)
            } else {
                let mailbox = Mailbox(email: address, name: Self.name(of: delivery, in: email))
                recipients.append(Recipient(mailbox: mailbox, role: delivery.role, ordinals: [delivery.ordinal]))
            }
        }
    }

    func recipients(as role: Delivery.Role) -> [Recipient] { recipients.filter { $0.role == role } }

    private static func name(of delivery: Delivery, in email: Email) -> String? {
        let line =
            switch delivery.role {
            case .to: email.to
            case .cc: email.cc
            case .bcc: email.bcc
            }
        return line.first { isSame($0.email, delivery.address) }?.name
    }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        left.equalsIgnoringCase(right) || left.lowercased() == right.lowercased()
    }
}
