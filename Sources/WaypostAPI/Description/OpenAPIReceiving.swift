extension OpenAPIDocument {
    static let receivingPaths = #"""
            "/webhooks/{provider}": {
              "parameters": [{"name": "provider", "in": "path", "required": true, "schema": {"type": "string"}, "description": "The name of an entry of providers."}],
        \#(callback("post", "receiveCallback")),
        \#(callback("get", "receiveCallbackByGet"))
            },
            "/webhooks/{provider}/{topic}": {
              "parameters": [
                {"name": "provider", "in": "path", "required": true, "schema": {"type": "string"}, "description": "The name of an entry of providers."},
                {"name": "topic", "in": "path", "required": true, "schema": {"enum": ["status", "inbound", "voice", "recording"]}}
              ],
        \#(callback("post", "receiveTopic")),
        \#(callback("get", "receiveTopicByGet"))
            },
            "/webhooks/incoming/{name}": {
              "parameters": [{"name": "name", "in": "path", "required": true, "schema": {"type": "string"}, "description": "Of an entry of events.incoming."}],
              "post": {
                "operationId": "receiveIncoming",
                "tags": ["callbacks"],
                "summary": "A callback of a sender that is none of the providers",
                "description": "Signed in Stripe's or in Standard Webhooks' form, an object in JSON. A signed time may lie 10 minutes off, or what webhook_tolerance of the entry says. It is passed on as the event webhook.received, once for each of the sender's event ids within 24 hours.",
                "security": [],
                "responses": {
                  "200": {"description": "It is on disk, now or since the first time.", "content": {"application/json": {"schema": {"type": "object", "required": ["received"], "properties": {"received": {"const": true}}, "additionalProperties": false}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            }
        """#

    static let receivingSchemas = ""

    private static func callback(_ method: String, _ id: String) -> String {
        #"""
              "\#(method)": {
                "operationId": "\#(id)",
                "tags": ["callbacks"],
                "summary": "What a provider tells by itself",
                "description": "In the provider's own form, proved by its own signature. Answered 200 once it is on disk; the same event again is 200 and changes nothing for 24 hours. A signature that does not hold is 403, without a reason. GET is for MessageBird.",
                "security": [],
                "responses": {
                  "200": {"description": "In the form that the provider wants to see.", "content": {"text/plain": {"schema": {"type": "string"}}, "text/xml": {"schema": {"type": "string"}}}},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
        """#
    }
}
