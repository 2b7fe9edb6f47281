extension OpenAPIDocument {
    static let peoplePaths = #"""
            "/v1/users/{user}": {
              "parameters": [{"$ref": "#/components/parameters/User"}],
              "put": {
                "operationId": "putUser",
                "tags": ["people"],
                "summary": "Say who a user is, in place of what was said before",
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/UserDetails"}}}},
                "responses": {
                  "200": {"description": "The user was known.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}},
                  "201": {"description": "The user is new.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}},
        \#(refusals("LengthRequired", "TooLarge", "UnsupportedMediaType", "Invalid", "Unavailable"))
                }
              },
              "get": {
                "operationId": "readUser",
                "tags": ["people"],
                "summary": "Who a user is",
                "responses": {
                  "200": {"description": "The user.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}},
        \#(refusals("NotFound", "Invalid", "Unavailable"))
                }
              },
              "delete": {
                "operationId": "deleteUser",
                "tags": ["people"],
                "summary": "Forget a user and all devices of it",
                "responses": {
                  "204": {"description": "It is forgotten."},
        \#(refusals("NotFound", "Invalid", "Unavailable"))
                }
              }
            },
            "/v1/users/{user}/devices": {
              "parameters": [{"$ref": "#/components/parameters/User"}],
              "get": {
                "operationId": "listDevices",
                "tags": ["people"],
                "summary": "The devices of a user, by name",
                "responses": {
                  "200": {"description": "All of them.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DeviceList"}}}},
        \#(refusals("NotFound", "Invalid", "Unavailable"))
                }
              }
            },
            "/v1/users/{user}/devices/{device}": {
              "parameters": [{"$ref": "#/components/parameters/User"}, {"$ref": "#/components/parameters/Device"}],
              "put": {
                "operationId": "putDevice",
                "tags": ["people"],
                "summary": "Report a device and its tokens, in place of what was reported before",
                "description": "To be repeated about monthly: unseen for 270 days a device is removed. A token belongs to one device: another that has it loses it. A user has at most 100 devices.",
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DeviceReport"}}}},
                "responses": {
                  "200": {"description": "The device was known.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Device"}}}},
                  "201": {"description": "The device is new.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Device"}}}},
        \#(refusals("LengthRequired", "TooLarge", "UnsupportedMediaType", "Invalid", "Unavailable"))
                }
              },
              "get": {
                "operationId": "readDevice",
                "tags": ["people"],
                "summary": "A device and its tokens",
                "responses": {
                  "200": {"description": "The device.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Device"}}}},
        \#(refusals("NotFound", "Invalid", "Unavailable"))
                }
              },
              "delete": {
                "operationId": "deleteDevice",
                "tags": ["people"],
                "summary": "Forget a device",
                "responses": {
                  "204": {"description": "It is forgotten."},
        \#(refusals("NotFound", "Invalid", "Unavailable"))
                }
              }
            },
        \#(topicOperation("subscribe", "Subscribe devices to a topic at FCM")),
        \#(topicOperation("unsubscribe", "End subscriptions to a topic at FCM")),
            "/v1/devices/validate": {
              "post": {
                "operationId": "validateDevices",
                "tags": ["people"],
                "summary": "Ask FCM which tokens are alive; nothing is sent",
                "description": "Tokens that are dead are removed from the registry.",
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/TokenList"}}}},
                "responses": {
                  "200": {"description": "A result for each, in order.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ValidationResults"}}}},
        \#(refusals("LengthRequired", "TooLarge", "UnsupportedMediaType", "Invalid"))
                }
              }
            }
        """#

    private static func topicOperation(_ name: String, _ summary: String) -> String {
        """
            "/v1/topics/{topic}/\(name)": {
              "parameters": [{"name": "topic", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.~%-]{1,900}$"}}],
              "post": {
                "operationId": "\(name)Topic",
                "tags": ["people"],
                "summary": "\(summary)",
                "description": "One bad token does not spoil the others. Tokens that are dead are removed from the registry.",
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/TopicMembers"}}}},
                "responses": {
                  "200": {"description": "A result for each, in order.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/TopicResults"}}}},
        \(refusals("LengthRequired", "TooLarge", "UnsupportedMediaType", "Invalid", "Unavailable"))
                }
              }
            }
        """
    }

    /// What every endpoint with a scope may refuse, and what this one may beside it.
    private static func refusals(_ names: String...) -> String {
        let statuses = [
            "Malformed": 400, "Unauthorized": 401, "Forbidden": 403, "NotFound": 404, "LengthRequired": 411,
            "TooLarge": 413, "UnsupportedMediaType": 415, "Invalid": 422, "Limited": 429, "Unavailable": 503,
        ]
        let all = ["Malformed", "Unauthorized", "Forbidden", "Limited"] + names
        return all.compactMap { name in statuses[name].map { ($0, name) } }.sorted { $0.0 < $1.0 }
            .map { ##"          "\##($0.0)": {"$ref": "#/components/responses/\##($0.1)"}"## }.joined(separator: ",\n")
    }

    static let peopleParameters = #"""
              "User": {"name": "user", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/PathName"}},
              "Device": {"name": "device", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/PathName"}}
        """#

    static let peopleSchemas = #"""
              "PathName": {"type": "string", "pattern": "^[A-Za-z0-9._@:-]{1,128}$", "description": "The client's own."},
              "FCMToken": {"type": "string", "pattern": "^[!-~]{1,4096}$"},
              "APNsToken": {"type": "string", "pattern": "^([0-9A-Fa-f]{2}){1,256}$", "description": "Hexadecimal; kept in lower case."},
              "Platform": {"enum": ["ios", "android", "web"]},
              "UserDetails": {
                "type": "object",
                "properties": {
                  "email": {"type": "string", "maxLength": 254},
                  "phone": {"type": "string", "description": "E.164.", "examples": ["+14155550100"]},
                  "zone": {"type": "string", "minLength": 1, "maxLength": 64, "description": "Of the IANA time zone database.", "examples": ["Europe/Berlin"]},
                  "locale": {"type": "string", "pattern": "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", "maxLength": 35, "description": "BCP 47.", "examples": ["de-AT"]}
                },
                "additionalProperties": false
              },
              "User": {
                "type": "object",
                "required": ["user", "email", "phone", "zone", "locale", "created_at", "updated_at"],
                "properties": {
                  "user": {"$ref": "#/components/schemas/PathName"},
                  "email": {"type": ["string", "null"]},
                  "phone": {"type": ["string", "null"], "description": "E.164, without blanks."},
                  "zone": {"type": ["string", "null"]},
                  "locale": {"type": ["string", "null"]},
                  "created_at": {"$ref": "#/components/schemas/Time"},
                  "updated_at": {"$ref": "#/components/schemas/Time"}
                },
                "additionalProperties": false
              },
              "DeviceReport": {
                "type": "object",
                "required": ["platform"],
                "anyOf": [{"required": ["fcm_token"]}, {"required": ["apns_token"]}],
                "properties": {
                  "platform": {"$ref": "#/components/schemas/Platform"},
                  "fcm_token": {"$ref": "#/components/schemas/FCMToken"},
                  "apns_token": {"$ref": "#/components/schemas/APNsToken"},
                  "app_version": {"type": "string", "minLength": 1, "maxLength": 64}
                },
                "additionalProperties": false,
                "description": "With both tokens FCM and APNs are each other's backup."
              },
              "Device": {
                "type": "object",
                "required": ["user", "device", "platform", "fcm_token", "apns_token", "app_version", "registered_at", "seen_at", "stale_at"],
                "properties": {
                  "user": {"$ref": "#/components/schemas/PathName"},
                  "device": {"$ref": "#/components/schemas/PathName"},
                  "platform": {"$ref": "#/components/schemas/Platform"},
                  "fcm_token": {"anyOf": [{"$ref": "#/components/schemas/FCMToken"}, {"type": "null"}]},
                  "apns_token": {"anyOf": [{"$ref": "#/components/schemas/APNsToken"}, {"type": "null"}]},
                  "app_version": {"type": ["string", "null"]},
                  "registered_at": {"$ref": "#/components/schemas/Time", "description": "When one of its tokens came to it."},
                  "seen_at": {"$ref": "#/components/schemas/Time", "description": "When it was last reported."},
                  "stale_at": {"$ref": "#/components/schemas/Time", "description": "When it is removed unless it is reported before."}
                },
                "additionalProperties": false
              },
              "DeviceList": {
                "type": "object",
                "required": ["data", "next"],
                "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/Device"}}, "next": {"type": "null"}},
                "additionalProperties": false
              },
              "TokenList": {
                "type": "object",
                "required": ["tokens"],
                "properties": {"tokens": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"$ref": "#/components/schemas/FCMToken"}}},
                "additionalProperties": false
              },
              "TopicMembers": {
                "oneOf": [
                  {"$ref": "#/components/schemas/TokenList"},
                  {
                    "type": "object",
                    "required": ["users"],
                    "properties": {"users": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"$ref": "#/components/schemas/PathName"}, "description": "All their devices, 1000 in all."}},
                    "additionalProperties": false
                  }
                ]
              },
              "TopicResults": {
                "type": "object",
                "required": ["results", "succeeded", "failed"],
                "properties": {
                  "results": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": ["status"],
                      "oneOf": [{"required": ["token"]}, {"required": ["user"]}],
                      "properties": {
                        "token": {"$ref": "#/components/schemas/FCMToken"},
                        "user": {"$ref": "#/components/schemas/PathName"},
                        "device": {"$ref": "#/components/schemas/PathName", "description": "Absent where the user has none."},
                        "status": {"enum": ["subscribed", "unsubscribed", "failed"]},
                        "reason": {"type": "string"}
                      },
                      "additionalProperties": false
                    }
                  },
                  "succeeded": {"type": "integer", "minimum": 0},
                  "failed": {"type": "integer", "minimum": 0}
                },
                "additionalProperties": false
              },
              "ValidationResults": {
                "type": "object",
                "required": ["results"],
                "properties": {
                  "results": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": ["token", "status"],
                      "properties": {
                        "token": {"$ref": "#/components/schemas/FCMToken"},
                        "status": {"enum": ["alive", "dead", "unknown"]},
                        "reason": {"type": "string"}
                      },
                      "additionalProperties": false
                    }
                  }
                },
                "additionalProperties": false
              }
        """#
}
