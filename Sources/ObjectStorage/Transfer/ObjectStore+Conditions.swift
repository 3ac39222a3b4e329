import NIOCore

extension ObjectStore {
    /// Whether the store obeys `PutCondition`: some servers accept a condition and write regardless. Ask once before
    /// relying on one.
    ///
    /// Costs two writes and a deletion of `probe`, an object that nobody needs and that does not exist yet.
    /// - Throws: as `put` and `delete`, but for `.unsupported`, which means no.
    package func honoursConditions(probe: ObjectKey) async throws(StoreError) -> Bool {
        let options = PutOptions(condition: .ifAbsent)
        var isHonoured = false
        do throws(StoreError) {
            _ = try await put(ByteBuffer(string: "probe"), at: probe, options: options)
            _ = try await put(ByteBuffer(string: "probe"), at: probe, options: options)
        } catch {
            guard [.preconditionFailed, .unsupported].contains(error.code) else { throw error }
            isHonoured = error.code == .preconditionFailed
        }
        if let failure = try await delete([probe])[probe] { throw failure }
        return isHonoured
    }
}
