import ResticFormat

/// Where each blob has to be written, sorted by blob. Memory: 48 bytes a place.
struct BlobPlaces: Sendable {
    struct Place: Sendable {
        let blob: ResticID
        /// Of the file, in the plan.
        let item: Int
        /// In the file, in bytes.
        let offset: UInt64
    }

    private let places: [Place]
    /// Each blob once, in the order of first use: files are then written from front to back as far as packs allow.
    let wanted: [BlobHandle]

    init(_ places: [Place]) {
        var seen: Set<ResticID> = []
        wanted = places.compactMap { seen.insert($0.blob).inserted ? BlobHandle(.data, $0.blob) : nil }
        self.places = places.sorted {
            $0.blob == $1.blob ? ($0.item, $0.offset) < ($1.item, $1.offset) : $0.blob < $1.blob
        }
    }

    subscript(_ blob: ResticID) -> ArraySlice<Place> {
        var low = 0
        var high = places.count
        while low < high {
            let middle = (low + high) / 2
            if places[middle].blob < blob { low = middle + 1 } else { high = middle }
        }
        var end = low
        while end < places.count, places[end].blob == blob { end += 1 }
        return places[low..<end]
    }
}
