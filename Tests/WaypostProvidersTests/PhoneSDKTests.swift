import Testing
import WaypostCore
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

/// The makers' own SDKs for Python as a second opinion on what goes over the wire, where they are installed.
@Suite struct PhoneSDKTests {
    // MARK: Twilio

    @Test(.enabled(if: Python.hasTwilio, "Twilio's SDK for Python is not installed"))
    func `Twilio's SDK sends the same message`() throws {
        let content = Fixture.sms("Grüße & 50% = 👋\n+1") {
            $0.from = "+15550100"
            $0.mediaURLs = ["https://x.example/a.png?b=1&c=2", "https://x.example/b.png"]
            $0.validity = .seconds(90)
            $0.smartEncoded = true
            $0.sendAsMMS = false
        }
        let theirs = try twilio(
            "messages",
            [
                "to": "+31612345678", "from_": "+15550100", "body": "Grüße & 50% = 👋\n+1",
                "media_url": ["https://x.example/a.png?b=1&c=2", "https://x.example/b.png"], "validity_period": 90,
                "smart_encoded": true, "send_as_mms": false,
                "status_callback": .string(Fixture.callback("twilio", "status")),
            ])
        try expectSame(Fixture.twilio().request(for: Fixture.context(content)), theirs)
    }

    @Test(.enabled(if: Python.hasTwilio, "Twilio's SDK for Python is not installed"))
    func `Twilio's SDK sends the same template`() throws {
        let content = Fixture.whatsapp {
            $0.template = .init(name: "HX9", language: "en", variables: [.init(key: "1", value: "Ann \"ü\"")])
        }
        let theirs = try twilio(
            "messages",
            [
                "to": "whatsapp:+31612345678", "from_": "whatsapp:+15550101", "content_sid": "HX9",
                "content_variables": #"{"1":"Ann \"ü\""}"#,
                "status_callback": .string(Fixture.callback("twilio", "status")),
            ])
        try expectSame(Fixture.twilio().request(for: Fixture.context(content)), theirs)
    }

    @Test(.enabled(if: Python.hasTwilio, "Twilio's SDK for Python is not installed"))
    func `Twilio's SDK makes the same call, and says the same`() throws {
        let content = Fixture.voice(.say(text: "Tom & <Jerry> ü", language: "en-GB")) {
            $0.record = true
            $0.recordingChannels = .mono
            $0.machineDetection = .detectMessageEnd
            $0.asyncAMD = true
            $0.timeout = .seconds(30)
        }
        let theirs = try twilio(
            "calls",
            [
                "to": "+31612345678", "from_": "+15550102", "say": ["Tom & <Jerry> ü", "en-GB"],
                "status_callback": .string(Fixture.callback("twilio", "voice")),
                "status_callback_event": ["initiated", "ringing", "answered", "completed"], "record": true,
                "recording_channels": "mono",
                "recording_status_callback": .string(Fixture.callback("twilio", "recording")),
                "machine_detection": "DetectMessageEnd", "async_amd": "true",
                "async_amd_status_callback": .string(Fixture.callback("twilio", "voice")), "timeout": 30,
            ])
        try expectSame(Fixture.twilio().request(for: Fixture.context(content)), theirs)
    }

    /// The request that the SDK makes of a `create` with these arguments: method, URL, headers and form.
    private func twilio(_ resource: String, _ arguments: JSONValue) throws -> JSONValue {
        let script = """
            import sys, json, urllib.parse, requests
            from twilio.rest import Client
            from twilio.http.http_client import TwilioHttpClient
            from twilio.http.response import Response
            from twilio.twiml.voice_response import VoiceResponse
            class Recorder(TwilioHttpClient):
                def request(self, method, url, params=None, data=None, headers=None, auth=None, **rest):
                    r = requests.Request(method, url, params=params, data=data, headers=headers, auth=auth).prepare()
                    self.seen = {'method': r.method, 'url': r.url, 'headers': {k: v for k, v in r.headers.items()},
                                 'form': [k + '=' + v for k, v in urllib.parse.parse_qsl(r.body, True)]}
                    return Response(201, '{}')
            job = json.load(sys.stdin)
            recorder = Recorder()
            client = Client(job['sid'], job['token'], http_client=recorder)
            arguments = job['arguments']
            if 'say' in arguments:
                text, language = arguments.pop('say')
                response = VoiceResponse()
                response.say(text, language=language)
                arguments['twiml'] = response.to_xml(xml_declaration=False)
            getattr(client, job['resource']).create(**arguments)
            json.dump(recorder.seen, sys.stdout)
            """
        return try Python.run(
            script,
            [
                "sid": .string(Fixture.accountSID), "token": .string(Fixture.authToken), "resource": .string(resource),
                "arguments": arguments,
            ])
    }

