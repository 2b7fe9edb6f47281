import Synchronization
import Testing
import WaypostCore

@testable import WaypostDelivery

@Suite struct FanoutTests {
    @Test(arguments: [0, 1, 3, 1000])
    func `what came of errands that end at once is told in their order`(count: Int) {
        let told = Mutex<[[Int]]>([])
        Fanout(Array(0..<count), atOnce: 7) { item, end in
            end(item * 2)
        } then: { outcomes in
            told.withLock { $0.append(outcomes) }
        }.start()
        #expect(told.withLock { $0 } == [(0..<count).map { $0 * 2 }])
    }

    @Test func `no more are under way than may be, and each that ends lets the next begin`() {
        let ends = Mutex<[Int: @Sendable (Int) -> Void]>([:])
        let told = Mutex<[Int]?>(nil)
        Fanout(Array(0..<5), atOnce: 2) { item, end in
            ends.withLock { $0[item] = end }
        } then: { outcomes in
            told.withLock { $0 = outcomes }
        }.start()
        for item in [1, 0, 2, 4, 3] {
            #expect(ends.withLock { $0.count } <= 2)
            let end = ends.withLock { $0.removeValue(forKey: item) }
            #expect(told.withLock { $0 } == nil)
            end?(item)
        }
        #expect(told.withLock { $0 } == [0, 1, 2, 3, 4])
    }

    @Test func `errands that end on many threads are all told`() {
        let told = Mutex<[Int]?>(nil)
        let queue = Mutex<[(Int, @Sendable (Int) -> Void)]>([])
        Fanout(Array(0..<2000), atOnce: 8) { item, end in
            queue.withLock { $0.append((item, end)) }
        } then: { outcomes in
            told.withLock { $0 = outcomes }
        }.start()
        let threads = (0..<4).map { number in
            WorkerThread(name: "end-\(number)") {
                while told.withLock({ $0 }) == nil {
                    if let (item, end) = queue.withLock({ $0.popLast() }) { end(item) }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(told.withLock { $0 } == Array(0..<2000))
    }
}
