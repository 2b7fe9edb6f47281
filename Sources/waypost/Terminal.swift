import Foundation

/// What people at a terminal are told.
enum Terminal {
    /// To standard error, as it is.
    static func complain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    /// Whether somebody watches standard output, rather than a file or a pipe.
    static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }
}
