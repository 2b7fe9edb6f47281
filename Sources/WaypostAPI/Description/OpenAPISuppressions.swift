extension OpenAPIDocument {
    static let suppressionPaths = ""

    static let suppressionSchemas = ""
}
