extension OpenAPIDocument {
    static let endpointPaths = #"""
                "/v1/endpoints": {
                  "get": {
                    "operationId": "listEndpoints",
                    "tags": ["operating"],
                    "summary": "Who is told of events (events.endpoints), and how far each has come",
                    "responses": {
                      "200": {"description": "All of them.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EventEndpointList"}}}},
                      "400": {"$ref": "#/components/responses/Malformed"},
                      "401": {"$ref": "#/components/responses/Unauthorized"},
                      "403": {"$ref": "#/components/responses/Forbidden"},
                      "429": {"$ref": "#/components/responses/Limited"},
                      "503": {"$ref": "#/components/responses/Unavailable"}
                    }
                  }
                },
                "/v1/endpoints/{name}/enable": {
                  "parameters": [{"name": "name", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^[a-z0-9-]{1,40}$"}}],
                  "post": {
                    "operationId": "enableEndpoint",
                    "tags": ["operating"],
                    "summary": "Tell an endpoint again, from where it stood",
                    "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
                    "requestBody": {"required": false, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EndpointOperation"}}}},
                    "responses": {
                      "200": {"description": "How it stands now.", "headers": {"Idempotent-Replayed": {"$ref": "#/components/headers/IdempotentReplayed"}}, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EventEndpoint"}}}},
                      "400": {"$ref": "#/components/responses/Malformed"},
                      "401": {"$ref": "#/components/responses/Unauthorized"},
                      "403": {"$ref": "#/components/responses/Forbidden"},
                      "404": {"$ref": "#/components/responses/NotFound"},
                      "409": {"$ref": "#/components/responses/Conflict"},
                      "413": {"$ref": "#/components/responses/TooLarge"},
                      "415": {"$ref": "#/components/responses/UnsupportedMediaType"},
                      "422": {"$ref": "#/components/responses/Invalid"},
                      "429": {"$ref": "#/components/responses/Limited"},
                      "503": {"$ref": "#/components/responses/Unavailable"}
                    }
                  }
                },
                "/v1/endpoints/{name}/disable": {
                  "parameters": [{"name": "name", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^[a-z0-9-]{1,40}$"}}],
                  "post": {
                    "operationId": "disableEndpoint",
                    "tags": ["operating"],
                    "summary": "Tell an endpoint nothing until it is enabled; its events wait",
                    "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
                    "requestBody": {"required": false, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EndpointOperation"}}}},
                    "responses": {
                      "200": {"description": "How it stands now.", "headers": {"Idempotent-Replayed": {"$ref": "#/components/headers/IdempotentReplayed"}}, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EventEndpoint"}}}},
                      "400": {"$ref": "#/components/responses/Malformed"},
                      "401": {"$ref": "#/components/responses/Unauthorized"},
                      "403": {"$ref": "#/components/responses/Forbidden"},
                      "404": {"$ref": "#/components/responses/NotFound"},
                      "409": {"$ref": "#/components/responses/Conflict"},
                      "413": {"$ref": "#/components/responses/TooLarge"},
                      "415": {"$ref": "#/components/responses/UnsupportedMediaType"},
                      "422": {"$ref": "#/components/responses/Invalid"},
                      "429": {"$ref": "#/components/responses/Limited"},
                      "503": {"$ref": "#/components/responses/Unavailable"}
                    }
                  }
                }
        """#

    static let endpointSchemas = #"""
                  "EndpointOperation": {
                    "type": "object",
                    "properties": {"reason": {"type": "string", "minLength": 1, "maxLength": 500}},
                    "additionalProperties": false,
                    "examples": [{"reason": "their maintenance"}]
                  },
                  "EventEndpointList": {
                    "type": "object",
                    "required": ["data", "next"],
                    "properties": {
                      "data": {"type": "array", "items": {"$ref": "#/components/schemas/EventEndpoint"}},
                      "next": {"type": "null"}
                    },
                    "additionalProperties": false
                  },
                  "EventEndpoint": {
                    "type": "object",
                    "required": ["name", "url", "types", "enabled", "lag", "waiting", "failing_since", "disabled_at", "reason", "last"],
                    "properties": {
                      "name": {"type": "string"},
                      "url": {"type": "string", "description": "Without its query."},
                      "types": {"type": "array", "items": {"type": "string"}, "description": "Empty: all."},
                      "enabled": {"type": "boolean"},
                      "lag": {"type": "integer", "minimum": 0, "description": "Events that its cursor is behind the newest."},
                      "waiting": {"type": "integer", "minimum": 0, "description": "Events that are to be told again, or wait behind such a one."},
                      "failing_since": {"$ref": "#/components/schemas/TimeOrNull"},
                      "disabled_at": {"$ref": "#/components/schemas/TimeOrNull"},
                      "reason": {"type": ["string", "null"], "description": "Why it is disabled."},
                      "last": {
                        "type": ["object", "null"],
                        "description": "How the last try of this run ended.",
                        "required": ["at", "result", "detail"],
                        "properties": {
                          "at": {"$ref": "#/components/schemas/Time"},
                          "result": {"enum": ["delivered", "failed"]},
                          "detail": {"type": ["string", "null"]}
                        },
                        "additionalProperties": false
                      }
                    },
                    "additionalProperties": false
                  }
        """#
}
