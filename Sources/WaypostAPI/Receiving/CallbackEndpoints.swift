/// `/webhooks/{provider}`: what providers tell by themselves.
extension API {
    func receiveCallback(_ call: Call) -> Answer {
        .problem(Problem(.notFound, "This is not there yet."), call)
    }
}
