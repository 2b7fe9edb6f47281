import Testing
import WaypostConfiguration

@Suite struct SecretTests {
    private struct Account { var key = Secret("hunter2") }

    @Test func `a secret prints as stars, however it is printed`() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(Account(), to: &dumped)
        var reflected = ""
        dump([secret], to: &reflected)
        let texts = [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\(Account())", "\([secret])",
            "\(Optional(secret) as Any)", dumped, reflected,
        ]
        for text in texts { #expect(!text.contains("hunter2"), "\(text)") }
        #expect("\(secret)" == "***")
        #expect(secret.value == "hunter2")
    }
}
