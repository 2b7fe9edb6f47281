import WaypostCore
import WaypostProviders

extension ProviderContract {
    /// One attempt at a message that is hard to write down.
    package struct Sample: Sendable {
        package var context: AttemptContext
        /// What must arrive as it is.
        package var texts: [String]
        /// Personal data, in the forms a maker may repeat it in; shown to nobody.
        package var addresses: [String]

        package init(_ content: Content, texts: [String], addresses: [String]) {
            let now = Timestamp(milliseconds: 1_736_942_400_000)  // 2025-01-15T12:00:00Z
            let message = Message(
                id: MessageID(ULID(high: 0x0194_6A4A_E800_0001, low: 42)), client: .local, content: content,
                createdAt: now, expiresAt: now + .seconds(3600),
                traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
            context = AttemptContext(
                message: message, deliveries: [Delivery(ordinal: 0, role: .to, address: addresses.first ?? "")],
                attempt: AttemptID(ULID(high: 0x0194_6A4A_E800_0002, low: 43)), startedAt: now,
                publicURL: "https://waypost.example.com")
            self.texts = texts
            self.addresses = addresses
        }

        package static let email: Sample = {
            let address = "ann.o'neil+test@example.com"
            let subject = "Grüße, 你好 👩‍👩‍👧‍👦 – “quoted” = ü?"
            let name = "Łukasz \"Ü\" Żółć-Ñandú"
            let text = "Zeile eins\nدو 👋🏽 = ende"
            let html = "<p>Grüße &amp; 你好 <b>=?UTF-8?Q?no?=</b></p>"
            var email = Email(to: [Mailbox(email: address, name: name)], subject: subject)
            email.text = text
            email.html = html
            return Sample(.email(email), texts: [subject, name, text, html, address], addresses: [address])
        }()

        package static let sms = Sample(
            .sms(SMS(to: number, text: words)), texts: [words, String(number.digits)], addresses: numbers)

        package static let whatsapp: Sample = {
            var message = WhatsApp(to: number)
            message.text = words
            return Sample(.whatsapp(message), texts: [words, String(number.digits)], addresses: numbers)
        }()

        package static let voice = Sample(
            .voice(Voice(to: number, script: .say(text: words, language: "de-DE"))),
            texts: [words, String(number.digits)], addresses: numbers)

        private static let number = PhoneNumber(unchecked: "+31612345678")
        private static let numbers = [number.text, String(number.digits)]
        private static let words = "Grüße & <b>你好</b> 50% = \"x+y\"; l'été\nدو 👋🏽 €{~}\\ 'end'"
    }
}
