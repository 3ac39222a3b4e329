import KubernetesModel
import MartletTestSupport

/// Objects of many kinds, with the fields in which backups use to fail. Names begin with the given prefix; versions that
/// a server does not serve are left out by whoever creates them, and each kind comes in every version that is met.
enum RoundTripObjects {
    /// In the order in which they can be created.
    static func all(prefix: String) throws -> [APIObject] {
        let bytes = try Fixtures.bytes(Fixtures.roundTrip + "/objects.json")
        let text = String(decoding: bytes, as: UTF8.self).replacing("PREFIX", with: prefix)
        return (try JSONValue(parsing: text).array ?? []).map { APIObject($0) }
    }
}
