/// What `GET /openapi.json` answers: the whole API in OpenAPI 3.1, in the program itself so that it is one file.
///
/// https://spec.openapis.org/oas/v3.1.0. The sections lie beside this file; a test puts them before a validator, and holds
/// answers against their schemas.
package enum OpenAPIDocument {
    package static let text = """
        {
          "openapi": "3.1.0",
          "info": {
            "title": "Waypost",
            "version": "1",
            "summary": "A durable message router.",
            "description": "Takes a message once, keeps it, and hands it to a provider that works. Durations are written 500ms, 10s, 5m, 24h, 7d; times RFC 3339 in UTC with milliseconds. Lengths are octets of UTF-8. Unknown fields and query parameters are errors.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
          },
          "servers": [{"url": "/"}],
          "security": [{"bearer": []}],
          "tags": [
            {"name": "sending", "description": "Scope send."},
            {"name": "reading", "description": "Scope read."},
            {"name": "people", "description": "Scope send to write, read to read."},
            {"name": "operating", "description": "Scope operate."},
            {"name": "callbacks", "description": "Signed by who calls; no token."},
            {"name": "probes", "description": "Without a token; on operations_listen alone where that is set."}
          ],
          "paths": {
        \(joined(sendingPaths, readingPaths, ratePaths, deadLetterPaths, peoplePaths, suppressionPaths, consentPaths))
        \(joined("", compliancePaths, alertPaths, receivingPaths, operatingPaths, emergencyPaths, diagnosticPaths))
        \(joined("", endpointPaths, probePaths))
          },
          "components": {
            "securitySchemes": {
              "bearer": {"type": "http", "scheme": "bearer", "description": "A token of auth.keys. Where no key is configured, loopback clients need none."}
            },
            "parameters": {
        \(parameters),
        \(peopleParameters),
        \(listParameters)
            },
            "headers": {
        \(headers)
            },
            "responses": {
        \(responses)
            },
            "schemas": {
        \(joined(sharedSchemas, sendingSchemas, contentSchemas, readingSchemas, rateSchemas, peopleSchemas))
        \(joined("", suppressionSchemas, consentSchemas, complianceSchemas, receivingSchemas, operatingSchemas))
        \(joined("", alertSchemas, emergencySchemas, endpointSchemas, diagnosticSchemas))
            }
          }
        }

        """

    /// Members of one object, commas between; an empty first one begins with a comma.
    private static func joined(_ sections: String...) -> String {
        sections.enumerated().filter { $0.offset == 0 || !$0.element.isEmpty }.map(\.element).joined(separator: ",\n")
    }

    /// The text as it is sent.
    package static let bytes = Array(text.utf8)
}
