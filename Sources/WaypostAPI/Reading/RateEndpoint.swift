/// `GET /v1/delivery-rates`.
extension API {
    func listDeliveryRates(_ call: Call) -> Answer {
        .problem(Problem(.notFound, "This is not there yet."), call)
    }
}
