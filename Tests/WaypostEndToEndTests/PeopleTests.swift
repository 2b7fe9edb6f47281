import Testing
import WaypostJSON
import WaypostSandbox
import WaypostStore

extension EndToEnd {
    /// Users and their devices over HTTP.
    @Suite struct People {
        @Test func `a user is written, read, replaced and forgotten`() throws {
            let router = try Router()
            let wire = router.wire
            #expect(try wire.get("/v1/users/jane").status == 404)
            let details =
                #"{"email":"jane@example.com","phone":"+1 415 555 0100","zone":"Europe/Berlin","locale":"de"}"#
            let made = try wire.ask("PUT", "/v1/users/jane", details)
            #expect(made.status == 201, "\(made)")
            #expect(made["user"] == "jane" && made["phone"] == "+14155550100")
            let read = try wire.get("/v1/users/jane")
            #expect(read.status == 200 && read.json == made.json, "\(read)")
            let replaced = try wire.ask("PUT", "/v1/users/jane", #"{"locale":"fr"}"#)
            #expect(replaced.status == 200 && replaced["email"] == .null && replaced["locale"] == "fr", "\(replaced)")
            #expect(replaced["created_at"] == made["created_at"])
            let bad = try wire.ask("PUT", "/v1/users/jane", #"{"email":"jane","zone":"Mars/Base"}"#)
            #expect(bad.status == 422 && bad["errors"]?.array?.count == 2, "\(bad)")
            #expect(try wire.ask("PUT", "/v1/users/jane%20doe", "{}").status == 422)
            #expect(try wire.get("/v1/users/jane?verbose").status == 400)
            #expect(try wire.ask("DELETE", "/v1/users/jane").status == 204)
            #expect(try wire.ask("DELETE", "/v1/users/jane").status == 404)
            #expect(try wire.get("/v1/users/jane").status == 404)
        }

        @Test func `devices are reported, listed and forgotten, and survive a restart`() throws {
            let sandbox = try Sandbox.silent()
            defer { sandbox.stop() }
            let folder = try Folder()
            let first = try Router(in: folder, with: sandbox)
            let phone = #"{"platform":"ios","fcm_token":"fcm:1","apns_token":"00AB","app_version":"1.2"}"#
            let made = try first.wire.ask("PUT", "/v1/users/jane@example.com/devices/phone", phone)
            #expect(made.status == 201, "\(made)")
            #expect(made["apns_token"] == "00ab" && made["registered_at"] == made["seen_at"])
            #expect(made["stale_at"]?.string.map { $0 > made["seen_at"]?.string ?? "" } == true)
            #expect(try first.wire.get("/v1/users/jane@example.com").status == 200, "a device makes its user known")
            first.stop()

            let second = try Router(in: folder, with: sandbox)
            defer { second.stop() }
            let wire = second.wire
            #expect(try wire.get("/v1/users/jane@example.com/devices/phone").json == made.json)
            let again = try wire.ask("PUT", "/v1/users/jane@example.com/devices/phone", phone)
            #expect(again.status == 200 && again["registered_at"] == made["registered_at"], "\(again)")
            let moved = try wire.ask("PUT", "/v1/users/joe/devices/tv", #"{"platform":"android","fcm_token":"fcm:1"}"#)
            #expect(moved.status == 201, "\(moved)")
            let listed = try wire.get("/v1/users/jane@example.com/devices")
            #expect(listed["data"]?.array?.count == 1 && listed["next"] == .null, "\(listed)")
            #expect(listed["data"]?[0]?["fcm_token"] == .null, "the token moved with the report")
            #expect(try wire.get("/v1/users/nobody/devices").status == 404)
            #expect(try wire.ask("PUT", "/v1/users/joe/devices/tv", #"{"platform":"android"}"#).status == 422)
            #expect(try wire.ask("DELETE", "/v1/users/joe/devices/tv").status == 204)
            #expect(try wire.ask("DELETE", "/v1/users/joe/devices/tv").status == 404)
            #expect(try wire.get("/v1/users/joe/devices/tv").status == 404)
            #expect(try wire.ask("DELETE", "/v1/users/jane@example.com").status == 204)
            #expect(try wire.get("/v1/users/jane@example.com/devices/phone").status == 404)
            #expect(try Inspection.of(path: folder.file("store/waypost.db")).findings == [])
        }

        @Test func `a user has no more than a hundred devices`() throws {
            let router = try Router()
            for number in 0...100 {
                let reply = try router.wire.ask(
                    "PUT", "/v1/users/jane/devices/d\(number)", #"{"platform":"web","fcm_token":"f\#(number)"}"#)
                #expect(reply.status == (number < 100 ? 201 : 422), "\(reply)")
            }
        }

        @Test func `without a provider that can be asked, topics and tokens have no route`() throws {
            let router = try Router()
            let wire = router.wire
            for (path, body) in [
                ("/v1/topics/news/subscribe", #"{"tokens":["a"]}"#),
                ("/v1/topics/news/unsubscribe", #"{"users":["a"]}"#),
                ("/v1/devices/validate", #"{"tokens":["a"]}"#),
            ] {
                let reply = try wire.post(path, body)
                #expect(reply.status == 422 && reply["code"] == "no_route", "\(reply)")
                #expect(try wire.post(path, "{}").status == 422)
                #expect(try wire.post(path, #"{"tokens":["a"],"x":1}"#).status == 400)
            }
            #expect(try wire.post("/v1/topics/a%20b/subscribe", #"{"tokens":["a"]}"#)["code"] == "invalid")
        }
    }
}
