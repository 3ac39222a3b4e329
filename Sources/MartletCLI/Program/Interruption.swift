import Glibc

/// Turns SIGINT and SIGTERM into one call: the first asks to stop cleanly, the second leaves at once.
///
/// A handler may do next to nothing, so it only writes a byte into a pipe; a thread of its own reads it. Handlers, unlike
/// blocked signals, are not passed on to programs that this one starts. Source: man 7 signal-safety.
enum Interruption {
    /// The writing end; set before the handler exists, and only read by it.
    nonisolated(unsafe) private static var bell: Int32 = -1

    private final class Listener {
        let descriptor: Int32
        let onFirst: @Sendable () -> Void

        init(descriptor: Int32, onFirst: @escaping @Sendable () -> Void) {
            self.descriptor = descriptor
            self.onFirst = onFirst
        }

        func listen() {
            var byte: UInt8 = 0
            while read(descriptor, &byte, 1) != 1 {}  // Interrupted reads are tried again; the pipe never closes.
            onFirst()
            while read(descriptor, &byte, 1) != 1 {}
            _exit(ExitStatus.interrupted.rawValue)
        }
    }

    /// Call once, at the start of the process.
    static func install(onFirst: @escaping @Sendable () -> Void) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }  // Without it signals end the process, as they do anyway.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        bell = ends[1]
        let listener = Unmanaged.passRetained(Listener(descriptor: ends[0], onFirst: onFirst))
        var thread = pthread_t()
        let outcome = pthread_create(
            &thread, nil,
            { argument in
                Unmanaged<Listener>.fromOpaque(argument!).takeRetainedValue().listen()
                return nil
            }, listener.toOpaque())
        guard outcome == 0 else {
            listener.release()
            return
        }
        pthread_detach(thread)
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in
                var byte: UInt8 = 1
                _ = write(Interruption.bell, &byte, 1)
            }
        }
    }
}
