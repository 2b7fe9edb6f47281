/// Stops the program where OpenSSL cannot do what it always can: memory is gone, or its library is broken.
///
/// No input reaches this: hashing and keying accept every byte string. Going on without a digest or without randomness
/// would be worse than ending.
func require(_ succeeded: Bool, _ operation: StaticString) {
    guard succeeded else { fatalError("OpenSSL: \(operation) failed") }
}

/// `require` for a call that answers with an object.
func require<Object>(_ object: Object?, _ operation: StaticString) -> Object {
    guard let object else { fatalError("OpenSSL: \(operation) failed") }
    return object
}
