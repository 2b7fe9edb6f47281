import WaypostCore
import WaypostHTTP
import WaypostServer
import WaypostStore

/// `/v1/users/{user}` and the user's devices.
extension API {
    func putUser(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let user = try user(call)
            let details = try PersonFields.decode(try RequestBody.json(of: call.request)).unwrap()
            try acceptsSends()
            return writing(call) {
                try $0.put(details, of: user)
            } answer: { kept in
                .json(PersonBody.bytes(kept.person), status: kept.isNew ? 201 : 200)
            }
        }
    }

    func readUser(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let user = try user(call)
            return reading(call) { [people = services.people] _ in
                guard let person = try people.person(user) else { return Self.noSuchUser(call) }
                return .json(PersonBody.bytes(person))
            }
        }
    }

    func deleteUser(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let user = try user(call)
            return writing(call) {
                guard try $0.removePerson(user) else { return false }
                // Names of users may be addresses; they are hashed as those of the realtime channel.
                try $0.audit(
                    AuditEntry(
                        .userDeleted, by: call.caller.name.text, target: $0.auditName(of: user.text, on: .realtime)))
                return true
            } answer: { wasThere in
                wasThere ? HTTPResponse(status: 204) : Self.noSuchUser(call)
            }
        }
    }

    func listDevices(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let user = try user(call)
            return reading(call) { [people = services.people] _ in
                guard let devices = try people.devices(of: user) else { return Self.noSuchUser(call) }
                return .json(ListBody.bytes(devices, next: nil, DeviceBody.write))
            }
        }
    }

    func putDevice(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let user = try user(call)
            let name = try device(call)
            let report = try DeviceFields.decode(try RequestBody.json(of: call.request)).unwrap()
            try acceptsSends()
            return writing(call) {
                try $0.put(report, as: name, of: user)
            } answer: { reported in
                switch reported {
                case .kept(let device, let isNew): return .json(DeviceBody.bytes(device), status: isNew ? 201 : 200)
                case .full:
                    let detail = "User \(user) has \(Device.perUser) devices already; delete one of them first."
                    return Problem(.invalid, detail).response(requestID: call.requestID)
                }
            }
        }
    }

    func readDevice(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let user = try user(call)
            let name = try device(call)
            return reading(call) { [people = services.people] _ in
                guard let device = try people.device(name, of: user) else { return Self.noSuchDevice(call) }
                return .json(DeviceBody.bytes(device))
            }
        }
    }

    func deleteDevice(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let user = try user(call)
            let name = try device(call)
            return writing(call) {
                try $0.removeDevice(name, of: user)
            } answer: { wasThere in
                wasThere ? HTTPResponse(status: 204) : Self.noSuchDevice(call)
            }
        }
    }

    // MARK: Parts

    /// Changes the store; the answer goes out once it is on disk.
    private func writing<Value: Sendable>(
        _ call: Call, _ change: @escaping @Sendable (WriteSession) throws -> Value,
        answer: @escaping @Sendable (Value) -> HTTPResponse
    ) -> Answer {
        .later { [self] reply in
            services.commits.submit("people", .refuse, change) { result in
                switch result {
                case .success(let value): reply.send(answer(value))
                case .failure:
                    reply.send(
                        Problem(.storeUnavailable, "Nothing can be kept just now.", retryAfter: .seconds(1)), call)
                }
            }
        }
    }

    private func user(_ call: Call) throws(Problem) -> UserName {
        guard let user = UserName(call.parameters["user"] ?? "") else {
            throw Problem(.invalid, "The user's name in the path \(PathName.complaint).")
        }
        return user
    }

    private func device(_ call: Call) throws(Problem) -> DeviceName {
        guard let name = DeviceName(call.parameters["device"] ?? "") else {
            throw Problem(.invalid, "The device's name in the path \(PathName.complaint).")
        }
        return name
    }

    private static func noSuchUser(_ call: Call) -> HTTPResponse {
        Problem(.notFound, "There is no such user.").response(requestID: call.requestID)
    }

    private static func noSuchDevice(_ call: Call) -> HTTPResponse {
        Problem(.notFound, "The user has no such device.").response(requestID: call.requestID)
    }
}
