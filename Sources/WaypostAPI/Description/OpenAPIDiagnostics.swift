extension OpenAPIDocument {
    static let diagnosticPaths = #"""
            "/v1/diagnostics": {
              "post": {
                "operationId": "diagnose",
                "tags": ["operating"],
                "summary": "Look at everything now: services, network, mail domains, performance, security; takes up to 20 s",
                "requestBody": {"required": false, "content": {"application/json": {"schema": {"type": "object", "additionalProperties": false}}}},
                "responses": {
                  "200": {"description": "What was found; it is kept among the last 20.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DiagnosticReport"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "411": {"$ref": "#/components/responses/LengthRequired"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/UnsupportedMediaType"},
                  "422": {"$ref": "#/components/responses/Invalid"},
                  "429": {"$ref": "#/components/responses/Limited"}
                }
              },
              "get": {
                "operationId": "listDiagnostics",
                "tags": ["operating"],
                "summary": "The last 20 reports, the newest first",
                "responses": {
                  "200": {"description": "They.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DiagnosticList"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "429": {"$ref": "#/components/responses/Limited"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            }
        """#

    static let diagnosticSchemas = #"""
              "DiagnosticReport": {
                "type": "object",
                "required": ["id", "at", "by", "duration_ms", "version", "status", "summary", "recommendations", "services", "network", "mail", "performance", "security", "compared"],
                "properties": {
                  "id": {"type": "string", "pattern": "^dia_[0-9A-HJKMNP-TV-Z]{26}$"},
                  "at": {"$ref": "#/components/schemas/Time"},
                  "by": {"type": "string"},
                  "duration_ms": {"type": "integer", "minimum": 0},
                  "version": {"type": "string"},
                  "status": {"enum": ["healthy", "degraded", "critical"], "description": "degraded: something of high priority is recommended; critical: of the highest."},
                  "summary": {"type": "object", "description": "Recommendations by priority.", "additionalProperties": {"type": "integer", "minimum": 0}},
                  "recommendations": {
                    "type": "array",
                    "description": "The most pressing first.",
                    "items": {
                      "type": "object",
                      "required": ["priority", "area", "key", "issue", "action", "automated"],
                      "properties": {
                        "priority": {"enum": ["critical", "high", "medium", "low"]},
                        "area": {"enum": ["services", "network", "mail", "performance", "security", "policy"]},
                        "key": {"type": "string", "description": "The same for the same finding in every report."},
                        "issue": {"type": "string"},
                        "action": {"type": "string"},
                        "automated": {"type": "boolean", "description": "The router does it by itself."}
                      },
                      "additionalProperties": false
                    }
                  },
                  "services": {"type": "object", "description": "The store, the threads, the providers by their free calls, routes and overrides."},
                  "network": {"type": "array", "items": {"type": "object"}, "description": "Each host that a provider is reached at: name, connection, TLS, first answer, clock."},
                  "mail": {"type": "array", "items": {"type": "object"}, "description": "SPF, DKIM and DMARC of each sender's domain."},
                  "performance": {"type": "object", "description": "Since the start: times by channel, errors by provider, queues, the store, the process."},
                  "security": {"type": "object", "description": "What the configuration leaves open."},
                  "compared": {
                    "type": "object",
                    "required": ["previous_id", "new_issues", "resolved_issues", "changes"],
                    "properties": {
                      "previous_id": {"type": ["string", "null"]},
                      "new_issues": {"type": "array", "items": {"type": "string"}, "description": "Keys of recommendations."},
                      "resolved_issues": {"type": "array", "items": {"type": "string"}},
                      "changes": {"type": "array", "items": {"type": "string"}}
                    },
                    "additionalProperties": false
                  }
                },
                "additionalProperties": false
              },
              "DiagnosticList": {
                "type": "object",
                "required": ["data", "next"],
                "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/DiagnosticReport"}}, "next": {"type": "null"}},
                "additionalProperties": false
              }
        """#
}
