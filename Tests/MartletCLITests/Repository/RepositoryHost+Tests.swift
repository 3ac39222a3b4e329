import Basics
import MartletCLI
import ResticFormat
import ResticRepository

extension RepositoryHost {
    /// A machine with two password files and two programs, where keys cost nothing.
    static let ofTests = RepositoryHost(
        owner: LockOwner(hostname: "host", username: "user", pid: 4711), keyParameters: .cheap,
        readFile: { path in
            switch path {
            case "right": Array("martlet\n".utf8)
            case "wrong": Array("Martlet\n".utf8)
            case "place": Array("/r\n".utf8)
            default: nil
            }
        },
        runProgram: { words in
            words == ["print-right"] ? (0, Secret("martlet\n"), "") : (1, Secret(""), "no such program\n")
        })
}
