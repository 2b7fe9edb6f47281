extension OpenAPIDocument {
    static let compliancePaths = ""

    static let complianceSchemas = ""
}
