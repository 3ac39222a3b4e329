import ResticFormat

/// Gives packs small numbers, so that a blob's record needs four bytes for its pack instead of 32.
struct PackTable: Sendable {
    private(set) var ids: [ResticID] = []
    private var numbers: [ResticID: UInt32] = [:]

    var count: Int { ids.count }

    /// The number of `id`, a new one if it has none yet.
    mutating func number(of id: ResticID) -> UInt32 {
        if let number = numbers[id] { return number }
        let number = UInt32(ids.count)
        ids.append(id)
        numbers[id] = number
        return number
    }

    func existingNumber(of id: ResticID) -> UInt32? { numbers[id] }

    subscript(_ number: UInt32) -> ResticID { ids[Int(number)] }
}
