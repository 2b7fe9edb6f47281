import WaypostCore
import WaypostJSON

extension SESEvent {
    /// In our words, a receipt a recipient.
    func receipts(at now: Timestamp, redaction: Redaction) -> [Receipt] {
        let reading = Reading(event: self, now: now, redaction: redaction)
        return switch type {
        case "Bounce": reading.bounces
        case "Complaint": reading.complaints
        case "Delivery": reading.deliveries
        case "DeliveryDelay": reading.delays
        case "Send": reading.everybody(.taken)
        case "Reject": reading.refusals("SES rejected it", body["reason"]?.string)
        case "Rendering Failure": reading.refusals("SES could not fill the template", body["errorMessage"]?.string)
        case "Open": reading.readers(.opened)
        case "Click": reading.readers(.clicked)
        case "Subscription": reading.preferences
        default: []
        }
    }

    private struct Reading {
        let event: SESEvent
        let now: Timestamp
        let redaction: Redaction

        private var body: JSONValue { event.body }

        /// One for each address of the mail; without any, one for all.
        func everybody(_ news: Receipt.News) -> [Receipt] {
            let addresses: [String?] = event.destination.isEmpty ? [nil] : event.destination
            return addresses.map { event.receipt(news, about: $0, at: now) }
        }

        func refusals(_ what: String, _ said: String?) -> [Receipt] {
            let failure = Failure(.refusedMessage, redaction.sentence(what, said))
            return everybody(.failed(failure)).map { receipt in
                var receipt = receipt
                receipt.detail = said.map(redaction.quote)
                return receipt
            }
        }

        /// It is not said which of several read it.
        func readers(_ news: Receipt.News) -> [Receipt] {
            let addresses = event.destination
            var receipt = event.receipt(news, about: addresses.count == 1 ? addresses[0] : nil, at: now)
            receipt.facts = facts([("useragent", body["userAgent"]), ("url", body["link"])])
            return [receipt]
        }

        var deliveries: [Receipt] {
            (body["recipients"]?.array ?? []).compactMap { $0.string.flatMap(SESEvent.address) }.map { address in
                var receipt = event.receipt(.delivered, about: address, at: now)
                receipt.detail = body["smtpResponse"]?.string.map(redaction.quote)
                receipt.facts = facts([("response", body["smtpResponse"]), ("reporting_mta", body["reportingMTA"])])
                return receipt
            }
        }

        var delays: [Receipt] {
            recipients("delayedRecipients").map { recipient, address in
                var receipt = told(event.receipt(.deferred, about: address, at: now), by: recipient)
                receipt.facts += facts([("delay_type", body["delayType"])])
                return receipt
            }
        }

        var complaints: [Receipt] {
            // "Not spam" takes an earlier complaint back, which nobody here could undo for the person.
            if body["complaintFeedbackType"]?.string == "not-spam" { return [] }
            return recipients("complainedRecipients").map { _, address in
                var receipt = event.receipt(.complained, about: address, at: now)
                receipt.suppression = .complaint
                receipt.detail = (body["complaintFeedbackType"] ?? body["complaintSubType"])?.string.map(
                    redaction.quote)
                receipt.facts = facts([
                    ("complaint_type", body["complaintFeedbackType"]), ("complaint_subtype", body["complaintSubType"]),
                    ("useragent", body["userAgent"]),
                ])
                return receipt
            }
        }

        var bounces: [Receipt] {
            recipients("bouncedRecipients").map { recipient, address in
                let said = recipient["diagnosticCode"]?.string
                let (kind, suppression) = bounceKind
                var failure = Failure(
                    kind, redaction.sentence("SES could not deliver it (\(bounceName))", said),
                    scope: kind == .refusedRecipient ? .endpoint : .provider, code: recipient["status"]?.string,
                    breaker: BreakerEffect.none)
                failure.suppression = suppression
                var receipt = told(event.receipt(.bounced(failure), about: address, at: now), by: recipient)
                receipt.suppression = suppression
                receipt.facts += facts([
                    ("bounce_type", body["bounceType"]), ("bounce_subtype", body["bounceSubType"]),
                    ("reporting_mta", body["reportingMTA"]),
                ])
                return receipt
            }
        }

        private var bounceName: String {
            let names = [body["bounceType"], body["bounceSubType"]].compactMap { $0?.string }
            return redaction.quote(names.joined(separator: "/"))
        }

        /// SES has given up in every case: `Transient` only means that the address is not to blame.
        private var bounceKind: (Failure.Kind, Suppression.Reason?) {
            switch (body["bounceType"]?.string, body["bounceSubType"]?.string) {
            case ("Permanent", _): (.refusedRecipient, .hardBounce)
            case ("Transient", "MessageTooLarge"), ("Transient", "ContentRejected"),
                ("Transient", "AttachmentRejected"):
                (.refusedMessage, nil)
            default: (.unavailable, nil)
            }
        }

        // MARK: Lists that SES keeps

        /// What changed in them; what did not is told each time and says nothing.
        var preferences: [Receipt] {
            guard let list = body["contactList"]?.string, let address = event.destination.first,
                let new = body["newTopicPreferences"]
            else { return [] }
            let old = body["oldTopicPreferences"]
            if new["unsubscribeAll"]?.bool == true {
                return [preference(isOut: true, name: "list:\(list)", of: address, isWhole: true)]
            }
            var receipts: [Receipt] = []
            if old == nil || old?["unsubscribeAll"]?.bool == true {
                receipts.append(preference(isOut: false, name: "list:\(list)", of: address, isWhole: true))
            }
            let before = Self.topics(old)
            for (topic, status) in Self.topics(new) where !before.contains(where: { $0 == (topic, status) }) {
                receipts.append(
                    preference(isOut: status == "OptOut", name: "list:\(list)/\(topic)", of: address, isWhole: false))
            }
            return receipts
        }

        private func preference(isOut: Bool, name: String, of address: String, isWhole: Bool) -> Receipt {
            var receipt = event.receipt(isOut ? .unsubscribed : .resubscribed, about: address, part: name, at: now)
            receipt.suppression = isOut ? .unsubscribe : nil
            receipt.sparesTransactional = !isWhole
            receipt.detail = name
            return receipt
        }

        private static func topics(_ preferences: JSONValue?) -> [(String, String)] {
            (preferences?["topicSubscriptionStatus"]?.array ?? []).compactMap { topic in
                guard let name = topic["topicName"]?.string, let status = topic["subscriptionStatus"]?.string else {
                    return nil
                }
                return (name, status)
            }
        }

        // MARK: Parts

        /// Those of a list that have an address.
        private func recipients(_ name: String) -> [(JSONValue, String)] {
            (body[name]?.array ?? []).compactMap { recipient in
                recipient["emailAddress"]?.string.flatMap(SESEvent.address).map { (recipient, $0) }
            }
        }

        /// With the mail server's words about that recipient.
        private func told(_ receipt: Receipt, by recipient: JSONValue) -> Receipt {
            var receipt = receipt
            receipt.code = recipient["status"]?.string
            receipt.detail = recipient["diagnosticCode"]?.string.map(redaction.quote)
            receipt.facts = facts([("diagnostic", recipient["diagnosticCode"])])
            return receipt
        }

        /// Those that are there; a mail server's words without addresses, a link as it is.
        private func facts(_ values: [(String, JSONValue?)]) -> [Message.KeyValue] {
            values.compactMap { name, value in
                guard let text = value?.string else { return nil }
                return .init(key: name, value: name == "url" ? String(text.prefix(2000)) : redaction.quote(text))
            }
        }
    }
}
