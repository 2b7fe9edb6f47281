extension OpenAPIDocument {
    static let consentPaths = ""

    static let consentSchemas = ""
}
