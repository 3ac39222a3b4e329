import ObjectStorage

/// A place with the store it is in.
struct LocatedPlace: Sendable {
    let place: StorePlace
    /// The bucket, or a folder of this machine.
    let store: any ObjectStore
    /// A key in it, or the beginning of keys; as typed.
    let key: String

    /// How `key` of the store is shown: as a person would type it.
    func name(of key: some StringProtocol) -> String {
        switch place {
        case .bucket(let bucket, _): StorePlace.bucket(bucket, key: String(key)).description
        case .server: String(key)
        case .path(let path):
            if self.key.isEmpty {
                path.hasSuffix("/") ? "\(path)\(key)" : "\(path)/\(key)"
            } else {
                String(path.dropLast(self.key.count)) + String(key)
            }
        }
    }
}

extension StoreAccess {
    /// Opens the store of a place that is there already.
    ///
    /// - Throws: `.notFound` for a path that is missing, `.usage` for a server without a bucket.
    func locate(_ text: String) async throws -> LocatedPlace {
        let place = try places.place(text)
        switch place {
        case .server(let server): throw PlaceReader.lacksBucket(server.alias ?? text)
        case .bucket(let bucket, let key):
            return LocatedPlace(place: place, store: try await self.bucket(bucket), key: key)
        case .path(let path): return try locate(path, as: place)
        }
    }

    private func locate(_ path: String, as place: StorePlace) throws -> LocatedPlace {
        switch kind(path) {
        case .folder?: return LocatedPlace(place: place, store: try folder(path, false), key: "")
        case .file?:
            let name = path.split(separator: "/").last.map(String.init) ?? path
            return LocatedPlace(place: place, store: try folder(PlaceReader.folder(of: path), false), key: name)
        case nil: throw CommandError(.notFound, "there is no file and no folder '\(path)'")
        }
    }
}
