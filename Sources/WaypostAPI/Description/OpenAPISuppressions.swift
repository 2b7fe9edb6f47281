import WaypostCore

extension OpenAPIDocument {
    static let suppressionPaths = #"""
            "/v1/suppressions": {
              "get": {
                "operationId": "listSuppressions",
                "tags": ["people"],
                "summary": "Addresses that nobody writes to, newest first",
                "description": "Those whose time is over are not listed. A page may be short of limit and still have a next one, where a filter fits few.",
                "parameters": [
                  {"$ref": "#/components/parameters/Limit"},
                  {"$ref": "#/components/parameters/After"},
                  {"$ref": "#/components/parameters/FilterChannel"},
                  {"name": "reason", "in": "query", "schema": {"$ref": "#/components/schemas/SuppressionReason"}},
                  {"name": "source", "in": "query", "schema": {"type": "string", "minLength": 1, "maxLength": 128}},
                  {"name": "address", "in": "query", "schema": {"type": "string", "minLength": 1, "maxLength": 4096}, "description": "Needs channel. A + stands for itself."}
                ],
                "responses": {
                  "200": {"description": "A page.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SuppressionPage"}}}},
        \#(listRefusals("Invalid", "Unavailable"))
                }
              }
            },
            "/v1/suppressions/import": {
              "post": {
                "operationId": "importSuppressions",
                "tags": ["people"],
                "summary": "Take in a list of addresses that nobody is to write to",
                "description": "CSV (RFC 4180) whose first row names the columns, in any order, or JSON; up to 64 MiB. Rows that are no good are told of by number, from 1 and without the header, and do not spoil the others. Committed in steps: after a broken connection the same body may be sent again and does the rest. A body that cannot be read to its end is refused whole.",
                "parameters": [
                  {"$ref": "#/components/parameters/IdempotencyKey"},
                  {"name": "channel", "in": "query", "schema": {"$ref": "#/components/schemas/Channel"}, "description": "Of rows that name none."}
                ],
                "requestBody": {
                  "required": true,
                  "content": {
                    "text/csv": {
                      "schema": {"type": "string"},
                      "example": "channel,address,reason,expires_at\r\nemail,jane@example.com,unsubscribe,\r\nsms,+14155550100,opt_out,2031-01-01T00:00:00Z\r\n"
                    },
                    "application/json": {
                      "schema": {
                        "oneOf": [
                          {"type": "array", "items": {"$ref": "#/components/schemas/SuppressionRow"}},
                          {
                            "type": "object",
                            "required": ["suppressions"],
                            "properties": {"suppressions": {"type": "array", "items": {"$ref": "#/components/schemas/SuppressionRow"}}},
                            "additionalProperties": false
                          }
                        ]
                      }
                    }
                  }
                },
                "responses": {
                  "200": {
                    "description": "What came of the rows.",
                    "headers": {"Idempotent-Replayed": {"$ref": "#/components/headers/IdempotentReplayed"}},
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SuppressionsImported"}}}
                  },
        \#(listRefusals("Conflict", "LengthRequired", "TooLarge", "UnsupportedMediaType", "Invalid", "Unavailable"))
                }
              }
            },
            "/v1/suppressions/{channel}/{address}": {
              "parameters": [{"$ref": "#/components/parameters/ListedChannel"}, {"$ref": "#/components/parameters/ListedAddress"}],
              "put": {
                "operationId": "putSuppression",
                "tags": ["people"],
                "summary": "Let nobody write to an address, in place of what was said before",
                "description": "Holds for all providers of the channel, and for every type of message. Messages to it are taken with 202, kept as suppressed and never sent.",
                "requestBody": {"required": false, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SuppressionDetails"}}}},
                "responses": {
                  "200": {"description": "It was suppressed already.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Suppression"}}}},
                  "201": {"description": "It was not.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Suppression"}}}},
        \#(listRefusals("LengthRequired", "TooLarge", "UnsupportedMediaType", "Invalid", "Unavailable"))
                }
              },
              "get": {
                "operationId": "readSuppression",
                "tags": ["people"],
                "summary": "Why nobody writes to an address",
                "responses": {
                  "200": {"description": "The suppression.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Suppression"}}}},
        \#(listRefusals("NotFound", "Invalid", "Unavailable"))
                }
              },
              "delete": {
                "operationId": "deleteSuppression",
                "tags": ["people"],
                "summary": "Let an address be written to again",
                "responses": {
                  "204": {"description": "It may be."},
        \#(listRefusals("NotFound", "Invalid", "Unavailable"))
                }
              }
            }
        """#

    /// What every endpoint with a scope may refuse, and what this one may beside it.
    static func listRefusals(_ names: String...) -> String {
        let statuses = [
            "Malformed": 400, "Unauthorized": 401, "Forbidden": 403, "NotFound": 404, "Conflict": 409,
            "LengthRequired": 411, "TooLarge": 413, "UnsupportedMediaType": 415, "Invalid": 422, "Limited": 429,
            "Unavailable": 503,
        ]
        let all = ["Malformed", "Unauthorized", "Forbidden", "Limited"] + names
        return all.compactMap { name in statuses[name].map { ($0, name) } }.sorted { $0.0 < $1.0 }
            .map { ##"          "\##($0.0)": {"$ref": "#/components/responses/\##($0.1)"}"## }.joined(separator: ",\n")
    }

    static let listParameters = #"""
              "ListedChannel": {"name": "channel", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/Channel"}},
              "ListedAddress": {"name": "address", "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}, "description": "As a message's recipient is written, percent-encoded; a + may stand for itself.", "example": "jane@example.com"}
        """#

    static let suppressionSchemas = #"""
              "SuppressionReason": {"enum": [\#(Suppression.Reason.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))], "default": "manual"},
              "SuppressionDetails": {
                "type": "object",
                "not": {"required": ["expires_at", "for"]},
                "properties": {
                  "reason": {"$ref": "#/components/schemas/SuppressionReason"},
                  "detail": {"type": "string", "minLength": 1, "maxLength": 500, "description": "One line."},
                  "expires_at": {"type": "string", "format": "date-time", "description": "When it ends by itself."},
                  "for": {"$ref": "#/components/schemas/Duration"}
                },
                "additionalProperties": false
              },
              "SuppressionRow": {
                "type": "object",
                "required": ["address"],
                "properties": {
                  "channel": {"type": ["string", "null"]},
                  "address": {"type": "string"},
                  "reason": {"type": ["string", "null"]},
                  "detail": {"type": ["string", "null"]},
                  "expires_at": {"type": ["string", "null"]}
                },
                "additionalProperties": false
              },
              "Suppression": {
                "type": "object",
                "required": ["channel", "address", "reason", "source", "detail", "created_at", "expires_at"],
                "properties": {
                  "channel": {"$ref": "#/components/schemas/Channel"},
                  "address": {"type": ["string", "null"], "description": "In its normal form; null where only its hash is known."},
                  "reason": {"$ref": "#/components/schemas/SuppressionReason"},
                  "source": {"type": "string", "description": "Who said so: a provider's name, api: or import: and a client's.", "examples": ["api:shop", "sendgrid"]},
                  "detail": {"type": ["string", "null"]},
                  "created_at": {"$ref": "#/components/schemas/Time"},
                  "expires_at": {"$ref": "#/components/schemas/TimeOrNull"}
                },
                "additionalProperties": false
              },
              "SuppressionPage": {
                "type": "object",
                "required": ["data", "next"],
                "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/Suppression"}}, "next": {"$ref": "#/components/schemas/Cursor"}},
                "additionalProperties": false
              },
              "SuppressionsImported": {
                "type": "object",
                "required": ["imported", "updated", "rejected", "errors"],
                "properties": {
                  "imported": {"type": "integer", "minimum": 0, "description": "Addresses that were not suppressed before."},
                  "updated": {"type": "integer", "minimum": 0},
                  "rejected": {"type": "integer", "minimum": 0},
                  "errors": {
                    "type": "array",
                    "maxItems": 100,
                    "description": "Of the first 100 rejected rows.",
                    "items": {
                      "type": "object",
                      "required": ["row", "detail"],
                      "properties": {"row": {"type": "integer", "minimum": 1}, "detail": {"type": "string"}},
                      "additionalProperties": false
                    }
                  }
                },
                "additionalProperties": false
              }
        """#
}
