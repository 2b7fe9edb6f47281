import Testing
import WaypostCore
import WaypostPolicy

@Suite struct ConsentSettingsTests {
    @Test(arguments: [
        (ConsentSettings(), MessageType.marketing, Channel.sms, false),
        (ConsentSettings(types: [.marketing]), .marketing, .sms, true),
        (ConsentSettings(types: [.marketing]), .transactional, .sms, false),
        (ConsentSettings(channels: [.sms]), .transactional, .sms, true),
        (ConsentSettings(channels: [.sms]), .transactional, .email, false),
        (ConsentSettings(types: [.marketing], channels: [.sms]), .marketing, .sms, true),
        (ConsentSettings(types: [.marketing], channels: [.sms]), .marketing, .email, false),
        (ConsentSettings(types: [.marketing], channels: [.sms]), .notification, .sms, false),
    ])
    func `type and channel must both be named, and what is not named at all is all`(
        settings: ConsentSettings, type: MessageType, channel: Channel, isRequired: Bool
    ) {
        #expect(settings.isRequired(for: type, on: channel) == isRequired)
    }
}
