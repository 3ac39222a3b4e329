import ArgumentParser
import ResticFormat
import ResticRepository

/// How blobs are written: `--compression` and `--pack-size`, as restic has them.
struct WritingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("How hard to compress; else RESTIC_COMPRESSION.", valueName: "auto|off|fastest|better|max"))
    var compression: String?

    @Option(
        help: ArgumentHelp("The size of packs in MiB, 4 to 128; else RESTIC_PACK_SIZE.", valueName: "MiB"))
    var packSize: Int?

    /// - Throws: `.usage`, for a variable too.
    func options(_ context: CommandContext) throws(CommandError) -> WriterOptions {
        var options = WriterOptions()
        if let text = compression ?? context.environment["RESTIC_COMPRESSION"], !text.isEmpty {
            guard let mode = CompressionMode(rawValue: text) else {
                throw .usage("--compression is one of: auto, off, fastest, better, max; not '\(text)'")
            }
            options.compression = mode
        }
        if let bytes = try packBytes(context) { options.packBytes = bytes }
        return options
    }

    /// Nil if nobody asked for a size.
    func packBytes(_ context: CommandContext) throws(CommandError) -> Int? {
        let text = packSize.map(String.init) ?? context.environment["RESTIC_PACK_SIZE"] ?? ""
        // restic takes a zero for its own default.
        if text.isEmpty || text == "0" { return nil }
        guard let size = Int(text), PackBuilder.targets.contains(size << 20) else {
            throw .usage("--pack-size is a number of MiB from 4 to 128, not '\(text)'")
        }
        return size << 20
    }
}
