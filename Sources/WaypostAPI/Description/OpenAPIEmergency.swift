import WaypostStore

extension OpenAPIDocument {
    static let emergencyPaths = #"""
        \#(procedure("stop-sending", "stopSending", "Let nothing leave on a channel, or on any", "Messages are still taken in, and wait; their time to live goes on. What is under way ends as it ends.")),
        \#(procedure("resume", "resumeSending", "End a stop of sending, on a channel or on all", "Where all channels are stopped and one resumes, the others stay stopped. A stop that was ended does not come back by itself: for has no effect, and notes of the answer say so.")),
        \#(procedure("switch-to-backup", "switchToBackup", "Pass a channel's first provider over while another can stand in", "Refused where the channel's route names no second provider.")),
        \#(procedure("clear-queue", "clearQueue", "Move what is queued to the dead letters", "Nothing is deleted: replay brings it back. What is scheduled or under way stays. It is done in portions of 500 messages; where the store fails on the way, the 503 says how many were cleared, and the same request again clears the rest. for has no effect, and notes of the answer say so.")),
        \#(procedure("reset-rate-limits", "resetRateLimits", "Empty the windows of providers and recipients, and end providers' rests", "All of them where neither provider nor recipient is given. for has no effect, and notes of the answer say so.")),
        \#(procedure("open-breakers", "openBreakers", "Hold breakers open, of a provider, on a channel, or all", "Undone by DELETE /v1/overrides/{id}.")),
            "/v1/audit": {
              "get": {
                "operationId": "listAudit",
                "tags": ["operating"],
                "summary": "Who did what to the router, newest first",
                "description": "A chain of hashes, kept for store.retention.audit; waypost audit verify proves it. It holds neither secrets nor addresses: a recipient stands in it as the channel and a look-up hash.",
                "parameters": [
                  {"$ref": "#/components/parameters/Limit"},
                  {"$ref": "#/components/parameters/After"},
                  {"name": "action", "in": "query", "schema": {"$ref": "#/components/schemas/AuditAction"}},
                  {"name": "actor", "in": "query", "schema": {"type": "string", "minLength": 1, "maxLength": 100}}
                ],
                "responses": {
                  "200": {"description": "A page of it.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AuditPage"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "422": {"$ref": "#/components/responses/Invalid"},
                  "429": {"$ref": "#/components/responses/Limited"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/limits": {
              "get": {
                "operationId": "listLimits",
                "tags": ["reading"],
                "summary": "What the windows of a recipient, a client or a provider hold and leave",
                "parameters": [
                  {"name": "key", "in": "query", "required": true, "schema": {"enum": ["recipient", "client", "provider"]}},
                  {"name": "value", "in": "query", "description": "The address, which a recipient needs; else a name, without which all are listed.", "schema": {"type": "string", "minLength": 1, "maxLength": 320}},
                  {"name": "channel", "in": "query", "schema": {"$ref": "#/components/schemas/Channel"}}
                ],
                "responses": {
                  "200": {"description": "A line for each window.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/LimitList"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "422": {"$ref": "#/components/responses/Invalid"},
                  "429": {"$ref": "#/components/responses/Limited"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            }
        """#

    /// Procedures differ in their names and bodies alone.
    private static func procedure(
        _ path: String, _ name: String, _ summary: String, _ description: String
    ) -> String {
        """
            "/v1/emergency/\(path)": {
              "post": {
                "operationId": "\(name)",
                "tags": ["operating"],
                "summary": "\(summary)",
                "description": "\(description)",
                "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/\(schema(of: path))"}}}},
                "responses": {
                  "200": {"description": "What it touched, or would touch.", "headers": {"Idempotent-Replayed": {"$ref": "#/components/headers/IdempotentReplayed"}}, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EmergencyAnswer"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "411": {"$ref": "#/components/responses/LengthRequired"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/UnsupportedMediaType"},
                  "422": {"$ref": "#/components/responses/Invalid"},
                  "429": {"$ref": "#/components/responses/Limited"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            }
        """
    }

    private static func schema(of path: String) -> String {
        switch path {
        case "switch-to-backup": "SwitchToBackup"
        case "reset-rate-limits": "ResetRateLimits"
        case "open-breakers": "OpenBreakers"
        default: "ChannelProcedure"
        }
    }

    static let emergencySchemas = #"""
        \#(body("ChannelProcedure", ["channel"])),
        \#(body("SwitchToBackup", ["channel"], required: ["channel", "reason"])),
        \#(body("ResetRateLimits", ["provider", "recipient"])),
        \#(body("OpenBreakers", ["provider", "channel"])),
              "EmergencyAnswer": {
                "type": "object",
                "required": ["procedure", "dry_run", "reason", "override", "expires_at", "lifted", "touched", "notes"],
                "properties": {
                  "procedure": {"enum": ["stop-sending", "resume", "switch-to-backup", "clear-queue", "reset-rate-limits", "open-breakers"]},
                  "dry_run": {"type": "boolean"},
                  "reason": {"$ref": "#/components/schemas/Reason"},
                  "override": {"anyOf": [{"$ref": "#/components/schemas/OverrideID"}, {"type": "null"}], "description": "What stands from now on, where something does."},
                  "expires_at": {"$ref": "#/components/schemas/TimeOrNull"},
                  "lifted": {"type": "array", "items": {"$ref": "#/components/schemas/OverrideID"}},
                  "touched": {
                    "type": "object",
                    "required": ["channels", "providers", "breakers", "windows", "deliveries"],
                    "properties": {
                      "channels": {
                        "type": "array",
                        "description": "What has not come to an end on each, as the procedure found it.",
                        "items": {
                          "type": "object",
                          "required": ["channel", "queued", "scheduled", "sending"],
                          "properties": {
                            "channel": {"$ref": "#/components/schemas/Channel"},
                            "queued": {"type": "integer", "minimum": 0},
                            "scheduled": {"type": "integer", "minimum": 0},
                            "sending": {"type": "integer", "minimum": 0}
                          },
                          "additionalProperties": false
                        }
                      },
                      "providers": {"type": "array", "items": {"type": "string"}},
                      "breakers": {
                        "type": "array",
                        "items": {
                          "type": "object",
                          "required": ["provider", "channel", "state"],
                          "properties": {
                            "provider": {"type": "string"},
                            "channel": {"$ref": "#/components/schemas/Channel"},
                            "state": {"type": "string", "description": "Before."}
                          },
                          "additionalProperties": false
                        }
                      },
                      "windows": {
                        "type": "object",
                        "description": "Windows of providers, and recipients that had something in theirs.",
                        "required": ["providers", "recipients"],
                        "properties": {"providers": {"type": "integer", "minimum": 0}, "recipients": {"type": "integer", "minimum": 0}},
                        "additionalProperties": false
                      },
                      "deliveries": {"type": "integer", "minimum": 0, "description": "Moved to the dead letters."}
                    },
                    "additionalProperties": false
                  },
                  "notes": {"type": "array", "items": {"type": "string"}, "description": "What else to know, as of a field without effect here."}
                },
                "additionalProperties": false
              },
              "AuditAction": {"enum": [\#(AuditEntry.Action.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))]},
              "AuditPage": {
                "type": "object",
                "required": ["data", "next"],
                "properties": {
                  "data": {"type": "array", "items": {"$ref": "#/components/schemas/AuditRow"}},
                  "next": {"type": ["string", "null"]}
                },
                "additionalProperties": false
              },
              "AuditRow": {
                "type": "object",
                "required": ["seq", "at", "actor", "action", "target", "reason", "data", "previous", "hash"],
                "properties": {
                  "seq": {"type": "integer", "minimum": 1},
                  "at": {"$ref": "#/components/schemas/Time"},
                  "actor": {"type": "string", "description": "The client; provider:NAME for what is done on a provider's word (a callback or an answer of it), signal:SIGHUP for who signals the process, waypost for what the router does by itself."},
                  "action": {"type": "string"},
                  "target": {"type": "string"},
                  "reason": {"type": "string"},
                  "data": {"type": "object"},
                  "previous": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "The hash of the row before."},
                  "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"}
                },
                "additionalProperties": false
              },
              "LimitList": {
                "type": "object",
                "required": ["data", "next"],
                "properties": {
                  "data": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": ["key", "limit", "window_ms", "used", "remaining", "free_at"],
                      "properties": {
                        "key": {"enum": ["recipient", "client", "provider"]},
                        "value": {"type": "string", "description": "The client or the provider."},
                        "channel": {"$ref": "#/components/schemas/Channel"},
                        "type": {"type": "string", "description": "Left out: over all types."},
                        "limit": {"type": "integer", "minimum": 1},
                        "window_ms": {"type": "integer", "minimum": 1},
                        "used": {"type": "integer", "minimum": 0},
                        "remaining": {"type": "integer", "minimum": 0},
                        "free_at": {"$ref": "#/components/schemas/TimeOrNull", "description": "When a further slot is free; null when all are."}
                      },
                      "additionalProperties": false
                    }
                  },
                  "next": {"type": "null"}
                },
                "additionalProperties": false
              }
        """#

    private static func body(_ name: String, _ fields: [String], required: [String] = ["reason"]) -> String {
        let schemas = [
            "channel": ##"{"$ref": "#/components/schemas/Channel"}"##,
            "provider": #"{"type": "string", "pattern": "^[a-z0-9-]{1,40}$"}"#,
            "recipient": #"{"type": "string", "minLength": 1, "maxLength": 320, "description": "An address."}"#,
        ]
        let own = fields.map { "\"\($0)\": \(schemas[$0] ?? "{}")" }.joined(separator: ", ")
        let names = required.map { "\"\($0)\"" }.joined(separator: ", ")
        return ##"""
                  "\##(name)": {
                    "type": "object",
                    "required": [\##(names)],
                    "properties": {
                      \##(own),
                      "reason": {"$ref": "#/components/schemas/Reason"},
                      "for": {"$ref": "#/components/schemas/Duration"},
                      "dry_run": {"type": "boolean", "default": false, "description": "Only says what would be touched."}
                    },
                    "additionalProperties": false
                  }
            """##
    }
}
