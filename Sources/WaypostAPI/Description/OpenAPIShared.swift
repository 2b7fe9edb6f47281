extension OpenAPIDocument {
    static let parameters = #"""
              "MessageID": {"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/MessageID"}},
              "IdempotencyKey": {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "pattern": "^[ -~]{1,255}$"}, "description": "Kept 24 h with what the request commits; an answer that commits nothing is not kept. The same key with the same request gets the first answer again, with another one 422, and 409 while the first is under way. A POST that never commits anything takes a key and makes no use of it."},
              "RequestID": {"name": "X-Request-Id", "in": "header", "schema": {"type": "string"}, "description": "Taken over where it is 1 to 64 of A-Z, a-z, 0-9, _ and -."},
              "Traceparent": {"name": "traceparent", "in": "header", "schema": {"type": "string"}, "description": "W3C Trace Context; taken up or begun."},
              "Limit": {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}},
              "After": {"name": "after", "in": "query", "schema": {"type": "string"}, "description": "next of the page before."},
              "FilterChannel": {"name": "channel", "in": "query", "schema": {"$ref": "#/components/schemas/Channel"}},
              "FilterStatus": {"name": "status", "in": "query", "style": "form", "explode": false, "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Status"}}, "description": "One or more, with commas between."},
              "FilterType": {"name": "type", "in": "query", "schema": {"$ref": "#/components/schemas/MessageType"}},
              "FilterTo": {"name": "to", "in": "query", "schema": {"type": "string", "minLength": 1, "maxLength": 320}, "description": "One recipient's address. A + stands for itself."},
              "FilterTag": {"name": "tag", "in": "query", "schema": {"type": "string", "minLength": 1, "maxLength": 50}},
              "FilterCreatedAfter": {"name": "created_after", "in": "query", "schema": {"type": "string", "format": "date-time"}, "description": "From this moment on."},
              "FilterCreatedBefore": {"name": "created_before", "in": "query", "schema": {"type": "string", "format": "date-time"}, "description": "Up to this moment, not including it."},
              "FilterReason": {"name": "reason", "in": "query", "schema": {"type": "string", "minLength": 1, "maxLength": 320}}
        """#

    static let headers = #"""
              "RequestID": {"schema": {"type": "string"}, "description": "The caller's, or one of ours."},
              "IdempotentReplayed": {"schema": {"enum": ["true"]}, "description": "This is the first answer again."},
              "RateLimitPolicy": {"schema": {"type": "string"}, "example": "\"client\";q=1000;w=1"},
              "RateLimit": {"schema": {"type": "string"}, "example": "\"client\";r=12;t=1"},
              "RetryAfter": {"schema": {"type": "integer", "minimum": 1}, "description": "Seconds."}
        """#

    static let responses = [
        response(
            "Malformed",
            "malformed: not JSON, wrong types, unknown fields or parameters. Values that cannot be right are listed too."
        ),
        response("Unauthorized", "unauthorized", header: #""WWW-Authenticate": {"schema": {"type": "string"}}"#),
        response("Forbidden", "forbidden: the scope or the address does not allow it."),
        response("NotFound", "not_found: also another client's message."),
        response("Conflict", "idempotency_in_progress, diagnostics_running, or too_late: the message has left."),
        response("LengthRequired", "length_required"),
        response("TooLarge", "too_large: the body is over max_body."),
        response("UnsupportedMediaType", "unsupported_media_type: the body is not said to be JSON."),
        response(
            "Invalid",
            "invalid, idempotency_mismatch, consent_required, content_rejected, no_route or missing_variable: well-formed, but a value cannot be right. All are listed."
        ),
        response("Limited", "client_limited or recipient_limited", header: retryAfter),
        response("Unavailable", "queue_full, draining or store_unavailable", header: retryAfter),
    ].joined(separator: ",\n")

    private static let retryAfter = ##""Retry-After": {"$ref": "#/components/headers/RetryAfter"}"##

    private static func response(_ name: String, _ description: String, header: String = "") -> String {
        """
              "\(name)": {
                "description": "\(description)",
                "headers": {\(header)},
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              }
        """
    }

    static let sharedSchemas = #"""
              "MessageID": {"type": "string", "pattern": "^msg_[0-9A-HJKMNP-TV-Z]{26}$"},
              "Time": {"type": "string", "format": "date-time", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$"},
              "TimeOrNull": {"anyOf": [{"$ref": "#/components/schemas/Time"}, {"type": "null"}]},
              "Duration": {"type": "string", "pattern": "^[0-9]{1,15}(ms|s|m|h|d)$", "description": "More than zero, at most 365d.", "examples": ["10s", "24h"]},
              "Cursor": {"type": ["string", "null"], "description": "Opaque; null on the last page."},
              "Reason": {"type": "string", "minLength": 1, "maxLength": 500, "description": "For the audit trail; one line."},
              "Channel": {"enum": ["email", "sms", "whatsapp", "voice", "push", "realtime"], "description": "This version carries all but realtime, which is answered with no_route."},
              "MessageType": {"enum": ["transactional", "notification", "marketing"], "default": "transactional"},
              "Priority": {"enum": ["urgent", "normal", "bulk"], "default": "normal"},
              "AmbiguityPolicy": {"enum": ["reconcile", "resend", "hold"], "description": "What to do about an attempt whose outcome nobody knows."},
              "Status": {"enum": ["scheduled", "queued", "sending", "sent", "delivered", "undelivered", "failed", "dead", "suppressed", "expired", "canceled", "in_doubt"]},
              "Problem": {
                "type": "object",
                "description": "RFC 9457.",
                "required": ["type", "title", "status", "detail", "code", "retryable", "request_id"],
                "properties": {
                  "type": {"type": "string", "format": "uri", "pattern": "^urn:waypost:problem:[a-z_]+$"},
                  "title": {"type": "string"},
                  "status": {"type": "integer", "minimum": 400, "maximum": 599},
                  "detail": {"type": "string"},
                  "code": {"$ref": "#/components/schemas/ProblemCode"},
                  "retryable": {"type": "boolean"},
                  "request_id": {"type": "string"},
                  "errors": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": ["pointer", "detail"],
                      "properties": {
                        "pointer": {"type": "string", "description": "In a body its JSON pointer (RFC 6901), empty for the whole body; of the query ? and the parameter's name; of the headers the field's name."},
                        "detail": {"type": "string"}
                      },
                      "additionalProperties": false
                    }
                  }
                },
                "additionalProperties": false
              },
              "ProblemCode": {"enum": [\#(ProblemCode.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))]}
        """#
}
