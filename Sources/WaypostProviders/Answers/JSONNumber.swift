import WaypostJSON

extension JSONValue {
    /// A number of either kind.
    var double: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
}
