import MartletTestSupport
import Testing
import VeleroControllers

@Suite struct RestoreWatchTests {
    @Test func `ends when every volume has the sign, and takes the signs away`() async throws {
        try await withTemporaryFolder { folder in
            try TestFiles.makeFolder("\(folder)/a")
            try TestFiles.makeFolder("\(folder)/b")
            try RestoreMarker.put("other", into: "\(folder)/a")
            let steps = Steps([
                { try RestoreMarker.put("uid", into: "\(folder)/b") }, {},
                { try RestoreMarker.put("uid", into: "\(folder)/a") },
            ])
            let watch = RestoreWatch(folder: folder, restoreUID: "uid")
            try await watch.run(clock: SteppingClock { try steps.next() })
            #expect(steps.isDone, "it ended before all volumes were filled")
            #expect(!TestFiles.exists("\(folder)/a/.velero"))
            #expect(!TestFiles.exists("\(folder)/b/.velero"))
        }
    }

    @Test func `without a volume there is nothing to wait for`() async throws {
        try await withTemporaryFolder { folder in
            let error = await #expect(throws: ControllerError.self) {
                try await RestoreWatch(folder: folder, restoreUID: "uid").run(clock: SteppingClock())
            }
            #expect(error?.code == .notFound)
        }
    }
}
