internal import Basics
package import KubernetesClient
package import KubernetesModel

/// The objects of one kind as the server had them when it last spoke, kept true by the events of a watch. A value: no
/// task, no clock. Memory: every object of the kind, as bytes.
package struct ObjectCache: Sendable {
    private var objects: [NamespacedObject: RawObject] = [:]
    /// While a list comes in: what it named so far. Nil otherwise.
    private var listed: Set<NamespacedObject>?
    /// False until the first list was complete: what is not in the cache may exist all the same.
    package private(set) var isComplete = false

    package init() {}

    package var count: Int { objects.count }

    package subscript(place: NamespacedObject) -> RawObject? { objects[place] }

    /// Every object, in no order.
    package var all: some Collection<RawObject> { objects.values }

    /// Takes an event in.
    ///
    /// - Returns: the places whose object may have changed or gone. Reconcile those from the cache, not from the event.
    package mutating func apply(_ event: WatchEvent) -> [NamespacedObject] {
        switch event {
        case .relisting:
            listed = []
            return []
        case .existing(let object):
            listed?.insert(NamespacedObject(object))
            return put(object)
        case .listed:
            guard let named = listed else { return [] }
            listed = nil
            isComplete = true
            // Deleted while nobody looked.
            let gone = objects.keys.filter { !named.contains($0) }
            for place in gone { objects[place] = nil }
            return gone.sorted()
        case .changed(let object): return put(object)
        case .deleted(let object):
            let place = NamespacedObject(object)
            return objects.removeValue(forKey: place) == nil ? [] : [place]
        case .interrupted: return []
        }
    }

    private mutating func put(_ object: RawObject) -> [NamespacedObject] {
        let place = NamespacedObject(object)
        let old = objects.updateValue(object, forKey: place)
        // A list after a break repeats what did not change.
        return old?.bytes == object.bytes ? [] : [place]
    }
}

/// Which object of a kind.
package struct NamespacedObject: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Nil for cluster-scoped kinds.
    package let namespace: String?
    package let name: String

    package init(namespace: String?, name: String) {
        self.namespace = namespace
        self.name = name
    }

    package init(_ object: RawObject) { self.init(namespace: object.namespace, name: object.name) }

    package static func < (left: Self, right: Self) -> Bool {
        (left.namespace ?? "", left.name) < (right.namespace ?? "", right.name)
    }

    package var description: String { namespace.map { "\($0)/\(name)" } ?? name }
}
