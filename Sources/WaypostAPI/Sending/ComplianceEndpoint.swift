/// `POST /v1/compliance/check`.
extension API {
    func checkCompliance(_ call: Call) -> Answer {
        .problem(Problem(.notFound, "This is not there yet."), call)
    }
}
