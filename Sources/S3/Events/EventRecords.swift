import Basics
import ObjectStorage

/// Reads single records of events, as MinIO, Amazon and Ceph write them. Pure.
struct EventRecords: Sendable {
    /// Events of other buckets are passed over.
    let bucket: String
    /// Of the keys that are told; they are told without it.
    let prefix: String

    /// Keys stand plainly on MinIO's stream, and as in a form in notifications.
    enum KeyForm { case plain, form }

    func read(_ record: JSONText, keys form: KeyForm, _ batch: inout BucketEventBatch) {
        guard let name = record["eventName"]?.text, let entity = record["s3"],
            let bucket = entity["bucket"]?["name"]?.text, let key = entity["object"]?["key"]?.text
        else {
            batch.lostSome = true
            return
        }
        guard bucket == self.bucket, let kind = BucketEvent.Kind(eventName: name) else { return }
        guard let key = form == .form ? KeyEncoding.decodeListed(key) : key else {
            batch.lostSome = true
            return
        }
        add(
            key, kind, time: record["eventTime"]?.text, sequencer: entity["object"]?["sequencer"]?.text, to: &batch)
    }

    func add(
        _ key: String, _ kind: BucketEvent.Kind, time: String?, sequencer: String?, to batch: inout BucketEventBatch
    ) {
        // The prefix itself may be a key; within it, it is none.
        guard key.utf8.starts(with: prefix.utf8), key.utf8.count > prefix.utf8.count else { return }
        guard let key = ObjectKey(String(decoding: key.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)) else {
            batch.lostSome = true
            return
        }
        batch.events.append(
            BucketEvent(key: key, kind: kind, time: time.flatMap { Timestamp($0) }, sequencer: sequencer))
    }
}

extension BucketEvent.Kind {
    /// Nil for what changes no object. Names come with the prefix `s3:` from MinIO, without it from Amazon and Ceph.
    init?(eventName: String) {
        let name = eventName.hasPrefix("s3:") ? eventName.dropFirst(3) : eventName[...]
        if name.hasPrefix("ObjectCreated:") {
            let annotations = ["PutTagging", "DeleteTagging", "PutRetention", "PutLegalHold"]
            self = annotations.contains { name.hasSuffix($0) } ? .annotated : .written
        } else if name.hasPrefix("ObjectTagging:") || name.hasPrefix("ObjectAcl:") {
            self = .annotated
        } else if name.hasPrefix("ObjectRemoved:") || name.hasPrefix("LifecycleDelMarkerExpiration:")
            || name.hasPrefix("ObjectLifecycle:Expiration") || name.hasPrefix("LifecycleExpiration:")
        {
            self = .removed
        } else {
            return nil
        }
    }

    /// Of EventBridge's `detail-type`; nil for what changes no object.
    /// Source: Amazon S3 User Guide, "Using EventBridge", event types.
    init?(detailType: String) {
        switch detailType {
        case "Object Created", "Object Restore Completed": self = .written
        case "Object Deleted": self = .removed
        case "Object Tags Added", "Object Tags Deleted", "Object ACL Updated": self = .annotated
        default: return nil
        }
    }
}
