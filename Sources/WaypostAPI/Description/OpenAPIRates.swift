extension OpenAPIDocument {
    static let ratePaths = ""

    static let rateSchemas = ""
}
