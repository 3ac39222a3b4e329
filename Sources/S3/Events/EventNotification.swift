import Basics
import ObjectStorage

/// Reads one notification: what a webhook is sent, or what a message of a queue holds. Pure. Understood are
///
/// - `{"Records":[…]}`, from Amazon, MinIO and Ceph, with keys as in a form;
/// - Amazon's test message, which says nothing;
/// - either of them as the text `Message` of a notification by SNS;
/// - events of EventBridge, with plain keys.
///
/// Source: Amazon S3 User Guide, "Event message structure" and "Using EventBridge"; MinIO, "Publish events to a webhook".
struct EventNotification: Sendable {
    let records: EventRecords

    init(bucket: String, prefix: String) { records = EventRecords(bucket: bucket, prefix: prefix) }

    /// - Returns: `lostSome` for bytes that are none of these.
    func read(_ bytes: ArraySlice<UInt8>) -> BucketEventBatch {
        var batch = BucketEventBatch()
        read(bytes, mayBeWrapped: true, &batch)
        return batch
    }

    private func read(_ bytes: ArraySlice<UInt8>, mayBeWrapped: Bool, _ batch: inout BucketEventBatch) {
        guard let value = try? JSONReader.read(bytes) else {
            batch.lostSome = true
            return
        }
        if case .array(let found)? = value["Records"] {
            for record in found { records.read(record, keys: .form, &batch) }
        } else if value["Event"]?.text == "s3:TestEvent" {
            return
        } else if mayBeWrapped, value["Type"]?.text == "Notification", let message = value["Message"]?.text {
            read(Array(message.utf8)[...], mayBeWrapped: false, &batch)
        } else if value["source"]?.text == "aws.s3", let type = value["detail-type"]?.text {
            readBridged(value, type, &batch)
        } else {
            batch.lostSome = true
        }
    }

    private func readBridged(_ value: JSONText, _ type: String, _ batch: inout BucketEventBatch) {
        guard let detail = value["detail"], let bucket = detail["bucket"]?["name"]?.text,
            let key = detail["object"]?["key"]?.text
        else {
            batch.lostSome = true
            return
        }
        guard bucket == records.bucket, let kind = BucketEvent.Kind(detailType: type) else { return }
        records.add(
            key, kind, time: value["time"]?.text, sequencer: detail["object"]?["sequencer"]?.text, to: &batch)
    }
}
