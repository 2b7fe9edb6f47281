extension OpenAPIDocument {
    static let operatingPaths = #"""
            "/v1/providers": {
              "get": {
                "operationId": "listProviders",
                "tags": ["operating"],
                "summary": "Every provider, its breakers and its load",
                "responses": {
                  "200": {"description": "All of them.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ProviderList"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "429": {"$ref": "#/components/responses/Limited"}
                }
              }
            },
        \#(providerOperation("disable", "Pass a provider over", answer: "Provider")),
        \#(providerOperation("enable", "Use a provider again", answer: "Provider")),
        \#(providerOperation("probe", "Ask a provider now whether it works; nothing is sent", answer: "ProbeResult")),
        \#(providerOperation("breaker", "Hold a breaker open or closed, or let it decide again", answer: "Provider")),
            "/v1/routes": {
              "get": {
                "operationId": "listRoutes",
                "tags": ["operating"],
                "summary": "The route of every channel",
                "responses": {
                  "200": {"description": "All of them.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RouteList"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "429": {"$ref": "#/components/responses/Limited"}
                }
              }
            },
            "/v1/routes/explain": {
              "post": {
                "operationId": "explainRoute",
                "tags": ["reading"],
                "summary": "Where a message would go; nothing is kept or sent",
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SendMessage"}}}},
                "responses": {
                  "200": {"description": "Every candidate.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Explanation"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "411": {"$ref": "#/components/responses/LengthRequired"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/UnsupportedMediaType"},
                  "422": {"$ref": "#/components/responses/Invalid"},
                  "429": {"$ref": "#/components/responses/Limited"}
                }
              }
            },
            "/v1/overrides": {
              "get": {
                "operationId": "listOverrides",
                "tags": ["operating"],
                "summary": "What operators hold in place of the configuration",
                "responses": {
                  "200": {"description": "All of them.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OverrideList"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "429": {"$ref": "#/components/responses/Limited"}
                }
              }
            },
            "/v1/overrides/{id}": {
              "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/OverrideID"}}],
              "delete": {
                "operationId": "deleteOverride",
                "tags": ["operating"],
                "summary": "Lift an override",
                "responses": {
                  "204": {"description": "It is lifted."},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "429": {"$ref": "#/components/responses/Limited"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/configuration": {
              "get": {
                "operationId": "readConfiguration",
                "tags": ["operating"],
                "summary": "The configuration in force, secrets shown as ***",
                "responses": {
                  "200": {"description": "It.", "content": {"application/json": {"schema": {"type": "object"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "429": {"$ref": "#/components/responses/Limited"}
                }
              }
            },
            "/v1/reload": {
              "post": {
                "operationId": "reload",
                "tags": ["operating"],
                "summary": "Read the configuration anew; it applies whole or not at all",
                "responses": {
                  "200": {"description": "It applies.", "content": {"application/json": {"schema": {"type": "object", "required": ["version"], "properties": {"version": {"type": "string"}}, "additionalProperties": false}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "415": {"$ref": "#/components/responses/UnsupportedMediaType"},
                  "422": {"$ref": "#/components/responses/Invalid"},
                  "429": {"$ref": "#/components/responses/Limited"}
                }
              }
            }
        """#

    /// One procedure on a provider: they differ in their names and bodies alone.
    private static func providerOperation(_ name: String, _ summary: String, answer: String) -> String {
        let body = name == "breaker" ? "BreakerOperation" : "ProviderOperation"
        let isKept = name != "probe"
        let parameters =
            isKept ? ##""parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],"## : #""parameters": [],"#
        let headers =
            isKept ? ##""headers": {"Idempotent-Replayed": {"$ref": "#/components/headers/IdempotentReplayed"}},"## : ""
        let conflict = isKept ? ##""409": {"$ref": "#/components/responses/Conflict"},"## : ""
        return """
                "/v1/providers/{name}/\(name)": {
                  "parameters": [{"name": "name", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^[a-z0-9-]{1,40}$"}}],
                  "post": {
                    "operationId": "\(name)Provider",
                    "tags": ["operating"],
                    "summary": "\(summary)",
                    \(parameters)
                    "requestBody": {"required": \(name == "breaker"), "content": {"application/json": {"schema": {"$ref": "#/components/schemas/\(body)"}}}},
                    "responses": {
                      "200": {"description": "How it stands now.", \(headers) "content": {"application/json": {"schema": {"$ref": "#/components/schemas/\(answer)"}}}},
                      "400": {"$ref": "#/components/responses/Malformed"},
                      "401": {"$ref": "#/components/responses/Unauthorized"},
                      "403": {"$ref": "#/components/responses/Forbidden"},
                      "404": {"$ref": "#/components/responses/NotFound"},
                      \(conflict)
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

    static let probePaths = #"""
            "/openapi.json": {
              "get": {
                "operationId": "readDescription",
                "tags": ["probes"],
                "summary": "This document",
                "security": [],
                "responses": {"200": {"description": "OpenAPI 3.1.", "content": {"application/json": {"schema": {"type": "object"}}}}}
              }
            },
            "/metrics": {
              "get": {
                "operationId": "readMetrics",
                "tags": ["probes"],
                "summary": "Metrics for Prometheus",
                "security": [],
                "responses": {
                  "200": {
                    "description": "Text format 0.0.4, or OpenMetrics 1.0 where Accept asks for it.",
                    "content": {"text/plain": {"schema": {"type": "string"}}, "application/openmetrics-text": {"schema": {"type": "string"}}}
                  }
                }
              }
            },
        \#(probe("livez", "Whether the process works")),
        \#(probe("readyz", "Whether it takes messages")),
        \#(probe("startupz", "Whether it has started")),
            "/healthz": {
              "get": {
                "operationId": "healthz",
                "tags": ["probes"],
                "summary": "Everything that can be ill",
                "security": [],
                "responses": {
                  "200": {"description": "pass or warn.", "content": {"application/health+json": {"schema": {"$ref": "#/components/schemas/Health"}}}},
                  "503": {"description": "fail.", "content": {"application/health+json": {"schema": {"$ref": "#/components/schemas/Health"}}}}
                }
              }
            }
        """#

    private static func probe(_ name: String, _ summary: String) -> String {
        """
            "/\(name)": {
              "get": {
                "operationId": "\(name)",
                "tags": ["probes"],
                "summary": "\(summary)",
                "security": [],
                "parameters": [{"name": "verbose", "in": "query", "schema": {"type": "boolean"}, "allowEmptyValue": true, "description": "Lists every check."}],
                "responses": {
                  "200": {"description": "ok", "content": {"text/plain": {"schema": {"type": "string"}}}},
                  "503": {"description": "The failing checks, one a line.", "content": {"text/plain": {"schema": {"type": "string"}}}}
                }
              }
            }
        """
    }

    static let operatingSchemas = #"""
              "ProviderOperation": {
                "type": "object",
                "properties": {"reason": {"$ref": "#/components/schemas/Reason"}, "for": {"$ref": "#/components/schemas/Duration"}},
                "additionalProperties": false
              },
              "BreakerOperation": {
                "type": "object",
                "required": ["state"],
                "properties": {
                  "state": {"enum": ["open", "closed", "auto"]},
                  "channel": {"$ref": "#/components/schemas/Channel"},
                  "reason": {"$ref": "#/components/schemas/Reason"},
                  "for": {"$ref": "#/components/schemas/Duration"}
                },
                "additionalProperties": false
              },
              "Provider": {
                "type": "object",
                "required": ["name", "channels", "enabled", "health", "breakers", "in_flight", "max_in_flight", "rate_limits"],
                "properties": {
                  "name": {"type": "string"},
                  "kind": {"type": "string"},
                  "channels": {"type": "array", "items": {"$ref": "#/components/schemas/Channel"}},
                  "enabled": {"type": "boolean"},
                  "disabled_reason": {"type": "string"},
                  "health": {
                    "anyOf": [
                      {
                        "type": "object",
                        "required": ["status", "time"],
                        "properties": {
                          "status": {"enum": ["pass", "fail"]},
                          "output": {"type": "string"},
                          "time": {"$ref": "#/components/schemas/Time"}
                        },
                        "additionalProperties": false
                      },
                      {"type": "null"}
                    ],
                    "description": "As last checked; null: never yet."
                  },
                  "breakers": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": ["channel", "state", "held"],
                      "properties": {
                        "channel": {"$ref": "#/components/schemas/Channel"},
                        "state": {"type": "string"},
                        "held": {"type": "boolean", "description": "By an operator."},
                        "until": {"$ref": "#/components/schemas/Time"}
                      },
                      "additionalProperties": false
                    }
                  },
                  "in_flight": {"type": "integer", "minimum": 0},
                  "max_in_flight": {"type": "integer", "minimum": 1},
                  "resting_until": {"$ref": "#/components/schemas/Time", "description": "It asked us to slow down."},
                  "rate_limits": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": ["limit", "window_ms", "remaining"],
                      "properties": {
                        "limit": {"type": "integer", "minimum": 1},
                        "window_ms": {"type": "integer", "minimum": 1},
                        "remaining": {"type": "integer", "minimum": 0}
                      },
                      "additionalProperties": false
                    }
                  },
                  "latency_ms": {"type": "integer", "minimum": 0}
                },
                "additionalProperties": false
              },
              "ProviderList": {
                "type": "object",
                "required": ["data", "next"],
                "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/Provider"}}, "next": {"type": "null"}},
                "additionalProperties": false
              },
              "ProbeResult": {
                "type": "object",
                "required": ["provider", "status", "duration_ms", "time"],
                "properties": {
                  "provider": {"type": "string"},
                  "status": {"enum": ["pass", "fail"]},
                  "output": {"type": "string", "description": "What is wrong with it."},
                  "duration_ms": {"type": "integer", "minimum": 0},
                  "time": {"$ref": "#/components/schemas/Time"}
                },
                "additionalProperties": false
              },
              "RouteList": {
                "type": "object",
                "required": ["data", "next"],
                "properties": {
                  "next": {"type": "null"},
                  "data": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": ["channel", "providers", "strategy", "rules", "on_ambiguous"],
                      "properties": {
                        "channel": {"$ref": "#/components/schemas/Channel"},
                        "providers": {"type": "array", "items": {"type": "string"}},
                        "strategy": {"enum": ["priority", "weighted", "round_robin", "least_cost", "fastest"]},
                        "rules": {"type": "array", "items": {"type": "object"}},
                        "on_ambiguous": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/AmbiguityPolicy"}}
                      }
                    }
                  }
                }
              },
              "OverrideID": {"type": "string", "pattern": "^ovr_[0-9A-HJKMNP-TV-Z]{26}$"},
              "OverrideList": {
                "type": "object",
                "required": ["data", "next"],
                "properties": {
                  "next": {"type": "null"},
                  "data": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": ["id", "kind", "target", "state", "reason", "by", "created_at", "expires_at"],
                      "properties": {
                        "channel": {"$ref": "#/components/schemas/Channel"},
                        "state": {"enum": ["disabled", "open", "closed", "stopped", "passed_over"]},
                        "id": {"$ref": "#/components/schemas/OverrideID"},
                        "kind": {"enum": ["provider_disabled", "breaker_held", "stop_sending", "switch_to_backup", "open_breakers"]},
                        "target": {"type": "string", "description": "A provider; * where it is not about one."},
                        "reason": {"type": "string"},
                        "by": {"type": "string"},
                        "created_at": {"$ref": "#/components/schemas/Time"},
                        "expires_at": {"$ref": "#/components/schemas/TimeOrNull"}
                      }
                    }
                  }
                }
              },
              "Health": {
                "type": "object",
                "required": ["status"],
                "properties": {
                  "status": {"enum": ["pass", "warn", "fail"]},
                  "version": {"type": "string"},
                  "serviceId": {"type": "string"},
                  "checks": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "object"}}},
                  "healthy": {"type": "integer"},
                  "total": {"type": "integer"}
                }
              }
        """#
}
