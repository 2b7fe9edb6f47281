import Testing
import WaypostConfiguration
import WaypostCore
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

/// Callbacks that the makers' own SDKs have signed, some of them spoilt afterwards: we judge as they do.
@Suite struct CallbackSDKTests {
    @Test(.enabled(if: Python.hasTwilio, "Twilio's SDK for Python is not installed"))
    func `Twilio's SDK and we agree on what is genuine`() throws {
        let script = """
            import sys, json, random, urllib.parse
            from twilio.request_validator import RequestValidator
            class Form(dict):
                def getlist(self, name): return self[name]
            dice = random.Random(json.load(sys.stdin))
            def word():
                return ''.join(dice.choice('abzAZ019 +&=%~*/:_-.ü€👋\\n') for _ in range(dice.randrange(8)))
            cases = []
            for index in range(400):
                token = dice.choice(['token', 'geheim-ü', '0123456789abcdef'])
                algorithm = dice.choice([None, 'HMAC_SHA1', 'HMAC_SHA256'])
                host = dice.choice(['hooks.example.com', '127.0.0.1'])
                port = dice.choice(['', '', ':8443', ':443', ':80'])
                shown = dice.choice([port, ''] if port else ['', 'standard'])
                scheme = dice.choice(['http', 'https'])
                if shown == 'standard': shown = ':443' if scheme == 'https' else ':80'
                rest = '/in' + dice.choice(['', '?n=1&a=2', '?' + urllib.parse.urlencode([(word(), word())])])
                pairs = [(word(), word()) for _ in range(dice.randrange(6))]
                pairs += [dice.choice(pairs) for _ in range(dice.randrange(3))] if pairs else []
                pairs += [(pairs[0][0], word())] if pairs else []
                def form(pairs):
                    f = Form()
                    for name, value in pairs: f.setdefault(name, []).append(value)
                    return f
                signature = RequestValidator(token).compute_signature(
                    scheme + '://' + host + shown + rest, form(pairs), algorithm)
                spoil = dice.randrange(6)
                if spoil == 0: pairs = pairs + [('Extra', '1')]
                if spoil == 1: pairs = pairs[1:]
                if spoil == 2: rest = rest + ('&' if '?' in rest else '?') + 'x=1'
                if spoil == 3: signature = dice.choice(['', signature[:-1], signature.lower(), signature + 'A', 'ü'])
                url = scheme + '://' + host + port + rest
                valid = RequestValidator(token).validate(url, form(pairs), signature, algorithm)
                settings = None if algorithm is None else 'key=k,algorithm=' + algorithm
                cases.append({'url': url, 'body': urllib.parse.urlencode(pairs), 'token': token, 'settings': settings,
                              'signature': signature, 'valid': valid})
            json.dump(cases, sys.stdout)
            """
        let cases = try #require(Python.run(script, 7).array)
        for row in cases {
            let provider = Fixture.twilio {
                $0.authToken = Secret(row.text("token"))
                $0.webhookSharedKeys = ["k": Secret(row.text("token"))]
            }
            var callback = Fixture.callback(
                url: row.text("url"), body: row.text("body"), headers: ["X-Twilio-Signature": row.text("signature")])
            callback.request.headers["X-Twilio-Webhooks-Signature-Settings"] = row["settings"]?.string
            #expect(provider.isGenuine(callback) == row["valid"]?.bool, "\(row)")
        }
        let genuine = cases.filter { $0["valid"] == true }.count
        #expect(genuine > 100 && genuine < 300)
    }

