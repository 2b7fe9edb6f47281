extension OpenAPIDocument {
    static let compliancePaths = #"""
            "/v1/compliance/check": {
              "post": {
                "operationId": "checkCompliance",
                "tags": ["sending"],
                "summary": "What speaks against a message",
                "description": "Consent, suppression, a way out, personal data, retention and quiet hours, each with one finding at least. Nothing is sent or kept; what would be refused at the door for another reason is refused here too.",
                "parameters": [{"$ref": "#/components/parameters/RequestID"}],
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SendMessage"}}}},
                "responses": {
                  "200": {"description": "The findings.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Compliance"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "411": {"$ref": "#/components/responses/LengthRequired"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/UnsupportedMediaType"},
                  "422": {"$ref": "#/components/responses/Invalid"},
                  "429": {"$ref": "#/components/responses/Limited"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            }
        """#

    static let complianceSchemas = #"""
              "Compliance": {
                "type": "object",
                "required": ["compliant", "findings"],
                "properties": {
                  "compliant": {"type": "boolean", "description": "No finding fails."},
                  "findings": {
                    "type": "array",
                    "minItems": 6,
                    "items": {
                      "type": "object",
                      "required": ["check", "status", "detail"],
                      "properties": {
                        "check": {"enum": ["consent", "suppression", "opt_out", "minimisation", "retention", "quiet_hours"]},
                        "status": {"enum": ["pass", "warn", "fail"]},
                        "detail": {"type": "string"},
                        "recommendation": {"type": "string"},
                        "pointer": {"type": "string", "description": "A JSON pointer to what it is about."}
                      },
                      "additionalProperties": false
                    }
                  }
                },
                "additionalProperties": false
              }
        """#
}
