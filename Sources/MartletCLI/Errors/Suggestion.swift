/// "Did you mean": the known word that is nearest to an unknown one.
package enum Suggestion {
    /// The nearest of `candidates` if it is near enough to be a slip: at most a third of the letters differ, and at
    /// least one does not. Case does not count.
    package static func nearest(to word: String, in candidates: [String]) -> String? {
        let limit = max(1, word.count / 3)
        let letters = Array(word.lowercased())
        let near = candidates.map { ($0, distance(letters, Array($0.lowercased()))) }
            .filter { $0.1 <= limit && $0.1 < letters.count }
        return near.min { $0.1 < $1.1 }?.0
    }

    /// ` Did you mean 'x'?`, or nothing.
    package static func sentence(for word: String, in candidates: [String]) -> String {
        nearest(to: word, in: candidates).map { " Did you mean '\($0)'?" } ?? ""
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn `left` into `right`; two rows and a third
    /// of memory. Source: Damerau-Levenshtein distance, optimal string alignment.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var best = min(last[column + 1] + 1, current[column] + 1, last[column] + (letter == other ? 0 : 1))
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
