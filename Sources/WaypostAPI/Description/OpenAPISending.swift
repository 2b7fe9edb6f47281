extension OpenAPIDocument {
    static let sendingPaths = #"""
            "/v1/messages": {
              "post": {
                "operationId": "sendMessage",
                "tags": ["sending"],
                "summary": "Send a message",
                "description": "202 once it is on disk. With Prefer: wait=N the answer is held until the first attempt is over: 200 and the whole message, or 202 when it is not over by then. With dry_run everything is checked and routed, and nothing is kept or sent.",
                "parameters": [
                  {"$ref": "#/components/parameters/IdempotencyKey"},
                  {"$ref": "#/components/parameters/RequestID"},
                  {"$ref": "#/components/parameters/Traceparent"},
                  {"name": "Prefer", "in": "header", "schema": {"type": "string"}, "example": "wait=5", "description": "wait=N: hold the answer up to N seconds, at most 30."},
                  {"name": "dry_run", "in": "query", "schema": {"type": "boolean", "default": false}}
                ],
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SendMessage"}}}},
                "responses": {
                  "200": {
                    "description": "The message after its first attempt (Prefer: wait), or the way that it would take (dry_run).",
                    "content": {"application/json": {"schema": {"anyOf": [{"$ref": "#/components/schemas/Message"}, {"$ref": "#/components/schemas/DryRun"}]}}}
                  },
                  "202": {
                    "description": "It is on disk. A suppressed recipient's message is, too, and is never sent.",
                    "headers": {
                      "Location": {"schema": {"type": "string"}, "description": "Where the message is read."},
                      "Idempotent-Replayed": {"$ref": "#/components/headers/IdempotentReplayed"},
                      "X-Request-Id": {"$ref": "#/components/headers/RequestID"},
                      "RateLimit-Policy": {"$ref": "#/components/headers/RateLimitPolicy"},
                      "RateLimit": {"$ref": "#/components/headers/RateLimit"}
                    },
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Accepted"}}}
                  },
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
              },
              "get": {
                "operationId": "listMessages",
                "tags": ["reading"],
                "summary": "List messages, newest first",
                "parameters": [
                  {"$ref": "#/components/parameters/Limit"},
                  {"$ref": "#/components/parameters/After"},
                  {"$ref": "#/components/parameters/FilterChannel"},
                  {"$ref": "#/components/parameters/FilterStatus"},
                  {"$ref": "#/components/parameters/FilterType"},
                  {"$ref": "#/components/parameters/FilterTo"},
                  {"$ref": "#/components/parameters/FilterTag"},
                  {"$ref": "#/components/parameters/FilterCreatedAfter"},
                  {"$ref": "#/components/parameters/FilterCreatedBefore"}
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
            "/v1/messages/batch": {
              "post": {
                "operationId": "sendBatch",
                "tags": ["sending"],
                "summary": "Send up to 1,000 messages",
                "description": "Either whole messages, or what all share once and a list of recipients, each of whom gets a message of their own. One bad message does not spoil the others; the pointers of its problem begin at the root of the batch.",
                "parameters": [
                  {"$ref": "#/components/parameters/IdempotencyKey"},
                  {"$ref": "#/components/parameters/RequestID"},
                  {"$ref": "#/components/parameters/Traceparent"},
                  {"name": "dry_run", "in": "query", "schema": {"type": "boolean", "default": false}}
                ],
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SendBatch"}}}},
                "responses": {
                  "200": {"description": "What would have been accepted (dry_run).", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/BatchRehearsed"}}}},
                  "202": {"description": "The good ones are on disk.", "headers": {"Idempotent-Replayed": {"$ref": "#/components/headers/IdempotentReplayed"}}, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/BatchAccepted"}}}},
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
            "/v1/messages/{id}/cancel": {
              "parameters": [{"$ref": "#/components/parameters/MessageID"}],
              "post": {
                "operationId": "cancelMessage",
                "tags": ["sending"],
                "summary": "Cancel a message that has not left",
                "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
                "responses": {
                  "200": {"description": "It is canceled.", "headers": {"Idempotent-Replayed": {"$ref": "#/components/headers/IdempotentReplayed"}}, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "422": {"$ref": "#/components/responses/Invalid"},
                  "429": {"$ref": "#/components/responses/Limited"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/messages/{id}/resend": {
              "parameters": [{"$ref": "#/components/parameters/MessageID"}],
              "post": {
                "operationId": "resendMessage",
                "tags": ["sending"],
                "summary": "Send the same again as a new message",
                "description": "The new message names the old one in resend_of.",
                "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
                "responses": {
                  "202": {"description": "The new message is on disk.", "headers": {"Idempotent-Replayed": {"$ref": "#/components/headers/IdempotentReplayed"}}, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Accepted"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "422": {"$ref": "#/components/responses/Invalid"},
                  "429": {"$ref": "#/components/responses/Limited"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            }
        """#

    static let sendingSchemas = #"""
              "Address": {
                "description": "An email address alone, or with the name shown beside it.",
                "oneOf": [{"$ref": "#/components/schemas/EmailAddress"}, {"$ref": "#/components/schemas/Mailbox"}]
              },
              "EmailAddress": {"type": "string", "maxLength": 254, "description": "RFC 5321, at most 64 octets before the @; a domain of at least two labels, IDN allowed."},
              "Mailbox": {
                "type": "object",
                "required": ["email"],
                "properties": {
                  "email": {"$ref": "#/components/schemas/EmailAddress"},
                  "name": {"type": "string", "minLength": 1, "maxLength": 256}
                },
                "additionalProperties": false
              },
              "Addresses": {
                "description": "to, cc and bcc together hold at most 50 addresses, none of them twice.",
                "oneOf": [
                  {"$ref": "#/components/schemas/EmailAddress"},
                  {"$ref": "#/components/schemas/Mailbox"},
                  {"type": "array", "minItems": 1, "maxItems": 50, "items": {"$ref": "#/components/schemas/Address"}}
                ]
              },
              "Metadata": {
                "type": "object",
                "maxProperties": 20,
                "propertyNames": {"minLength": 1, "maxLength": 40},
                "additionalProperties": {"type": "string", "maxLength": 500},
                "description": "Kept and handed back in events; never sent to a provider."
              },
              "Tags": {"type": "array", "maxItems": 10, "uniqueItems": true, "items": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,50}$"}},
              "EmailContent": {
                "type": "object",
                "required": ["subject"],
                "anyOf": [{"required": ["text"]}, {"required": ["html"]}],
                "properties": {
                  "subject": {"type": "string", "minLength": 1, "maxLength": 998, "description": "One line."},
                  "text": {"type": "string", "minLength": 1},
                  "html": {"type": "string", "minLength": 1},
                  "cc": {"$ref": "#/components/schemas/Addresses"},
                  "bcc": {"$ref": "#/components/schemas/Addresses"},
                  "headers": {
                    "type": "object",
                    "maxProperties": 50,
                    "additionalProperties": {"type": "string", "maxLength": 995},
                    "description": "Further header fields. Refused: From, To, Cc, Bcc, Subject, Reply-To, Sender, Date, Message-ID, MIME-Version, Received, Return-Path, DKIM-Signature, Authentication-Results, X-SMTPAPI, Content-*, Resent-*, ARC-*, X-Waypost-*, X-SES-*, X-SG-*; List-Unsubscribe and List-Unsubscribe-Post beside unsubscribe_url."
                  },
                  "attachments": {"type": "array", "maxItems": 100, "items": {"$ref": "#/components/schemas/Attachment"}},
                  "tracking": {
                    "type": "object",
                    "properties": {"opens": {"type": "boolean"}, "clicks": {"type": "boolean"}, "unsubscribe": {"type": "boolean"}},
                    "additionalProperties": false
                  },
                  "unsubscribe_url": {"type": "string", "format": "uri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]://", "maxLength": 2000, "description": "Adds the one-click headers of RFC 8058."}
                },
                "additionalProperties": false
              },
              "Attachment": {
                "type": "object",
                "required": ["filename", "content"],
                "properties": {
                  "filename": {"type": "string", "minLength": 1, "maxLength": 255, "description": "Without a path."},
                  "content_type": {"type": "string", "default": "application/octet-stream", "description": "type/subtype, not multipart."},
                  "content": {"type": "string", "contentEncoding": "base64", "minLength": 4, "description": "RFC 4648 section 4, padded, no line breaks."},
                  "inline_id": {"type": "string", "pattern": "^[A-Za-z0-9._@-]{1,128}$", "description": "Shown within the HTML as cid:."}
                },
                "additionalProperties": false
              },
              "Template": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}, "variables": {"$ref": "#/components/schemas/Variables"}},
                "additionalProperties": false,
                "description": "A name from the configuration. What the template writes and the variables lack is answered with missing_variable, every name at once; a name that only opens a section may be absent."
              },
              "Variables": {"type": "object", "description": "Texts, numbers, flags, lists and objects. In HTML they are escaped."},
              "SendCommon": {
                "type": "object",
                "required": ["channel", "to"],
                "properties": {
                  "channel": {"$ref": "#/components/schemas/Channel"},
                  "type": {"$ref": "#/components/schemas/MessageType"},
                  "priority": {"$ref": "#/components/schemas/Priority"},
                  "template": {"$ref": "#/components/schemas/Template"},
                  "send_at": {"type": "string", "format": "date-time", "description": "At most 35 days ahead."},
                  "ttl": {"$ref": "#/components/schemas/Duration"},
                  "metadata": {"$ref": "#/components/schemas/Metadata"},
                  "tags": {"$ref": "#/components/schemas/Tags"},
                  "on_ambiguous": {"$ref": "#/components/schemas/AmbiguityPolicy"}
                },
                "oneOf": [{"required": ["content"]}, {"required": ["template"]}]
              },
              "SendMessage": {
                "oneOf": [
                  {"$ref": "#/components/schemas/SendEmail"},
                  {"$ref": "#/components/schemas/SendSMS"},
                  {"$ref": "#/components/schemas/SendWhatsApp"},
                  {"$ref": "#/components/schemas/SendVoice"},
                  {"$ref": "#/components/schemas/SendPush"}
                ],
                "discriminator": {
                  "propertyName": "channel",
                  "mapping": {
                    "email": "#/components/schemas/SendEmail",
                    "sms": "#/components/schemas/SendSMS",
                    "whatsapp": "#/components/schemas/SendWhatsApp",
                    "voice": "#/components/schemas/SendVoice",
                    "push": "#/components/schemas/SendPush"
                  }
                },
                "examples": [
                  {"channel": "email", "to": {"email": "jane@example.com", "name": "Jane"}, "content": {"subject": "Your order", "text": "It is on its way."}, "metadata": {"order": "42"}},
                  {"channel": "sms", "to": "+14155550100", "template": {"id": "order-shipped", "variables": {"order": "42"}}}
                ]
              },
              "SendEmail": {
                "allOf": [{"$ref": "#/components/schemas/SendCommon"}],
                "properties": {
                  "channel": {"const": "email"},
                  "to": {"$ref": "#/components/schemas/Addresses"},
                  "content": {"$ref": "#/components/schemas/EmailContent"},
                  "reply_to": {"$ref": "#/components/schemas/Address"},
                  "from": {"$ref": "#/components/schemas/Address"}
                },
                "unevaluatedProperties": false
              },
              "SendSMS": {
                "allOf": [{"$ref": "#/components/schemas/SendCommon"}],
                "properties": {
                  "channel": {"const": "sms"},
                  "to": {"$ref": "#/components/schemas/Phone"},
                  "content": {"$ref": "#/components/schemas/SMSContent"},
                  "from": {"$ref": "#/components/schemas/TextSender"}
                },
                "unevaluatedProperties": false
              },
              "SendWhatsApp": {
                "allOf": [{"$ref": "#/components/schemas/SendCommon"}],
                "properties": {
                  "channel": {"const": "whatsapp"},
                  "to": {"$ref": "#/components/schemas/Phone"},
                  "content": {"$ref": "#/components/schemas/WhatsAppContent"},
                  "from": {"$ref": "#/components/schemas/PhoneNumber"}
                },
                "unevaluatedProperties": false
              },
              "SendVoice": {
                "allOf": [{"$ref": "#/components/schemas/SendCommon"}],
                "properties": {
                  "channel": {"const": "voice"},
                  "to": {"$ref": "#/components/schemas/Phone"},
                  "content": {"$ref": "#/components/schemas/VoiceContent"},
                  "from": {"$ref": "#/components/schemas/PhoneNumber"}
                },
                "unevaluatedProperties": false
              },
              "SendPush": {
                "allOf": [{"$ref": "#/components/schemas/SendCommon"}],
                "properties": {
                  "channel": {"const": "push"},
                  "to": {"$ref": "#/components/schemas/PushTarget"},
                  "content": {"$ref": "#/components/schemas/PushContent"}
                },
                "unevaluatedProperties": false
              },
              "SendBatch": {
                "oneOf": [
                  {
                    "type": "object",
                    "required": ["messages"],
                    "properties": {"messages": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"$ref": "#/components/schemas/SendMessage"}}},
                    "additionalProperties": false
                  },
                  {
                    "type": "object",
                    "required": ["channel", "recipients"],
                    "oneOf": [{"required": ["content"]}, {"required": ["template"]}],
                    "properties": {
                      "channel": {"$ref": "#/components/schemas/Channel"},
                      "type": {"$ref": "#/components/schemas/MessageType"},
                      "priority": {"$ref": "#/components/schemas/Priority"},
                      "content": {
                        "description": "The channel's.",
                        "anyOf": [
                          {"$ref": "#/components/schemas/EmailContent"},
                          {"$ref": "#/components/schemas/SMSContent"},
                          {"$ref": "#/components/schemas/WhatsAppContent"},
                          {"$ref": "#/components/schemas/VoiceContent"},
                          {"$ref": "#/components/schemas/PushContent"}
                        ]
                      },
                      "template": {"$ref": "#/components/schemas/Template"},
                      "send_at": {"type": "string", "format": "date-time"},
                      "ttl": {"$ref": "#/components/schemas/Duration"},
                      "metadata": {"$ref": "#/components/schemas/Metadata"},
                      "tags": {"$ref": "#/components/schemas/Tags"},
                      "on_ambiguous": {"$ref": "#/components/schemas/AmbiguityPolicy"},
                      "reply_to": {"$ref": "#/components/schemas/Address"},
                      "from": {"anyOf": [{"$ref": "#/components/schemas/Address"}, {"$ref": "#/components/schemas/TextSender"}]},
                      "recipients": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 1000,
                        "items": {
                          "type": "object",
                          "required": ["to"],
                          "properties": {
                            "to": {
                              "description": "The channel's.",
                              "anyOf": [
                                {"$ref": "#/components/schemas/Addresses"},
                                {"$ref": "#/components/schemas/Phone"},
                                {"$ref": "#/components/schemas/PushTarget"}
                              ]
                            },
                            "variables": {"$ref": "#/components/schemas/Variables", "description": "For a template; they win over the shared ones."},
                            "metadata": {"$ref": "#/components/schemas/Metadata"}
                          },
                          "additionalProperties": false
                        }
                      }
                    },
                    "additionalProperties": false
                  }
                ]
              },
              "Accepted": {
                "type": "object",
                "required": ["id", "status", "channel", "created_at"],
                "properties": {
                  "id": {"$ref": "#/components/schemas/MessageID"},
                  "status": {"$ref": "#/components/schemas/Status"},
                  "channel": {"$ref": "#/components/schemas/Channel"},
                  "created_at": {"$ref": "#/components/schemas/Time"}
                },
                "additionalProperties": false
              },
              "DryRun": {
                "type": "object",
                "required": ["dry_run", "status", "channel", "deliveries", "segments"],
                "properties": {
                  "dry_run": {"const": true},
                  "status": {"enum": ["queued", "scheduled", "suppressed"]},
                  "status_reason": {"type": "string", "description": "Why it would be held, and until when."},
                  "channel": {"$ref": "#/components/schemas/Channel"},
                  "deliveries": {"type": "integer", "minimum": 1},
                  "suppressed": {
                    "type": "array",
                    "minItems": 1,
                    "description": "Recipients that would get nothing.",
                    "items": {
                      "type": "object",
                      "required": ["pointer", "reason"],
                      "properties": {"pointer": {"type": "string"}, "reason": {"$ref": "#/components/schemas/SuppressionReason"}},
                      "additionalProperties": false
                    }
                  },
                  "segments": {"$ref": "#/components/schemas/Segments"},
                  "decision": {"$ref": "#/components/schemas/RoutingDecision"}
                },
                "additionalProperties": false
              },
              "BatchRehearsed": {
                "type": "object",
                "required": ["results", "accepted", "rejected"],
                "properties": {
                  "results": {
                    "type": "array",
                    "items": {
                      "oneOf": [
                        {"$ref": "#/components/schemas/DryRun"},
                        {
                          "type": "object",
                          "required": ["error"],
                          "properties": {"error": {"$ref": "#/components/schemas/Problem"}},
                          "additionalProperties": false
                        }
                      ]
                    }
                  },
                  "accepted": {"type": "integer", "minimum": 0},
                  "rejected": {"type": "integer", "minimum": 0}
                },
                "additionalProperties": false
              },
              "BatchAccepted": {
                "type": "object",
                "required": ["results", "accepted", "rejected"],
                "properties": {
                  "results": {
                    "type": "array",
                    "items": {
                      "oneOf": [
                        {
                          "type": "object",
                          "required": ["id", "status"],
                          "properties": {"id": {"$ref": "#/components/schemas/MessageID"}, "status": {"$ref": "#/components/schemas/Status"}},
                          "additionalProperties": false
                        },
                        {
                          "type": "object",
                          "required": ["error"],
                          "properties": {"error": {"$ref": "#/components/schemas/Problem"}},
                          "additionalProperties": false
                        }
                      ]
                    }
                  },
                  "accepted": {"type": "integer", "minimum": 0},
                  "rejected": {"type": "integer", "minimum": 0}
                },
                "additionalProperties": false
              }
        """#
}
