internal import KubernetesModel

/// Remembers how far a list has come, so that a page which is asked for again, or a list which is started again, hands out
/// nothing twice. No I/O.
///
/// A server gives lists in the order of namespace and name, byte by byte, as they are kept in etcd; the last name handed out
/// is then all there is to remember. For servers that keep another order, aggregated ones perhaps, the names of the page under
/// way are kept: at most one page of them.
struct ListProgress {
    /// For the page to ask for; nil for the first.
    private(set) var continueToken: String?

    private var last: ObjectPlace?
    private var isOrdered = true
    private var pageNames: Set<ObjectPlace> = []
    /// After a new start: what comes up to here was handed out before.
    private var skipTo: ObjectPlace?

    /// Whether `object` was not handed out yet; it then counts as handed out.
    mutating func isNew(_ object: RawObject) -> Bool {
        let place = ObjectPlace(object)
        if let skipTo, place <= skipTo { return false }
        guard pageNames.insert(place).inserted else { return false }
        if let last, place <= last { isOrdered = false }
        last = place
        return true
    }

    /// - Returns: whether there is a further page.
    mutating func pageEnded(continueToken: String?) -> Bool {
        pageNames = []
        self.continueToken = continueToken
        return continueToken != nil
    }

    /// The server has forgotten the state that the list is of.
    ///
    /// - Parameter continueToken: the one that the server offers for going on with the newest state. Source: Kubernetes API
    ///   concepts, "410 Gone responses".
    /// - Returns: false if the list cannot go on without handing out objects twice, or did not get past its first page.
    mutating func snapshotExpired(continueToken: String?) -> Bool {
        guard self.continueToken != nil else { return false }
        if let continueToken, continueToken != self.continueToken {
            self.continueToken = continueToken
            return true
        }
        guard isOrdered else { return false }
        skipTo = last
        self.continueToken = nil
        return true
    }
}

/// Where an object stands in a list, ordered as the server orders its keys.
private struct ObjectPlace: Hashable, Comparable {
    private let key: String

    init(_ object: RawObject) {
        key = object.namespace.map { "\($0)/\(object.name)" } ?? object.name
    }

    static func < (left: ObjectPlace, right: ObjectPlace) -> Bool {
        left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
    }
}
