"""Sends by SMS, MMS and voice through MessageBird's own client to the address given, and reads some of it again.

Arguments: base URL, access key. Prints the ids, a line each; ends with 1 where something is not as it is.
"""
import sys

from messagebird import Client, ErrorException
from messagebird.http_client import HttpClient

base, key = sys.argv[1:3]
client = Client(key, http_client=HttpClient(base + "/", key, "official"))
message = client.message_create("Example", ["31612345678", "31612345679"], "Grüße 👋", {
    "reference": "msg_1", "datacoding": "auto", "reportUrl": "https://w.example.com/s?a=att_1"})
assert message.direction == "mt" and message.recipients["totalCount"] == 2
assert message.recipients["items"][0].status == "sent" and message.createdDatetime is not None
assert client.message(message.id).reference == "msg_1"
assert client.message_list().totalCount == 1
media = client.mms_create("Example", "31612345678", "Hello", ["https://a.example.com/1.png"], reference="msg_2")
voice = client.voice_message_create(["31612345678"], "Hello", {"reference": "msg_3", "language": "en-gb"})
assert voice.recipients["items"][0].status == "calling"
call = client.call_create("15550100004", "31612345678", {
    "title": "x", "steps": [{"action": "say", "options": {"payload": "Hi", "language": "en-GB", "voice": "male"}}],
}, {"url": "https://w.example.com/v?n=msg_4&a=att_4"})
assert call.data.status == "starting"
assert client.call(call.data.id).data.status == "ended"
assert client.balance().payment == "prepaid"
try:
    client.message_create("Example", ["+31612345678"], "Hello")
    raise AssertionError("a + was not seen")
except ErrorException as error:
    assert error.errors[0].code == 9 and error.errors[0].parameter == "recipient", error
print(message.id)
print(media.id)
print(voice.id)
print(call.data.id)
