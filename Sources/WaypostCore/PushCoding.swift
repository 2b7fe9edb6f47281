import WaypostJSON

/// How a push is kept; see `Content.encoded`.
extension Push {
    func write(to json: inout JSONWriter) {
        json.array("targets") { json in
            for target in targets { json.object { json in target.write(to: &json) } }
        }
        json.member("title", ifPresent: title)
        json.member("body", ifPresent: body)
        json.member("image", ifPresent: image)
        json.pairs("data", data)
        if let badge { json.member("badge", badge) }
        json.member("sound", ifPresent: sound)
        json.member("category", ifPresent: category)
        json.member("thread", ifPresent: threadID)
        json.member("mutable", ifPresent: mutableContent)
        json.member("collapse", ifPresent: collapseID)
        json.member("click", ifPresent: clickAction)
        if let android { json.member("android", android) }
        if let apns {
            json.object("apns") { json in
                json.pairs("headers", apns.headers)
                if let payload = apns.payload { json.member("payload", payload) }
            }
        }
        if let webpush { json.member("webpush", webpush) }
    }

    init(stored members: [JSONValue.Member]) throws(StoredFormError) {
        self.init(targets: [])
        for member in members {
            let value = member.value
            switch member.name {
            case "targets":
                for element in try value.storedElements("targets") {
                    targets.append(try Target(stored: try element.storedObject("targets")))
                }
            case "title": title = try value.storedText("title")
            case "body": body = try value.storedText("body")
            case "image": image = try value.storedText("image")
            case "data": data = try value.storedPairs("data")
            case "badge": badge = Int(try value.storedInteger("badge"))
            case "sound": sound = try value.storedText("sound")
            case "category": category = try value.storedText("category")
            case "thread": threadID = try value.storedText("thread")
            case "mutable": mutableContent = try value.storedFlag("mutable")
            case "collapse": collapseID = try value.storedText("collapse")
            case "click": clickAction = try value.storedText("click")
            case "android": android = value
            case "apns": apns = try APNsBlock(stored: try value.storedObject("apns"))
            case "webpush": webpush = value
            default: break
            }
        }
        if targets.isEmpty { throw StoredFormError("targets are missing") }
    }
}

extension Push.APNsBlock {
    fileprivate init(stored members: [JSONValue.Member]) throws(StoredFormError) {
        self.init()
        for member in members {
            switch member.name {
            case "headers": headers = try member.value.storedPairs("headers")
            case "payload": payload = member.value
            default: break
            }
        }
    }
}

extension Push.Target {
    fileprivate func write(to json: inout JSONWriter) {
        switch self {
        case .topic(let name): json.member("topic", name)
        case .condition(let text): json.member("condition", text)
        case .device(let device):
            json.member("user", ifPresent: device.user)
            json.member("device", ifPresent: device.id)
            json.member("platform", ifPresent: device.platform?.rawValue)
            json.member("fcm", ifPresent: device.fcmToken)
            json.member("apns", ifPresent: device.apnsToken)
            if let registeredAt = device.registeredAt { json.member("registered", registeredAt.milliseconds) }
        }
    }

    fileprivate init(stored members: [JSONValue.Member]) throws(StoredFormError) {
        var device = Push.Device()
        for member in members {
            let value = member.value
            switch member.name {
            case "topic":
                self = .topic(try value.storedText("topic"))
                return
            case "condition":
                self = .condition(try value.storedText("condition"))
                return
            case "user": device.user = try value.storedText("user")
            case "device": device.id = try value.storedText("device")
            case "platform": device.platform = try value.storedWord("platform", as: Push.Platform.self)
            case "fcm": device.fcmToken = try value.storedText("fcm")
            case "apns": device.apnsToken = try value.storedText("apns")
            case "registered": device.registeredAt = try value.storedTime("registered")
            default: break
            }
        }
        self = .device(device)
    }
}
