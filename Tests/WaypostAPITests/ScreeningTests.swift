import Testing
import WaypostCore
import WaypostJSON
import WaypostPolicy
import WaypostTemplates

@testable import WaypostAPI

@Suite struct ScreeningTests {
    private func pii(_ reaction: PII.Reaction) -> PII {
        var pii = PII()
        pii.onDetect = [.transactional: reaction]
        return pii
    }

    private let leaky = #""subject": "Hi", "text": "4111 1111 1111 1111, joe@example.com, jane@example.com""#

    private func draft(_ fields: String = "") throws -> Draft {
        try SendMessage.decode(try message(fields, content: leaky), at: noon).get()
    }

    @Test func `what is refused is named by field and kind, never by value`() throws {
        guard case .failure(let problem) = try draft().screened(by: pii(.reject)) else {
            Issue.record("it was taken")
            return
        }
        #expect(problem.code == .contentRejected && problem.code.status == 422)
        #expect(
            problem.errors.map { "\($0.pointer) \($0.detail)" } == [
                "/content/text holds a card number", "/content/text holds an email address",
            ])
        #expect(!problem.detail.contains("4111") && !problem.detail.contains("joe"))
    }

    @Test func `what is masked is gone from the content, the recipient's own address is not`() throws {
        let draft = try draft().screened(by: pii(.mask)).get()
        #expect(draft.content.email?.text == "[card], [email], jane@example.com")
    }

    @Test func `another type, and allow, change nothing`() throws {
        let draft = try draft()
        #expect(try draft.screened(by: pii(.allow)).get() == draft)
        let marketing = try self.draft(#""type": "marketing""#)
        #expect(try marketing.screened(by: pii(.reject)).get() == marketing)
        var nothing = pii(.reject)
        nothing.detect = []
        #expect(try draft.screened(by: nothing).get() == draft)
        nothing.detect = [.ssn]
        #expect(try draft.screened(by: nothing).get() == draft)
    }

    @Test func `in a batch the pointer leads to where the text stands`() throws {
        let whole = try JSONValue(parsing: Array(#"{"messages": []}"#.utf8))
        let one = try message(content: leaky)
        let batch = JSONValue.object((whole.members ?? []).map { .init($0.name, .array([one, one])) })
        let drafts = try SendBatch.decode(batch, at: noon).get()
        guard
            case .failure(let problem) = try drafts[1].get().screened(
                by: pii(.reject), at: .inBatch(1, ofMessages: true))
        else {
            Issue.record("it was taken")
            return
        }
        #expect(problem.errors.first?.pointer == "/messages/1/content/text")
        guard
            case .failure(let shared) = try drafts[1].get().screened(
                by: pii(.reject), at: .inBatch(1, ofMessages: false))
        else {
            Issue.record("it was taken")
            return
        }
        #expect(shared.errors.first?.pointer == "/content/text")
    }

    @Test func `of a template the variables are named, where they stand`() throws {
        var draft = try draft()
        draft.template = AppliedTemplate(
            name: "t", providerIDs: [], hasText: true,
            variables: ["a": "4111111111111111", "b": "joe@example.com"])
        draft.ownVariables = ["a"]
        let screen = draft.screen(for: PII.Kind.allCases)
        #expect(
            draft.findings(of: screen, at: .inBatch(7, ofMessages: false)).map(\.pointer) == [
                "/recipients/7/variables/a", "/template/variables/b",
            ])
        #expect(
            draft.findings(of: screen, at: .inBatch(7, ofMessages: true)).map(\.pointer) == [
                "/messages/7/template/variables/a", "/messages/7/template/variables/b",
            ])
        #expect(screen.content.email?.text == "4111 1111 1111 1111, [email], jane@example.com")
    }
}
