extension OpenAPIDocument {
    static let alertPaths = #"""
            "/v1/alerts": {
              "post": {
                "operationId": "sendAlerts",
                "tags": ["sending"],
                "summary": "What Alertmanager tells a webhook, as a message to each recipient",
                "description": "For a webhook_config of Alertmanager: the recipients stand in the URL. The messages are notifications and urgent. The same notification (group, status, alerts and when they began) to the same recipients is taken once within the same five minutes of the clock, Alertmanager's default group_interval, so that what it repeats for want of an answer is not sent twice while its reminders are; an Idempotency-Key of the caller's goes before that. Where no message at all can be taken, the answer is the first one's problem.",
                "parameters": [
                  {"name": "channel", "in": "query", "required": true, "schema": {"enum": ["email", "sms", "whatsapp", "voice", "push"]}},
                  {"name": "to", "in": "query", "required": true, "schema": {"type": "array", "minItems": 1, "maxItems": 20, "items": {"type": "string"}}, "explode": true, "description": "An address or a number, for push a user; several times for several. A + stands for itself."},
                  {"name": "template", "in": "query", "schema": {"type": "string"}, "description": "A template of the configuration in place of the usual text, with the variables title, text, status, alertname and count."},
                  {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 20, "default": 5}, "description": "How many alerts are listed."},
                  {"$ref": "#/components/parameters/IdempotencyKey"},
                  {"$ref": "#/components/parameters/RequestID"},
                  {"$ref": "#/components/parameters/Traceparent"}
                ],
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AlertNotification"}}}},
                "responses": {
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
            }
        """#

    static let alertSchemas = #"""
              "AlertNotification": {
                "type": "object",
                "description": "Version 4 of Alertmanager's webhook; further members are let be.",
                "required": ["version", "groupKey", "status", "alerts"],
                "properties": {
                  "version": {"const": "4"},
                  "groupKey": {"type": "string"},
                  "status": {"enum": ["firing", "resolved"]},
                  "truncatedAlerts": {"type": "integer", "minimum": 0},
                  "commonLabels": {"type": "object", "additionalProperties": {"type": "string"}},
                  "alerts": {"type": "array", "minItems": 1, "items": {
                    "type": "object",
                    "required": ["status", "labels", "startsAt"],
                    "properties": {
                      "status": {"enum": ["firing", "resolved"]},
                      "labels": {"type": "object", "required": ["alertname"], "additionalProperties": {"type": "string"}},
                      "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
                      "fingerprint": {"type": "string"},
                      "startsAt": {"type": "string"}
                    }
                  }}
                }
              }
        """#
}
