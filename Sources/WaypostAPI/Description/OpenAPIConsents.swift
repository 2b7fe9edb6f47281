extension OpenAPIDocument {
    static let consentPaths = #"""
            "/v1/consents/{channel}/{address}": {
              "parameters": [{"$ref": "#/components/parameters/ListedChannel"}, {"$ref": "#/components/parameters/ListedAddress"}],
              "put": {
                "operationId": "putConsent",
                "tags": ["people"],
                "summary": "Record what a person said about being written to",
                "description": "An entry is added to the ledger; none is changed. The last one about a purpose holds. One without a purpose is about everything; one whose purpose is a message type's name is about messages of that type. A denial of either blocks them whatever their type needs (consent_required).",
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ConsentDetails"}}}},
                "responses": {
                  "200": {"description": "It is recorded after others about its purpose.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Consent"}}}},
                  "201": {"description": "It is the first about its purpose.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Consent"}}}},
        \#(listRefusals("LengthRequired", "TooLarge", "UnsupportedMediaType", "Invalid", "Unavailable"))
                }
              },
              "get": {
                "operationId": "readConsent",
                "tags": ["people"],
                "summary": "What holds for an address, and how it came about",
                "parameters": [{"$ref": "#/components/parameters/Limit"}, {"$ref": "#/components/parameters/After"}],
                "responses": {
                  "200": {"description": "The last word about each purpose, and a page of the history, newest first.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ConsentRecord"}}}},
        \#(listRefusals("NotFound", "Invalid", "Unavailable"))
                }
              },
              "delete": {
                "operationId": "deleteConsent",
                "tags": ["people"],
                "summary": "Let what was said count no more",
                "description": "An entry withdrawn is added for the purpose, or for each; the history stays.",
                "parameters": [{"name": "purpose", "in": "query", "schema": {"type": "string", "maxLength": 100}}],
                "responses": {
                  "204": {"description": "It counts no more."},
        \#(listRefusals("NotFound", "Invalid", "Unavailable"))
                }
              }
            }
        """#

    static let consentSchemas = #"""
              "ConsentDetails": {
                "type": "object",
                "required": ["state"],
                "properties": {
                  "state": {"enum": ["granted", "denied"]},
                  "purpose": {"type": "string", "maxLength": 100, "default": "", "description": "Empty: everything.", "examples": ["marketing"]},
                  "source": {"type": "string", "minLength": 1, "maxLength": 200, "default": "api", "examples": ["signup form"]},
                  "proof": {"type": "string", "minLength": 1, "maxLength": 2000, "description": "What shows it."},
                  "at": {"type": "string", "format": "date-time", "description": "When it was said; not ahead. Now where it is left out."}
                },
                "additionalProperties": false
              },
              "Consent": {
                "type": "object",
                "required": ["channel", "address", "state", "purpose", "source", "proof", "at", "recorded_at", "by"],
                "properties": {
                  "channel": {"$ref": "#/components/schemas/Channel"},
                  "address": {"type": "string", "description": "In its normal form."},
                  "state": {"enum": ["granted", "denied", "withdrawn"]},
                  "purpose": {"type": "string"},
                  "source": {"type": "string"},
                  "proof": {"type": ["string", "null"]},
                  "at": {"$ref": "#/components/schemas/Time"},
                  "recorded_at": {"$ref": "#/components/schemas/Time"},
                  "by": {"type": "string", "description": "The client, or the provider."}
                },
                "additionalProperties": false
              },
              "ConsentEntry": {
                "type": "object",
                "required": ["state", "purpose", "source", "proof", "at", "recorded_at", "by"],
                "properties": {
                  "state": {"enum": ["granted", "denied", "withdrawn"]},
                  "purpose": {"type": "string"},
                  "source": {"type": "string"},
                  "proof": {"type": ["string", "null"]},
                  "at": {"$ref": "#/components/schemas/Time"},
                  "recorded_at": {"$ref": "#/components/schemas/Time"},
                  "by": {"type": "string"}
                },
                "additionalProperties": false
              },
              "ConsentRecord": {
                "type": "object",
                "required": ["channel", "address", "consents", "history", "next"],
                "properties": {
                  "channel": {"$ref": "#/components/schemas/Channel"},
                  "address": {"type": "string"},
                  "consents": {"type": "array", "items": {"$ref": "#/components/schemas/ConsentEntry"}, "description": "The last word about each purpose."},
                  "history": {"type": "array", "items": {"$ref": "#/components/schemas/ConsentEntry"}},
                  "next": {"$ref": "#/components/schemas/Cursor"}
                },
                "additionalProperties": false
              }
        """#
}
