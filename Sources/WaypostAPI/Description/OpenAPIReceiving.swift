extension OpenAPIDocument {
    static let receivingPaths = ""

    static let receivingSchemas = ""
}
