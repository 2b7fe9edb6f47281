extension OpenAPIDocument {
    static let endpointPaths = ""

    static let endpointSchemas = ""
}
