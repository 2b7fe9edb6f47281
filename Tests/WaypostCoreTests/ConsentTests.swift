import Testing
import WaypostCore

@Suite struct ConsentTests {
    @Test(arguments: [
        ("STOP", OptKeyword.stop), ("stop", .stop), (" Stop \n", .stop), ("STOPALL", .stop), ("Unsubscribe", .stop),
        ("cancel", .stop), ("END", .stop), ("quit", .stop), ("revoke", .stop), ("OptOut", .stop), ("START", .start),
        ("yes", .start), ("\tunstop", .start), ("HELP", .help), ("info", .help), ("stop it", nil), ("stop.", nil),
        ("please stop", nil), ("", nil), ("   ", nil), ("st op", nil), ("Stopp", nil),
    ])
    func `a whole text that is one of the words is taken as that`(text: String, keyword: OptKeyword?) {
        #expect(OptKeyword(text: text) == keyword)
    }
}
