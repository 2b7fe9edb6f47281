"""Verifies callbacks with the makers' own libraries and with openssl: an independent opinion on signatures.

Reads a JSON array of jobs from standard input: scheme, url, headers (names in lower case), body (base64), key, ca. Prints
`ok` or `bad` for each, a line each.
"""
import base64
import json
import ssl
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request


def twilio(job, body):
    from twilio.request_validator import RequestValidator

    form = urllib.parse.parse_qs(body.decode(), keep_blank_values=True)
    parameters = {name: values if len(values) > 1 else values[0] for name, values in form.items()}
    return RequestValidator(job["key"]).validate(job["url"], parameters, job["headers"]["x-twilio-signature"])


def messagebird(job, body):
    from messagebird.request_validator import RequestValidator

    claims = RequestValidator(job["key"]).validate_signature(
        job["headers"]["messagebird-signature-jwt"], job["url"], body)
    return bool(claims["jti"]) and claims["exp"] > claims["nbf"]


def sendgrid(job, body):
    from sendgrid.helpers.eventwebhook import EventWebhook

    return EventWebhook(job["key"]).verify_signature(
        body.decode(), job["headers"]["x-twilio-email-event-webhook-signature"],
        job["headers"]["x-twilio-email-event-webhook-timestamp"])


def sns(job, body):
    message = json.loads(body)
    assert job["headers"]["x-amz-sns-message-type"] == message["Type"]
    assert job["headers"]["x-amz-sns-message-id"] == message["MessageId"]
    context = ssl.create_default_context(cadata=job["ca"])
    certificate = urllib.request.urlopen(message["SigningCertURL"], context=context).read()
    if message["Type"] == "Notification":
        names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    else:
        names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
    digest = {"1": "-sha1", "2": "-sha256"}[message["SignatureVersion"]]
    with tempfile.TemporaryDirectory() as folder:
        def file(name, content):
            with open(f"{folder}/{name}", "wb") as out:
                out.write(content)
            return f"{folder}/{name}"

        key = subprocess.run(
            ["openssl", "x509", "-in", file("cert.pem", certificate), "-noout", "-pubkey"], check=True,
            capture_output=True).stdout
        done = subprocess.run(
            ["openssl", "dgst", digest, "-verify", file("key.pem", key), "-signature",
             file("signature", base64.b64decode(message["Signature"])), file("text", text.encode())],
            capture_output=True)
    if done.returncode == 0 and message["Type"] == "SubscriptionConfirmation":
        answer = urllib.request.urlopen(message["SubscribeURL"], context=context).read()
        assert b"<SubscriptionArn>" in answer
    return done.returncode == 0


schemes = {"twilio": twilio, "messagebird": messagebird, "sendgrid": sendgrid, "ses": sns}
for job in json.load(sys.stdin):
    try:
        isGood = schemes[job["scheme"]](job, base64.b64decode(job["body"]))
    except Exception as error:  # a library says no by throwing
        print(error, file=sys.stderr)
        isGood = False
    print("ok" if isGood else "bad")
