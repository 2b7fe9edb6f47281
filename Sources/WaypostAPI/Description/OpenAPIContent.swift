extension OpenAPIDocument {
    /// Whom messages other than email go to, and what they say.
    static let contentSchemas = #"""
              "PhoneNumber": {"type": "string", "pattern": "^ *\\+[0-9 ./()-]+$", "description": "E.164: + and 7 to 15 digits, the first of them not 0. Blanks, dots, hyphens, slashes and parentheses are dropped."},
              "Phone": {
                "oneOf": [
                  {"$ref": "#/components/schemas/PhoneNumber"},
                  {"type": "object", "required": ["phone"], "properties": {"phone": {"$ref": "#/components/schemas/PhoneNumber"}}, "additionalProperties": false}
                ]
              },
              "TextSender": {"type": "string", "minLength": 1, "maxLength": 32, "description": "A number in E.164, a short code, or a name of 1 to 11 letters, digits and blanks."},
              "WebURL": {"type": "string", "format": "uri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://", "maxLength": 2000},
              "SecureURL": {"type": "string", "format": "uri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]://", "maxLength": 2000},
              "MediaURLs": {"type": "array", "minItems": 1, "maxItems": 10, "items": {"$ref": "#/components/schemas/WebURL"}, "description": "What the provider fetches and attaches."},
              "Language": {"type": "string", "pattern": "^[A-Za-z0-9]{2,8}([_-][A-Za-z0-9]{2,8}){0,3}$", "examples": ["en", "en-GB", "pt_BR"]},
              "SMSContent": {
                "type": "object",
                "anyOf": [{"required": ["text"]}, {"required": ["media_urls"]}],
                "properties": {
                  "text": {"type": "string", "maxLength": 1600, "description": "Characters. Empty only beside media_urls."},
                  "media_urls": {"$ref": "#/components/schemas/MediaURLs"},
                  "validity": {"$ref": "#/components/schemas/Duration", "description": "How long the provider may try: 1s to 10h."},
                  "smart_encoded": {"type": "boolean", "description": "Look-alike letters are replaced by those of the GSM alphabet, where the provider can."},
                  "send_as_mms": {"type": "boolean", "description": "One MMS whatever the length, where the provider can."}
                },
                "additionalProperties": false
              },
              "WhatsAppContent": {
                "type": "object",
                "oneOf": [{"anyOf": [{"required": ["text"]}, {"required": ["media_urls"]}]}, {"required": ["template"]}],
                "properties": {
                  "text": {"type": "string", "maxLength": 1600, "description": "Characters. Empty only beside media_urls."},
                  "media_urls": {"$ref": "#/components/schemas/MediaURLs"},
                  "validity": {"$ref": "#/components/schemas/Duration", "description": "How long the provider may try: 1s to 10h."},
                  "template": {
                    "type": "object",
                    "description": "A template that WhatsApp has approved.",
                    "required": ["name"],
                    "properties": {
                      "name": {"type": "string", "minLength": 1, "maxLength": 512, "description": "The provider's name for it, at Twilio the ContentSid; or a template of the configuration that maps it."},
                      "language": {"$ref": "#/components/schemas/Language", "default": "en"},
                      "variables": {"type": "object", "maxProperties": 100, "additionalProperties": {"type": "string"}}
                    },
                    "additionalProperties": false
                  }
                },
                "additionalProperties": false
              },
              "VoiceContent": {
                "type": "object",
                "oneOf": [{"required": ["say"]}, {"required": ["twiml_url"]}, {"required": ["twiml"]}],
                "properties": {
                  "say": {
                    "type": "object",
                    "required": ["text"],
                    "properties": {
                      "text": {"type": "string", "minLength": 1, "maxLength": 4000, "description": "Characters."},
                      "language": {"$ref": "#/components/schemas/Language"}
                    },
                    "additionalProperties": false
                  },
                  "twiml_url": {"$ref": "#/components/schemas/WebURL"},
                  "twiml": {"type": "string", "minLength": 1, "maxLength": 4000},
                  "record": {"type": "boolean", "default": false},
                  "recording_channels": {"enum": ["mono", "dual"]},
                  "machine_detection": {"enum": ["enable", "detect_message_end"], "description": "enable tells people from machines at once; detect_message_end waits for the end of the machine's greeting."},
                  "async_amd": {"type": "boolean", "default": false, "description": "The call goes on while it is found out who answered."},
                  "timeout": {"$ref": "#/components/schemas/Duration", "description": "How long it may ring: 1s to 10m."}
                },
                "additionalProperties": false
              },
              "PushTarget": {
                "description": "A token of FCM alone, or one of: a device by its token or both its tokens, a user's devices, FCM's topics.",
                "oneOf": [
                  {"$ref": "#/components/schemas/FCMToken"},
                  {
                    "type": "object",
                    "required": ["token"],
                    "properties": {"token": {"$ref": "#/components/schemas/FCMToken"}, "service": {"const": "fcm", "default": "fcm"}, "platform": {"$ref": "#/components/schemas/Platform"}},
                    "additionalProperties": false
                  },
                  {
                    "type": "object",
                    "required": ["token", "service"],
                    "properties": {"token": {"$ref": "#/components/schemas/APNsToken"}, "service": {"const": "apns"}, "platform": {"$ref": "#/components/schemas/Platform"}},
                    "additionalProperties": false
                  },
                  {
                    "type": "object",
                    "anyOf": [{"required": ["fcm_token"]}, {"required": ["apns_token"]}],
                    "properties": {"fcm_token": {"$ref": "#/components/schemas/FCMToken"}, "apns_token": {"$ref": "#/components/schemas/APNsToken"}, "platform": {"$ref": "#/components/schemas/Platform"}},
                    "additionalProperties": false
                  },
                  {"type": "object", "required": ["user"], "properties": {"user": {"type": "string", "minLength": 1, "maxLength": 256}}, "additionalProperties": false},
                  {"type": "object", "required": ["topic"], "properties": {"topic": {"type": "string", "pattern": "^(/topics/)?[A-Za-z0-9_.~%-]{1,900}$"}}, "additionalProperties": false},
                  {"type": "object", "required": ["condition"], "properties": {"condition": {"type": "string", "minLength": 1, "maxLength": 2000, "examples": ["'news' in topics && !('sport' in topics)"]}}, "additionalProperties": false}
                ]
              },
              "PushDevice": {
                "type": "object",
                "description": "A device as the message went to it. user and device are those of the registry.",
                "properties": {
                  "user": {"type": "string"},
                  "device": {"type": "string"},
                  "fcm_token": {"type": "string"},
                  "apns_token": {"type": "string"},
                  "platform": {"$ref": "#/components/schemas/Platform"}
                },
                "required": ["user", "device"],
                "additionalProperties": false
              },
              "PushContent": {
                "type": "object",
                "anyOf": [
                  {"required": ["title"]}, {"required": ["body"]}, {"required": ["image"]}, {"required": ["data"]}, {"required": ["badge"]},
                  {"required": ["sound"]}, {"required": ["android"]}, {"required": ["apns"]}, {"required": ["webpush"]}
                ],
                "properties": {
                  "title": {"type": "string", "minLength": 1, "maxLength": 4096},
                  "body": {"type": "string", "minLength": 1, "maxLength": 4096},
                  "image": {"$ref": "#/components/schemas/SecureURL"},
                  "data": {"type": "object", "maxProperties": 100, "propertyNames": {"minLength": 1, "maxLength": 255}, "additionalProperties": {"type": "string"}},
                  "badge": {"type": "integer", "minimum": 0, "maximum": 2147483647},
                  "sound": {"type": "string", "minLength": 1, "maxLength": 255},
                  "category": {"type": "string", "minLength": 1, "maxLength": 255},
                  "thread_id": {"type": "string", "minLength": 1, "maxLength": 255},
                  "mutable_content": {"type": "boolean"},
                  "collapse_id": {"type": "string", "minLength": 1, "maxLength": 64, "description": "A later notification of the same id replaces the earlier on the device."},
                  "click_action": {"type": "string", "minLength": 1, "maxLength": 2000},
                  "android": {"type": "object", "description": "FCM's block; its members win over ours."},
                  "apns": {
                    "type": "object",
                    "description": "Headers and payload for Apple's devices, by either service; they win over ours.",
                    "properties": {
                      "headers": {"type": "object", "maxProperties": 20, "propertyNames": {"pattern": "^[Aa][Pp][Nn][Ss]-[A-Za-z-]{1,59}$"}, "additionalProperties": {"type": "string", "pattern": "^[ -~]{1,256}$"}},
                      "payload": {"type": "object"}
                    },
                    "additionalProperties": false
                  },
                  "webpush": {"type": "object", "description": "FCM's block."}
                },
                "additionalProperties": false
              },
              "Segments": {
                "description": "Into how many parts a text message is cut, which is what it is billed by; null on other channels, and for what goes out with media.",
                "anyOf": [
                  {
                    "type": "object",
                    "required": ["encoding", "count", "characters"],
                    "properties": {
                      "encoding": {"enum": ["gsm-7", "ucs-2"]},
                      "count": {"type": "integer", "minimum": 1},
                      "characters": {"type": "integer", "minimum": 0}
                    },
                    "additionalProperties": false
                  },
                  {"type": "null"}
                ]
              }
        """#
}
