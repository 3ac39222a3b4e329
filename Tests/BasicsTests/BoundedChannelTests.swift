import Basics
import Synchronization
import Testing

@Suite struct BoundedChannelTests {
    @Test func `everything that was sent arrives, in each sender's order`() async throws {
        let channel = BoundedChannel<(Int, Int)>(limit: 3)
        let received = await withTaskGroup(of: Void.self) { group in
            for sender in 0..<4 {
                group.addTask {
                    for number in 0..<500 { try? await channel.send((sender, number)) }
                }
            }
            group.addTask {
                var last = [Int](repeating: -1, count: 4)
                var count = 0
                while count < 2_000, let (sender, number) = await channel.next() {
                    #expect(number == last[sender] + 1)
                    last[sender] = number
                    count += 1
                }
                #expect(count == 2_000)
                channel.finish()
            }
            await group.waitForAll()
            return await channel.next()
        }
        #expect(received == nil)
    }

    @Test func `a full channel makes senders wait, and they go on when there is room`() async throws {
        let channel = BoundedChannel<Int>(limit: 1)
        let sent = Mutex(0)
        try await channel.send(0)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 1...3 {
                    try? await channel.send(number)
                    sent.withLock { $0 += 1 }
                }
                channel.finish()
            }
            var received: [Int] = []
            while let number = await channel.next() {
                received.append(number)
                // At most one waits in the channel and one was just taken.
                #expect(sent.withLock { $0 } <= received.count + 1)
            }
            #expect(received == [0, 1, 2, 3])
        }
    }

    @Test func `when the receiver gives up, waiting senders are freed with an error`() async throws {
        let channel = BoundedChannel<Int>(limit: 1)
        try await channel.send(0)
        let task = Task { try await channel.send(1) }
        channel.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        await #expect(throws: CancellationError.self) { try await channel.send(2) }
        #expect(await channel.next() == nil)
    }

    @Test func `what waits is still received after the end`() async throws {
        let channel = BoundedChannel<Int>(limit: 2)
        try await channel.send(1)
        try await channel.send(2)
        channel.finish()
        #expect(await channel.next() == 1)
        #expect(await channel.next() == 2)
        #expect(await channel.next() == nil)
    }
}
