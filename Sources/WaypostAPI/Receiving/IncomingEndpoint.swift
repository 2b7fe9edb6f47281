/// `POST /webhooks/incoming/{name}`: callbacks of others, verified and passed on.
extension API {
    func receiveIncoming(_ call: Call) -> Answer {
        .problem(Problem(.notFound, "This is not there yet."), call)
    }
}
