import WaypostCore

extension OpenAPIDocument {
    static let readingPaths = #"""
            "/v1/messages/{id}": {
              "parameters": [{"$ref": "#/components/parameters/MessageID"}],
              "get": {
                "operationId": "readMessage",
                "tags": ["reading"],
                "summary": "Read a message, its attempts and its events",
                "responses": {
                  "200": {"description": "The message.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "429": {"$ref": "#/components/responses/Limited"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/messages/{id}/explain": {
              "parameters": [{"$ref": "#/components/parameters/MessageID"}],
              "get": {
                "operationId": "explainMessage",
                "tags": ["reading"],
                "summary": "Why a message went where it went",
                "responses": {
                  "200": {"description": "Every candidate of every round.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Explanation"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "429": {"$ref": "#/components/responses/Limited"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/events": {
              "get": {
                "operationId": "listEvents",
                "tags": ["reading"],
                "summary": "All events in the order they were committed, oldest first",
                "parameters": [{"$ref": "#/components/parameters/Limit"}, {"$ref": "#/components/parameters/After"}],
                "responses": {
                  "200": {"description": "A page.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EventPage"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "422": {"$ref": "#/components/responses/Invalid"},
                  "429": {"$ref": "#/components/responses/Limited"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            }
        """#

    static let deadLetterPaths = #"""
            "/v1/dead-letters": {
              "get": {
                "operationId": "listDeadLetters",
                "tags": ["reading"],
                "summary": "List messages that are dead or in doubt, newest first",
                "parameters": [
                  {"$ref": "#/components/parameters/Limit"},
                  {"$ref": "#/components/parameters/After"},
                  {"$ref": "#/components/parameters/FilterChannel"},
                  {"$ref": "#/components/parameters/FilterStatus"},
                  {"$ref": "#/components/parameters/FilterType"},
                  {"$ref": "#/components/parameters/FilterTo"},
                  {"$ref": "#/components/parameters/FilterTag"},
                  {"$ref": "#/components/parameters/FilterCreatedAfter"},
                  {"$ref": "#/components/parameters/FilterCreatedBefore"},
                  {"$ref": "#/components/parameters/FilterReason"}
                ],
                "responses": {
                  "200": {"description": "A page.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/MessagePage"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "422": {"$ref": "#/components/responses/Invalid"},
                  "429": {"$ref": "#/components/responses/Limited"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/dead-letters/replay": {
              "post": {
                "operationId": "replayDeadLetters",
                "tags": ["operating"],
                "summary": "Send dead letters again, under their ids and with a fresh budget",
                "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DeadLetterReplay"}}}},
                "responses": {
                  "200": {"description": "What it touched.", "headers": {"Idempotent-Replayed": {"$ref": "#/components/headers/IdempotentReplayed"}}, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ReplayResult"}}}},
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
            },
            "/v1/dead-letters/purge": {
              "post": {
                "operationId": "purgeDeadLetters",
                "tags": ["operating"],
                "summary": "Give dead letters up for good",
                "description": "What is dead or in doubt of these messages becomes failed, with the reason; the messages can be read until their retention ends.",
                "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DeadLetterPurge"}}}},
                "responses": {
                  "200": {"description": "What it touched.", "headers": {"Idempotent-Replayed": {"$ref": "#/components/headers/IdempotentReplayed"}}, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PurgeResult"}}}},
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
            },
            "/v1/dead-letters/resolve": {
              "post": {
                "operationId": "resolveDeadLetters",
                "tags": ["operating"],
                "summary": "Say what became of messages in doubt",
                "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DeadLetterResolution"}}}},
                "responses": {
                  "200": {"description": "What it touched.", "headers": {"Idempotent-Replayed": {"$ref": "#/components/headers/IdempotentReplayed"}}, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ResolveResult"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
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
        """#

    static let readingSchemas = #"""
              "MessageSummary": {
                "type": "object",
                "required": ["id", "status", "status_reason", "channel", "type", "priority", "client", "created_at", "updated_at", "send_at", "expires_at", "on_ambiguous", "metadata", "tags", "traceparent", "resend_of", "provider", "provider_message_id", "cost", "deliveries"],
                "properties": {
                  "id": {"$ref": "#/components/schemas/MessageID"},
                  "status": {"$ref": "#/components/schemas/Status"},
                  "status_reason": {"type": ["string", "null"]},
                  "channel": {"$ref": "#/components/schemas/Channel"},
                  "type": {"$ref": "#/components/schemas/MessageType"},
                  "priority": {"$ref": "#/components/schemas/Priority"},
                  "client": {"type": "string"},
                  "created_at": {"$ref": "#/components/schemas/Time"},
                  "updated_at": {"$ref": "#/components/schemas/Time"},
                  "send_at": {"$ref": "#/components/schemas/TimeOrNull"},
                  "expires_at": {"$ref": "#/components/schemas/Time"},
                  "on_ambiguous": {"anyOf": [{"$ref": "#/components/schemas/AmbiguityPolicy"}, {"type": "null"}]},
                  "metadata": {"$ref": "#/components/schemas/Metadata"},
                  "tags": {"$ref": "#/components/schemas/Tags"},
                  "traceparent": {"type": "string"},
                  "resend_of": {"anyOf": [{"$ref": "#/components/schemas/MessageID"}, {"type": "null"}]},
                  "provider": {"type": ["string", "null"], "description": "The last one that was tried."},
                  "provider_message_id": {"type": ["string", "null"]},
                  "cost": {
                    "anyOf": [
                      {
                        "type": "object",
                        "required": ["micros", "currency"],
                        "properties": {"micros": {"type": "integer", "description": "Micro-units of the currency."}, "currency": {"type": "string"}},
                        "additionalProperties": false
                      },
                      {"type": "null"}
                    ]
                  },
                  "deliveries": {
                    "type": "object",
                    "required": ["total", "by_state"],
                    "properties": {
                      "total": {"type": "integer", "minimum": 0},
                      "by_state": {"type": "object", "propertyNames": {"$ref": "#/components/schemas/Status"}, "additionalProperties": {"type": "integer", "minimum": 1}}
                    },
                    "additionalProperties": false
                  }
                }
              },
              "Message": {
                "allOf": [{"$ref": "#/components/schemas/MessageSummary"}],
                "type": "object",
                "required": ["from", "reply_to", "to", "content", "template", "segments", "recipients", "attempts", "events"],
                "properties": {
                  "from": {"anyOf": [{"$ref": "#/components/schemas/Mailbox"}, {"$ref": "#/components/schemas/TextSender"}, {"type": "null"}]},
                  "reply_to": {"anyOf": [{"$ref": "#/components/schemas/Mailbox"}, {"type": "null"}]},
                  "to": {
                    "description": "Email's and push's are lists: of addresses, and of what it went to.",
                    "anyOf": [
                      {"type": "array", "items": {"$ref": "#/components/schemas/Mailbox"}},
                      {"type": "object", "required": ["phone"], "properties": {"phone": {"type": "string"}}, "additionalProperties": false},
                      {"type": "array", "items": {"anyOf": [{"$ref": "#/components/schemas/PushTarget"}, {"$ref": "#/components/schemas/PushDevice"}]}},
                      {"type": "null"}
                    ]
                  },
                  "content": {
                    "description": "null once its retention is over; from, reply_to, to, template and segments then are, too. Empty where providers' own templates say it all.",
                    "anyOf": [
                      {"$ref": "#/components/schemas/EmailContent"},
                      {"$ref": "#/components/schemas/SMSContent"},
                      {"$ref": "#/components/schemas/WhatsAppContent"},
                      {"$ref": "#/components/schemas/VoiceContent"},
                      {"$ref": "#/components/schemas/PushContent"},
                      {"type": "object", "maxProperties": 0},
                      {"type": "null"}
                    ]
                  },
                  "template": {"anyOf": [{"$ref": "#/components/schemas/Template"}, {"type": "null"}], "description": "What the content was made from."},
                  "segments": {"$ref": "#/components/schemas/Segments"},
                  "recipients": {"type": "array", "items": {"$ref": "#/components/schemas/Recipient"}},
                  "attempts": {"type": "array", "items": {"$ref": "#/components/schemas/Attempt"}},
                  "events": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}
                },
                "unevaluatedProperties": false
              },
              "Recipient": {
                "type": "object",
                "required": ["role", "address", "status", "status_reason", "provider", "provider_message_id", "updated_at"],
                "properties": {
                  "role": {"enum": ["to", "cc", "bcc"]},
                  "address": {"type": ["string", "null"]},
                  "status": {"$ref": "#/components/schemas/Status"},
                  "status_reason": {"type": ["string", "null"]},
                  "provider": {"type": ["string", "null"]},
                  "provider_message_id": {"type": ["string", "null"]},
                  "updated_at": {"$ref": "#/components/schemas/Time"}
                },
                "additionalProperties": false
              },
              "Attempt": {
                "type": "object",
                "required": ["id", "provider", "started_at", "duration_ms", "outcome", "reason", "http_status", "provider_code", "detail"],
                "properties": {
                  "id": {"type": "string", "pattern": "^att_[0-9A-HJKMNP-TV-Z]{26}$"},
                  "provider": {"type": "string"},
                  "delivery": {"type": "integer", "minimum": 0, "description": "Which of the deliveries it was for, from 0, where each device is sent to by itself."},
                  "started_at": {"$ref": "#/components/schemas/Time"},
                  "duration_ms": {"type": ["integer", "null"], "minimum": 0, "description": "null, as all that follows, while the attempt is under way."},
                  "outcome": {"enum": ["accepted", \#(Failure.Kind.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")), null]},
                  "reason": {"enum": [\#(Failure.Kind.allCases.map { "\"\($0.meaning)\"" }.joined(separator: ", ")), null], "description": "What the outcome means, always in the same words; null for accepted."},
                  "http_status": {"type": ["integer", "null"]},
                  "provider_code": {"type": ["string", "null"], "description": "The provider's own code or reply."},
                  "detail": {"type": ["string", "null"], "description": "What the provider or the network said; the words may change."}
                },
                "additionalProperties": false
              },
              "Event": {
                "type": "object",
                "required": ["id", "type", "at", "provider", "detail"],
                "properties": {
                  "id": {"type": "string", "pattern": "^evt_[0-9A-HJKMNP-TV-Z]{26}$"},
                  "type": {"$ref": "#/components/schemas/EventType"},
                  "at": {"$ref": "#/components/schemas/Time"},
                  "provider": {"type": ["string", "null"]},
                  "detail": {"type": ["string", "null"]}
                },
                "additionalProperties": false
              },
              "FeedEvent": {
                "type": "object",
                "required": ["id", "type", "message_id", "at", "provider", "detail", "metadata"],
                "properties": {
                  "id": {"type": "string", "pattern": "^evt_[0-9A-HJKMNP-TV-Z]{26}$"},
                  "type": {"$ref": "#/components/schemas/EventType"},
                  "message_id": {"$ref": "#/components/schemas/MessageID"},
                  "at": {"$ref": "#/components/schemas/Time"},
                  "provider": {"type": ["string", "null"]},
                  "detail": {"type": ["string", "null"]},
                  "metadata": {"$ref": "#/components/schemas/Metadata"}
                },
                "additionalProperties": false
              },
              "EventType": {
                "enum": [\#(EventType.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))]
              },
              "MessagePage": {
                "type": "object",
                "required": ["data", "next"],
                "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/MessageSummary"}}, "next": {"$ref": "#/components/schemas/Cursor"}},
                "additionalProperties": false
              },
              "EventPage": {
                "type": "object",
                "required": ["data", "next"],
                "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/FeedEvent"}}, "next": {"$ref": "#/components/schemas/Cursor"}},
                "additionalProperties": false
              },
              "Explanation": {
                "type": "object",
                "required": ["message_id", "rounds"],
                "properties": {
                  "message_id": {"anyOf": [{"$ref": "#/components/schemas/MessageID"}, {"type": "null"}], "description": "null for a message that was not sent."},
                  "rounds": {"type": "array", "items": {"$ref": "#/components/schemas/RoutingDecision"}}
                },
                "additionalProperties": false
              },
              "RoutingDecision": {
                "type": "object",
                "description": "One look at the candidates. A round may hold several, where a message waited or went on to the next.",
                "required": ["round", "at", "rule", "strategy", "config_version", "considered"],
                "properties": {
                  "round": {"type": "integer", "minimum": 1},
                  "delivery": {"type": "integer", "minimum": 0, "description": "Which of the message's deliveries it is about, from 0, where each device is sent to by itself."},
                  "at": {"$ref": "#/components/schemas/Time"},
                  "rule": {"type": ["integer", "null"], "minimum": 0, "description": "Which of the route's rules matched, from 0; null: none."},
                  "strategy": {"enum": ["priority", "weighted", "round_robin", "least_cost", "fastest"]},
                  "config_version": {"type": "string"},
                  "considered": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": ["provider", "verdict"],
                      "properties": {
                        "provider": {"type": "string"},
                        "verdict": {"enum": ["taken", "tried", "unable", "disabled", "overridden", "breaker_open", "breaker_probing", "resting", "rate_limited", "busy", "not_needed"]},
                        "detail": {"type": "string", "description": "What it cannot carry, or why it is disabled."},
                        "until": {"$ref": "#/components/schemas/Time"}
                      },
                      "additionalProperties": false
                    }
                  }
                },
                "additionalProperties": false
              },
              "MessageFilter": {
                "type": "object",
                "properties": {
                  "channel": {"$ref": "#/components/schemas/Channel"},
                  "status": {"type": "string", "description": "One or more, with commas between."},
                  "type": {"$ref": "#/components/schemas/MessageType"},
                  "to": {"type": "string", "minLength": 1, "maxLength": 320},
                  "tag": {"type": "string", "minLength": 1, "maxLength": 50},
                  "created_after": {"type": "string", "format": "date-time"},
                  "created_before": {"type": "string", "format": "date-time"},
                  "reason": {"type": "string", "minLength": 1, "maxLength": 320}
                },
                "additionalProperties": false,
                "description": "The list's parameters; {} means all."
              },
              "MessageIDs": {"type": "array", "minItems": 1, "maxItems": 1000, "uniqueItems": true, "items": {"$ref": "#/components/schemas/MessageID"}},
              "DeadLetterReplay": {
                "type": "object",
                "oneOf": [{"required": ["ids"]}, {"required": ["filter"]}],
                "properties": {
                  "ids": {"$ref": "#/components/schemas/MessageIDs"},
                  "filter": {"$ref": "#/components/schemas/MessageFilter"},
                  "dry_run": {"type": "boolean", "default": false}
                },
                "additionalProperties": false
              },
              "DeadLetterPurge": {
                "type": "object",
                "required": ["reason"],
                "oneOf": [{"required": ["ids"]}, {"required": ["filter"]}],
                "properties": {
                  "ids": {"$ref": "#/components/schemas/MessageIDs"},
                  "filter": {"$ref": "#/components/schemas/MessageFilter"},
                  "reason": {"$ref": "#/components/schemas/Reason"},
                  "dry_run": {"type": "boolean", "default": false}
                },
                "additionalProperties": false
              },
              "DeadLetterResolution": {
                "type": "object",
                "required": ["ids", "as", "reason"],
                "properties": {
                  "ids": {"$ref": "#/components/schemas/MessageIDs"},
                  "as": {"enum": ["sent", "failed", "resend"]},
                  "reason": {"$ref": "#/components/schemas/Reason"}
                },
                "additionalProperties": false
              },
              "ReplayResult": \#(bulkResult("replayed")),
              "PurgeResult": \#(bulkResult("purged")),
              "ResolveResult": \#(bulkResult("resolved"))
        """#

    /// What a procedure over many messages touched; `word` says what it did to them.
    private static func bulkResult(_ word: String) -> String {
        #"""
        {
                "type": "object",
                "required": ["\#(word)", "deliveries", "dry_run", "ids"],
                "properties": {
                  "\#(word)": {"type": "integer", "minimum": 0, "description": "Messages."},
                  "deliveries": {"type": "integer", "minimum": 0},
                  "dry_run": {"type": "boolean"},
                  "ids": {"type": "array", "maxItems": 1000, "items": {"$ref": "#/components/schemas/MessageID"}}
                },
                "additionalProperties": false
              }
        """#
    }
}
