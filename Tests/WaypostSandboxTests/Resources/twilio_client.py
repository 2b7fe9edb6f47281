"""Sends a message and a call through Twilio's own client to the address given, and reads them again.

Arguments: base URL, account sid, auth token. Prints the sids, a line each; ends with 1 where something is not as it is.
"""
import datetime
import sys

from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

base, account, token = sys.argv[1:4]


class Redirected(TwilioHttpClient):
    def request(self, method, url, *arguments, **named):
        return super().request(method, url.replace("https://api.twilio.com", base), *arguments, **named)


client = Client(account, token, http_client=Redirected(timeout=10))
message = client.messages.create(
    to="+15558675310", from_="+15550100001", body="Grüße 👋", validity_period=600, smart_encoded=True,
    media_url=["https://a.example.com/1.png", "https://a.example.com/2.png"],
    status_callback="https://w.example.com/s?n=msg_1&a=att_1")
assert message.status == "queued" and message.num_media == "2" and message.num_segments == "1"
assert message.date_created.tzinfo is not None and message.error_code is None and message.price is None
again = client.messages(message.sid).fetch()
assert again.body == "Grüße 👋" and again.status == "sent" and again.date_sent is not None
since = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=1)
listed = client.messages.list(to="+15558675310", date_sent_after=since, page_size=1)
assert [one.sid for one in listed] == [message.sid]
assert client.messages.list(to="+15558675311") == []
call = client.calls.create(
    to="+15558675310", from_="+15550100003", twiml="<Response><Say>Hi</Say></Response>", record=True,
    recording_channels="dual", machine_detection="Enable", async_amd="true", timeout=30,
    status_callback="https://w.example.com/v?n=msg_2&a=att_2", status_callback_event=["initiated", "completed"])
assert call.status == "queued" and call.direction == "outbound-api"
assert client.calls(call.sid).fetch().status == "completed"
assert client.api.accounts(account).fetch().status == "active"
assert client.balance.fetch().currency == "USD"
try:
    client.messages.create(to="+15005550004", from_="+15550100001", body="Hello")
    raise AssertionError("a STOP was not heard")
except TwilioRestException as error:
    assert error.status == 400 and error.code == 21610, error
print(message.sid)
print(call.sid)
