import ArgumentParser
import Testing
import WaypostCommandLine

@Suite struct OneLineErrorsTests {
    enum Fruit: String, CaseIterable, ExpressibleByArgument { case apple, pear }

    struct Shop: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "shop", subcommands: [Buy.self])
    }

    struct Buy: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "buy")
        @Argument var fruit: Fruit
        @Option var count: Int
        func validate() throws {
            if count < 1 { throw ValidationError("--count takes 1 or more") }
        }
    }

    private func complaint(_ arguments: String...) throws -> String? {
        do {
            _ = try Shop.parseAsRoot(arguments)
            return nil
        } catch {
            return OneLineError.text(Shop.fullMessage(for: error), of: "shop")
        }
    }

    @Test func `a mistake is told in one line that says where to read on`() throws {
        #expect(
            try complaint("buy", "apple") == "shop: Missing expected argument '--count <count>'. See 'shop buy --help'."
        )
        let value = try #require(try complaint("buy", "plum", "--count", "1"))
        #expect(value.hasPrefix("shop: The value 'plum' is invalid for '<fruit>'. "))
        #expect(value.contains("apple") && value.hasSuffix(" See 'shop buy --help'.") && !value.contains("\n"))
        #expect(
            try complaint("buy", "apple", "--count", "0") == "shop: --count takes 1 or more. See 'shop buy --help'.")
        #expect(try complaint("buy", "apple", "--count", "1", "--fast")?.contains("\n") == false)
        #expect(try complaint("sell")?.hasPrefix("shop: Unexpected argument 'sell'.") == true)
    }

    @Test func `lists become part of the line, and other texts are left alone`() {
        let full = """
            Error: The value 'fax' is invalid for '<channel>'. Please provide one of the following:
              - email
              - sms
            Help:  <channel>  The channel.
            Usage: waypost send <channel>
              See 'waypost send --help' for more information.
            """
        #expect(
            OneLineError.text(full, of: "waypost")
                == "waypost: The value 'fax' is invalid for '<channel>'. Please provide one of the following: email, sms. "
                + "See 'waypost send --help'.")
        #expect(OneLineError.text("OVERVIEW: Help.\n\nUSAGE: waypost", of: "waypost") == nil)
    }
}
