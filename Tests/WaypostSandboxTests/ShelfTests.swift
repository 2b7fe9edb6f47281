import Testing

@testable import WaypostSandbox

@Suite struct ShelfTests {
    @Test func `the oldest on the shelf gives way`() {
        let shelf = Shelf(capacity: 2)
        for (number, id) in ["a", "b", "c"].enumerated() {
            shelf.put(.string(id), as: id, kind: "x", at: Int64(number))
        }
        #expect(shelf.resource("a", kind: "x") == nil && shelf.resource("b", kind: "x") == "b")
        #expect(shelf.resources(kind: "x") { _, _ in true } == ["c", "b"])
        #expect(shelf.resources(kind: "x") { _, wall in wall < 2 } == ["b"])
        #expect(shelf.resources(kind: "y") { _, _ in true }.isEmpty)
    }
}