    @Test(.enabled(if: Python.hasMessageBird, "MessageBird's SDK for Python is not installed"))
    func `MessageBird's SDK and we agree on which token holds`() throws {
        let script = """
            import sys, json, random, time, hashlib, jwt
            from messagebird.request_validator import RequestValidator
            from messagebird.error import ValidationError
            dice = random.Random(json.load(sys.stdin))
            cases, now = [], int(time.time())
            for index in range(200):
                key = dice.choice(['0123456789abcdef' * 4, 'schlüssel' * 8])
                url = 'https://hooks.example.com/mb' + dice.choice(['', '?n=1&a=2', '?x=%20+%5B'])
                body = dice.choice(['', 'id=1&status=sent', '{"id":"ü"}'])
                claims = {'iss': 'MessageBird', 'nbf': now - 30, 'exp': now + 300, 'jti': str(index),
                          'url_hash': hashlib.sha256(url.encode()).hexdigest()}
                if body: claims['payload_hash'] = hashlib.sha256(body.encode()).hexdigest()
                spoil = dice.randrange(12)
                if spoil == 0: claims['iss'] = 'Bird'
                if spoil == 1: claims['nbf'] = now + 200
                if spoil == 2: claims['exp'] = now - 20
                if spoil == 3: del claims['exp']
                if spoil == 4: url += 'x'
                if spoil == 5: body += 'x'
                algorithm = dice.choice(['HS256', 'HS384', 'HS512'])
                token = jwt.encode(claims, 'other' * 16 if spoil == 6 else key, algorithm=algorithm)
                if spoil == 7: token = token[:-2]
                try:
                    RequestValidator(key).validate_signature(token, url, body.encode())
                    valid = True
                except ValidationError:
                    valid = False
                cases.append({'url': url, 'body': body, 'key': key, 'token': token, 'valid': valid, 'now': now})
            json.dump(cases, sys.stdout)
            """
        let cases = try #require(Python.run(script, 7).array)
        for row in cases {
            let provider = try Fixture.messageBird { $0.signingKey = Secret(row.text("key")) }
            let callback = Fixture.callback(
                url: row.text("url"), type: nil, body: row.text("body"),
                headers: ["MessageBird-Signature-JWT": row.text("token")])
            let now = Timestamp(milliseconds: try #require(row["now"]?.integer) * 1000)
            #expect(provider.isGenuine(callback, at: now) == row["valid"]?.bool, "\(row)")
        }
        let genuine = cases.filter { $0["valid"] == true }.count
        #expect(genuine > 40 && genuine < 160)
    }

    @Test(.enabled(if: Python.hasMessageBird, "MessageBird's SDK for Python is not installed"))
    func `MessageBird's SDK and we agree on the older signature`() throws {
        let script = """
            import sys, json, random, base64, urllib.parse, warnings
            warnings.simplefilter('ignore')
            from messagebird.signed_request import SignedRequest
            import hmac, hashlib
            dice = random.Random(json.load(sys.stdin))
            def word():
                return ''.join(dice.choice('abzAZ019 +&=%~*/:_-.[]ü') for _ in range(1 + dice.randrange(6)))
            cases = []
            for index in range(200):
                query = {}
                for _ in range(dice.randrange(5)): query.setdefault(word(), []).append(word())
                body = dice.choice(['', '{"a":1}', 'id=1'])
                payload = SignedRequest('', '1736942400', body, query)._build_payload()
                code = base64.b64encode(hmac.new(b'key', payload.encode('latin-1'), hashlib.sha256).digest()).decode()
                spoil = dice.randrange(5)
                if spoil == 0: query['extra'] = ['1']
                if spoil == 1: body += 'x'
                valid = SignedRequest(code, '1736942400', body, query).verify('key')
                names = list(query)
                dice.shuffle(names)
                raw = '&'.join(urllib.parse.urlencode({n: query[n]}, True) for n in names)
                cases.append({'query': raw, 'body': body, 'signature': code, 'valid': valid})
            json.dump(cases, sys.stdout)
            """
        let cases = try #require(Python.run(script, 7).array)
        let provider = try Fixture.messageBird { $0.signingKey = Secret("key") }
        for row in cases {
            let callback = Fixture.callback(
                url: "https://x.example/in?\(row.text("query"))", type: nil, body: row.text("body"),
                headers: [
                    "MessageBird-Signature": row.text("signature"), "MessageBird-Request-Timestamp": "1736942400",
                ])
            #expect(provider.isGenuine(callback) == row["valid"]?.bool, "\(row)")
        }
        let genuine = cases.filter { $0["valid"] == true }.count
        #expect(genuine > 80 && genuine < 180)
    }
}
