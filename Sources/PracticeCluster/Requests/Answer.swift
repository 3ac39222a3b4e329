import KubernetesModel

/// What the server makes of a request.
enum Answer {
    case json(code: Int, [UInt8])
    case text(code: Int, String)
    case watch(WatchCursor)
    case exec(ExecTarget)

    static func object(_ json: JSONValue, code: Int = 200) -> Answer { .json(code: code, json.serialized()) }
}
