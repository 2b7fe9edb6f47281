import Testing

@testable import WaypostSandbox

@Suite struct TimedQueueTests {
    @Test func `what is due comes in its order, whatever the order of pushing`() {
        let queue = TimedQueue<Int>(capacity: 100)
        let past = ContinuousClock.now - .seconds(100)
        for number in [5, 3, 9, 1, 7, 2, 8, 6, 4, 0] {
            #expect(queue.push(number, due: past + .seconds(number)))
        }
        #expect((0..<10).map { _ in queue.pop(until: .now) } == Array(0..<10))
        #expect(queue.pop(until: .now) == nil)
    }

    @Test func `of the same moment, who came first is first; a full queue refuses`() {
        let queue = TimedQueue<String>(capacity: 2)
        let moment = ContinuousClock.now
        #expect(queue.push("a", due: moment) && queue.push("b", due: moment))
        #expect(!queue.push("c", due: moment))
        #expect(queue.pop() == "a" && queue.pop() == "b")
        queue.stop()
        #expect(queue.pop() == nil && !queue.push("d"))
    }

    @Test func `what is not due yet waits`() {
        let queue = TimedQueue<Int>(capacity: 2)
        let due = ContinuousClock.now + .milliseconds(30)
        #expect(queue.push(1, due: due))
        #expect(queue.pop(until: .now) == nil)
        #expect(queue.pop() == 1 && ContinuousClock.now >= due)
    }
}
