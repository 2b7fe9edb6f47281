import WaypostCore
import WaypostJSON

extension Content {
    /// Puts every text that people read through `change`, with where it stands below `content` (a JSON pointer); what that
    /// returns takes its place.
    package mutating func changeTexts(_ change: (_ pointer: String, _ text: String) -> String) {
        switch self {
        case .email(var email):
            email.subject = change("/subject", email.subject)
            email.text = email.text.map { change("/text", $0) }
            email.html = email.html.map { change("/html", $0) }
            self = .email(email)
        case .sms(var sms):
            sms.text = change("/text", sms.text)
            self = .sms(sms)
        case .whatsapp(var message):
            message.text = change("/text", message.text)
            if var template = message.template {
                for index in template.variables.indices {
                    let variable = template.variables[index]
                    let pointer = "/template/variables/\(JSONPointer.step(variable.key))"
                    template.variables[index].value = change(pointer, variable.value)
                }
                message.template = template
            }
            self = .whatsapp(message)
        case .voice(var call):
            if case .say(let text, let language) = call.script {
                call.script = .say(text: change("/say/text", text), language: language)
            }
            self = .voice(call)
        case .push(var push):
            push.title = push.title.map { change("/title", $0) }
            push.body = push.body.map { change("/body", $0) }
            self = .push(push)
        }
    }
}

extension JSONValue {
    /// The same for every string within, pointers below this value.
    package func changingTexts(at pointer: String = "", _ change: (String, String) -> String) -> JSONValue {
        switch self {
        case .string(let text): .string(change(pointer, text))
        case .array(let elements):
            .array(
                elements.enumerated().map { place, element in
                    element.changingTexts(at: "\(pointer)/\(place)", change)
                })
        case .object(let members):
            .object(
                members.map { member in
                    let place = "\(pointer)/\(JSONPointer.step(member.name))"
                    return Member(member.name, member.value.changingTexts(at: place, change))
                })
        case .null, .bool, .integer, .number: self
        }
    }
}

/// Where something stands in a JSON text (RFC 6901).
package enum JSONPointer {
    /// A name as one step (section 3).
    package static func step(_ name: String) -> String {
        var step = ""
        for character in name.unicodeScalars {
            switch character {
            case "~": step += "~0"
            case "/": step += "~1"
            default: step.unicodeScalars.append(character)
            }
        }
        return step
    }
}
