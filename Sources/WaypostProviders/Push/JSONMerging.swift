import WaypostJSON

extension JSONValue {
    /// This value changed by another as RFC 7396 (JSON Merge Patch) has it: objects are merged member by member, `null`
    /// removes a member, anything else replaces what was there.
    func merged(with patch: JSONValue?) -> JSONValue {
        guard let patch else { return self }
        guard case .object(let changes) = patch else { return patch }
        var members = self.members ?? []
        for change in changes {
            let place = members.firstIndex { $0.name == change.name }
            switch (change.value, place) {
            case (.null, let place?): members.remove(at: place)
            case (.null, nil): break
            case (let value, let place?): members[place].value = members[place].value.merged(with: value)
            case (let value, nil): members.append(Member(change.name, JSONValue.object([]).merged(with: value)))
            }
        }
        return .object(members)
    }
}
