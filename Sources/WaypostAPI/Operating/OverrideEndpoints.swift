import WaypostCore
import WaypostHTTP
import WaypostJSON
import WaypostStore

/// What stands by hand, and lifting it.
extension API {
    func listOverrides(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let overrides = services.operations.overrides
            return .now(
                .json(
                    ListBody.bytes(overrides, next: nil) { override, json in
                        json.object { json in
                            json.member("id", plain: override.id.bytes)
                            json.member("kind", override.kind.rawValue)
                            json.member("target", override.target)
                            json.member("channel", ifPresent: override.channel?.rawValue)
                            json.member("state", override.state)
                            json.member("reason", override.reason)
                            json.member("by", override.by)
                            json.member("created_at", plain: override.createdAt.bytes)
                            if let time = override.expiresAt {
                                json.member("expires_at", plain: time.bytes)
                            } else {
                                json.null("expires_at")
                            }
                        }
                    }))
        }
    }

    func liftOverride(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            guard let id = OverrideID(call.parameters["id"] ?? "") else {
                throw Problem(.notFound, "There is no such override.")
            }
            return .later { [self] reply in
                services.operations.lift(id, by: call.caller.name.text) { lifted in
                    switch lifted {
                    case true?: reply.send(HTTPResponse(status: 204))
                    case false?: reply.send(Problem(.notFound, "There is no such override."), call)
                    case nil:
                        reply.send(
                            Problem(.storeUnavailable, "Nothing can be kept just now.", retryAfter: .seconds(1)), call)
                    }
                }
            }
        }
    }
}
