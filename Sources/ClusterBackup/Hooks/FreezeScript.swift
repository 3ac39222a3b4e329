/// The program that freezes a file system in a container and stays beside it until it is thawed. Pure: it is a text for
/// `/bin/sh`, tried with dash, bash and busybox.
///
/// It is one process with the freeze, so that there is no instant at which a file system is frozen and nobody watches. It
/// thaws when its input ends (the process that began it was killed, or a connection on the way broke), when it hears
/// nothing for `silence` (a connection that is neither whole nor broken), and after `longest` whatever it hears.
package struct FreezeScript: Sendable, Hashable {
    let freeze: [String]
    let thaw: [String]
    /// Whole seconds count.
    let silence: Duration
    let longest: Duration
    /// How long the freeze itself may take, in which nobody expects to hear anything.
    let patience: Duration

    package init(freeze: [String], thaw: [String], silence: Duration, longest: Duration, patience: Duration) {
        self.freeze = freeze
        self.thaw = thaw
        self.silence = silence
        self.longest = longest
        self.patience = patience
    }

    /// What it is told on its input, a line each.
    static let beat = Array("beat\n".utf8)
    static let done = Array("done\n".utf8)

    /// What it says on its output, a line each, among whatever the freeze says.
    enum Sign: Sendable, Hashable {
        /// The freeze has ended with this exit code; with 0 the file system is frozen.
        case frozen(Int)
        /// It has thawed by itself.
        case thawed

        init?(_ line: some StringProtocol) {
            if line == "martlet: thawed" {
                self = .thawed
            } else if line.hasPrefix("martlet: frozen "), let code = Int(line.dropFirst("martlet: frozen ".count)) {
                self = .frozen(code)
            } else {
                return nil
            }
        }
    }

    package var command: [String] { ["/bin/sh", "-c", text] }

    /// Its exit code where it could not stand by, and so froze nothing.
    static let cannotWatch = 111

    /// How often the watch tries to thaw, a second apart: a freeze that is still under way cannot be undone yet.
    private static let tries = 60

    var text: String {
        """
        freeze() { \(FreezeScript.quoted(freeze)); }
        thaw() { \(FreezeScript.quoted(thaw)); }
        trap '' HUP INT PIPE USR1
        command -v sleep >/dev/null || { echo 'no sleep in this container' >&2; exit \(FreezeScript.cannotWatch); }
        (
          left=\(FreezeScript.seconds(silence + patience)); rest=\(FreezeScript.seconds(longest + patience))
          trap 'left=\(FreezeScript.seconds(silence))' USR1
          trap 'exit 0' TERM
          while [ $left -gt 0 ] && [ $rest -gt 0 ]; do sleep 1; left=$((left-1)); rest=$((rest-1)); done
          try=0
          until thaw; do try=$((try+1)); [ $try -lt \(FreezeScript.tries) ] || break; sleep 1; done
          echo 'martlet: thawed'
          kill -9 $$
        ) </dev/null &
        watch=$!
        stand_down() { kill $watch 2>/dev/null; wait $watch 2>/dev/null; }
        freeze </dev/null
        code=$?
        if [ $code -ne 0 ]; then
          \(thawsAfterFailure ? "thaw 2>/dev/null" : "[ $code -lt 126 ] || thaw 2>/dev/null")
          stand_down
          echo "martlet: frozen $code"
          exit $code
        fi
        echo "martlet: frozen 0"
        while read -r word; do
          case $word in
            beat) kill -USR1 $watch ;;
            done) stand_down; exit 0 ;;
          esac
        done
        thaw
        echo 'martlet: thawed'
        stand_down
        exit 0
        """
    }

    /// A freeze that failed froze nothing, and what another froze is not ours to thaw. But a shell's script of several
    /// commands may have failed after it froze something.
    private var thawsAfterFailure: Bool {
        FreezeCommand.script(of: freeze)?.contains { ";&|\n".contains($0) } ?? false
    }

    private static func seconds(_ span: Duration) -> Int64 { max(1, span.components.seconds) }

    static func quoted(_ words: [String]) -> String {
        words.map { "'" + $0.replacing("'", with: #"'\''"#) + "'" }.joined(separator: " ")
    }
}