    private func expectSame(_ ours: TransportRequest, _ theirs: JSONValue) throws {
        let http = try #require(ours.http)
        #expect(theirs["method"] == "POST")
        #expect(theirs["url"] == .string(http.target.replacing("http://127.0.0.1:1", with: "https://api.twilio.com")))
        for name in ["Authorization", "Content-Type"] {
            #expect(theirs["headers"]?[name]?.string == http.headers[name], "\(name)")
        }
        #expect(Set(theirs["form"]?.strings ?? []) == Set(ours.form))
        #expect(theirs["form"]?.array?.count == ours.form.count)
        for name in ["MediaUrl=", "StatusCallbackEvent="] {  // lists, in order
            #expect(
                (theirs["form"]?.strings ?? []).filter { $0.hasPrefix(name) } == ours.form.filter { $0.hasPrefix(name) }
            )
        }
    }

    // MARK: MessageBird

    @Test(.enabled(if: Python.hasMessageBird, "MessageBird's SDK for Python is not installed"))
    func `MessageBird's SDK sends the same text`() throws {
        let content = Fixture.sms("Grüße 你好 👋") { $0.validity = .seconds(90) }
        let theirs = try messageBird(
            "message_create", ["Example", "31612345678", "Grüße 你好 👋"],
            [
                "reference": .string("\(Fixture.id)"), "type": "sms", "datacoding": "unicode", "validity": 90,
                "reportUrl": .string(Fixture.callback("bird", "status")),
            ])
        try expectSameJSON(Fixture.messageBird().request(for: Fixture.context(content)), theirs)
    }

    @Test(.enabled(if: Python.hasMessageBird, "MessageBird's SDK for Python is not installed"))
    func `MessageBird's SDK speaks the same`() throws {
        let content = Fixture.voice(.say(text: "Grüße", language: "de-DE")) { $0.machineDetection = .enable }
        let theirs = try messageBird(
            "voice_message_create", ["31612345678", "Grüße"],
            [
                "originator": "15550100", "reference": .string("\(Fixture.id)"), "language": "de-de",
                "ifMachine": "delay", "reportUrl": .string(Fixture.callback("bird", "voice")),
            ])
        try expectSameJSON(Fixture.messageBird("15550100").request(for: Fixture.context(content)), theirs)
    }

    @Test(.enabled(if: Python.hasMessageBird, "MessageBird's SDK for Python is not installed"))
    func `MessageBird's SDK sends the same MMS`() throws {
        let content = Fixture.sms("Hi") { $0.mediaURLs = ["https://x.example/a.png"] }
        let theirs = try messageBird(
            "mms_create",
            [
                "15550100", "31612345678", "Hi", ["https://x.example/a.png"], .null, .string("\(Fixture.id)"),
            ], nil)
        try expectSameJSON(Fixture.messageBird("15550100").request(for: Fixture.context(content)), theirs)
    }

    /// The request that the SDK makes of a call with these arguments, and `params` where it takes any.
    private func messageBird(_ function: String, _ arguments: JSONValue, _ params: JSONValue?) throws -> JSONValue {
        let script = """
            import sys, json, requests, messagebird
            seen = {}
            class Answer:
                status_code, text, content = 201, '{}', b'{}'
            def post(url, verify, headers, data):
                seen.update({'url': url, 'headers': headers, 'json': json.loads(data)})
                return Answer()
            requests.post = post
            job = json.load(sys.stdin)
            arguments = job['arguments'] + ([job['params']] if job['params'] is not None else [])
            getattr(messagebird.Client(job['key']), job['function'])(*arguments)
            json.dump(seen, sys.stdout)
            """
        return try Python.run(
            script,
            [
                "key": .string(Fixture.accessKey), "function": .string(function), "arguments": arguments,
                "params": params ?? .null,
            ])
    }

    /// The SDK writes recipients as one text with commas, and members without a value as null; MessageBird takes either.
    private func expectSameJSON(_ ours: TransportRequest, _ theirs: JSONValue) throws {
        let http = try #require(ours.http)
        #expect(
            theirs["url"]
                == .string(http.target.replacing("http://127.0.0.1:1", with: "https://rest.messagebird.com")))
        #expect(theirs["headers"]?["Authorization"]?.string == http.headers["Authorization"])
        #expect(theirs["headers"]?["Content-Type"]?.string?.hasPrefix("application/json") == true)
        var members: [String: JSONValue] = [:]
        for member in ours.json.members ?? [] {
            members[member.name] = member.name == "recipients" ? member.value[0] : member.value
        }
        let theirMembers = (theirs["json"]?.members ?? []).filter { $0.value != .null }
        #expect(Dictionary(uniqueKeysWithValues: theirMembers.map { ($0.name, $0.value) }) == members)
    }
}
