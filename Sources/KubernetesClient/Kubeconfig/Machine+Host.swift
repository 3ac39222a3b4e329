package import Basics
internal import SystemPackage

extension Machine {
    /// The machine that this runs on: files and programs are the real ones. For the place where parts are joined.
    ///
    /// - Parameters:
    ///   - environment: of this process.
    ///   - workingFolder: absolute.
    package static func host(
        environment: [String: String], workingFolder: String, isInteractive: Bool, clock: WallClock
    ) -> Machine {
        Machine(
            environment: environment, homeFolder: environment["HOME"].flatMap { $0.isEmpty ? nil : $0 },
            workingFolder: workingFolder, isInteractive: isInteractive, clock: clock, readFile: readHostFile,
            runPlugin: { try await $0.run() })
    }

    /// The whole file, at most 16 MiB: kubeconfigs, tokens and certificates are far smaller. Nil if there is none.
    private static func readHostFile(_ path: String) throws -> [UInt8]? {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        } catch Errno.noSuchFileOrDirectory, Errno.notDirectory {
            return nil
        }
        return try file.closeAfter {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while bytes.count < 16 << 20 {
                let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
                if count == 0 { return bytes }
                bytes += buffer[..<count]
            }
            throw Errno.fileTooLarge
        }
    }
}
