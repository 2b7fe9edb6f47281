/// `POST /v1/suppressions/import`.
extension API {
    func importSuppressions(_ call: Call) -> Answer {
        .problem(Problem(.notFound, "This is not there yet."), call)
    }
}
