extension OpenAPIDocument {
    static let ratePaths = #"""
            "/v1/delivery-rates": {
              "get": {
                "operationId": "listDeliveryRates",
                "tags": ["reading"],
                "summary": "What became of what was sent, by channel, provider and window",
                "description": "Counted in the store, so that a restart does not reset it; at most a second old. What was taken by a provider that never tells what became of it counts as delivered for its channel, and the provider has no lines of its own. The windows are those of metrics.delivery_windows.",
                "parameters": [
                  {"name": "channel", "in": "query", "schema": {"$ref": "#/components/schemas/Channel"}},
                  {"name": "provider", "in": "query", "description": "One provider's lines alone.", "schema": {"type": "string", "pattern": "^[a-z0-9-]{1,40}$"}}
                ],
                "responses": {
                  "200": {"description": "A line for each channel as a whole and for each provider of it, in each window in which anything was counted.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DeliveryRates"}}}},
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

    static let rateSchemas = #"""
              "DeliveryRates": {
                "type": "object",
                "required": ["data"],
                "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/DeliveryRate"}}},
                "additionalProperties": false
              },
              "DeliveryRate": {
                "type": "object",
                "required": ["channel", "provider", "window", "sent", "delivered", "undelivered", "opened", "clicked", "rate"],
                "properties": {
                  "channel": {"$ref": "#/components/schemas/Channel"},
                  "provider": {"type": ["string", "null"], "description": "null: the channel as a whole, in which what went on to another provider counts once."},
                  "window": {"type": "string", "examples": ["24h"]},
                  "sent": {"type": "integer", "minimum": 0},
                  "delivered": {"type": "integer", "minimum": 0},
                  "undelivered": {"type": "integer", "minimum": 0},
                  "opened": {"type": "integer", "minimum": 0},
                  "clicked": {"type": "integer", "minimum": 0},
                  "rate": {"type": ["number", "null"], "minimum": 0, "maximum": 100, "description": "Delivered of sent, in percent; null when nothing was sent."}
                },
                "additionalProperties": false
              }
        """#
}
