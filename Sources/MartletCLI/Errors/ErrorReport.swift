import Basics
import BucketMirror
import ClusterBackup
import FileSystemBackup
import KubernetesClient
import ObjectStorage
import ResticFormat
import ResticRepository
import Transport
import VeleroControllers

/// The one place where an error becomes text and an exit status: what failed, each cause once, and what to do next.
package struct ErrorReport: Sendable, Hashable {
    package let status: ExitStatus
    /// What failed, then why, outermost first.
    package let lines: [String]
    /// Sentences and commands that may help.
    package let advice: [String]

    package init(_ error: any Error) {
        let chain = ErrorReport.chain(of: error)
        lines = ErrorChain.lines(error).map { PlainText.printable($0, keepingLines: false) }
        status = chain.lazy.compactMap(ErrorReport.status).first ?? .failed
        // The command knows best what its user wanted; below it the innermost error is the nearest to the reason.
        let own = chain.lazy.compactMap { ($0 as? CommandError)?.advice }.first { !$0.isEmpty }
        advice = own ?? chain.reversed().lazy.map(Advice.sentences).first { !$0.isEmpty } ?? []
    }

    /// As it stands on stderr, with a final newline.
    package var text: String {
        var text = "error: \(lines.first ?? "unknown")\n"
        for line in lines.dropFirst() { text += "  cause: \(line)\n" }
        for sentence in advice { text += "  try: \(sentence)\n" }
        return text
    }

    /// `error` and what caused it, outermost first, as deep as `ErrorChain` prints.
    private static func chain(of error: any Error) -> [any Error] {
        var chain: [any Error] = []
        var current: (any Error)? = error
        while let link = current, chain.count < 16 {
            chain.append(link)
            current = (link as? any CausedError)?.cause
        }
        return chain
    }

    /// The status that an error stands for; nil if it leaves that to its cause.
    private static func status(of error: any Error) -> ExitStatus? {
        switch error {
        case let error as CommandError: error.status
        case let error as StoreError: status(of: error)
        case let error as TransportError: status(of: error.code)
        case let error as APIError: status(of: error.code)
        case let error as ClusterBackupError: status(of: error)
        case let error as RepositoryError: status(of: error)
        case let error as FormatError: status(of: error.code)
        case let error as FileError: status(of: error)
        case let error as MirrorError: status(of: error)
        case let error as ControllerError: status(of: error)
        case is CancellationError: .interrupted
        default: nil
        }
    }

    /// `invalid` may stand for what lies beneath it, such as a certificate that nobody trusts.
    private static func status(of error: StoreError) -> ExitStatus? {
        switch error.code {
        case .notFound: .notFound
        case .throttled, .unavailable: .unreachable
        case .unauthorized, .forbidden: .usage
        case .integrity: .damaged
        case .cancelled: .interrupted
        case .invalid: error.cause == nil ? .failed : nil
        case .preconditionFailed, .limitExceeded, .unsupported: .failed
        }
    }

    /// Most only say what could not be done; their cause knows why.
    private static func status(of error: ControllerError) -> ExitStatus? {
        switch error.code {
        case .noPassword, .notHere: .usage
        case .notFound: .notFound
        case .timeout: .timedOut
        case .cancelled: .interrupted
        case .notMounted, .invalid, .localDisk, .unavailable: error.cause == nil ? .failed : nil
        }
    }

    /// A side that refuses leaves the reason to its store's error: missing, forbidden.
    private static func status(of error: MirrorError) -> ExitStatus? {
        switch error.code {
        case .invalid: .usage
        case .refused: error.cause == nil ? .failed : nil
        case .unreachable: .unreachable
        case .full, .listing, .index: .failed
        case .history: .damaged
        case .held: .partlyFailed
        case .locked: .locked
        case .notFound: .notFound
        case .cancelled: .interrupted
        }
    }

    private static func status(of code: TransportError.Code) -> ExitStatus {
        switch code {
        case .connect, .timeout, .broken: .unreachable
        case .tls: .usage
        case .cancelled: .interrupted
        case .invalid: .failed
        }
    }

    private static func status(of code: APIError.Code) -> ExitStatus {
        switch code {
        case .notFound: .notFound
        case .unauthorized, .forbidden, .configuration: .usage
        case .unreachable, .timeout, .server, .throttled: .unreachable
        case .cancelled: .interrupted
        case .alreadyExists, .conflict, .invalid, .expired, .tooLarge, .unsupported, .malformed: .failed
        }
    }

    /// `unavailable` only says that somebody else could not; its cause knows who and why.
    private static func status(of error: ClusterBackupError) -> ExitStatus? {
        switch error.code {
        case .notFound: .notFound
        case .invalid: .usage
        case .damaged, .hostile: .damaged
        case .cancelled: .interrupted
        case .unavailable: error.cause == nil ? .unreachable : nil
        case .alreadyExists, .tooLarge, .localDisk: .failed
        }
    }

    /// `store` and `invalid` leave it to what lies beneath them.
    private static func status(of error: RepositoryError) -> ExitStatus? {
        switch error.code {
        case .noRepository: .noRepository
        case .locked: .locked
        case .wrongKey: .wrongKey
        case .damaged: .damaged
        case .notFound: .notFound
        case .ambiguous: .usage
        case .cancelled: .interrupted
        case .store, .invalid: error.cause == nil ? .failed : nil
        case .exists, .unsupported, .lockLost: .failed
        }
    }

    private static func status(of code: FormatError.Code) -> ExitStatus {
        switch code {
        case .malformed, .unauthenticated, .limitExceeded, .mismatch: .damaged
        case .unsupported, .unusableKey, .unencodable: .failed
        }
    }

    private static func status(of error: FileError) -> ExitStatus? {
        switch error.code {
        case .notFound: .notFound
        case .invalid: .usage
        case .hostile, .damaged: .damaged
        case .cancelled: .interrupted
        case .failed: error.cause == nil ? .failed : nil
        case .forbidden, .changed, .limitExceeded, .unsupported, .empty: .failed
        }
    }
}
