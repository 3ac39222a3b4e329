import Basics
import KubernetesModel

/// Where the next page of a list begins, and which version of the table all pages show.
struct ContinueToken {
    /// 0 for "whatever is now": the token that goes with an expired list.
    let version: Int
    let start: ObjectKey

    /// Hexadecimal, because clients must not read meaning into it.
    var text: String {
        let json: JSONValue = [
            "v": "practice/v1", "rv": .number(JSONNumber(version)), "namespace": .string(start.namespace),
            "name": .string(start.name),
        ]
        return Hex.encode(json.serialized())
    }

    init(version: Int, start: ObjectKey) {
        self.version = version
        self.start = start
    }

    init(_ text: String) throws(Refusal) {
        let invalid = Refusal.badRequest("invalid continue token: continue key is not valid")
        guard let bytes = Hex.decode(text),
            let json = try? JSONValue(parsing: bytes),  // Whatever is wrong with it, the answer is the same.
            json["v"] == "practice/v1", let version = json["rv"]?.int64, let name = json["name"]?.string,
            let namespace = json["namespace"]?.string
        else { throw invalid }
        self.init(version: Int(version), start: ObjectKey(namespace: namespace, name: name))
    }
}
