import Foundation

/// What people at a terminal are told.
enum Terminal {
    /// To standard error, as it is.
    static func complain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    /// To standard output, at once: whoever reads a pipe does not wait for more.
    static func say(_ text: String, terminator: String = "\n") {
        FileHandle.standardOutput.write(Data((text + terminator).utf8))
    }

    /// Whether somebody watches standard output, rather than a file or a pipe.
    static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }

    struct Size: Equatable {
        var columns = 80
        var rows = 24
    }

    /// Of standard output now; the usual one where it is not known.
    static var size: Size {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return Size()
        }
        return Size(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }
}
