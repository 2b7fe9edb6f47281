/// `/v1/endpoints`: who is told of events.
extension API {
    func listEndpoints(_ call: Call) -> Answer {
        .problem(Problem(.notFound, "This is not there yet."), call)
    }

    func enableEndpoint(_ call: Call) -> Answer {
        .problem(Problem(.notFound, "This is not there yet."), call)
    }

    func disableEndpoint(_ call: Call) -> Answer {
        .problem(Problem(.notFound, "This is not there yet."), call)
    }
}
