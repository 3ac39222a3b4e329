import ArgumentParser
import Basics
import BucketMirror

/// Which objects count.
struct MirrorSelectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Leave out keys that match: '*' any letters, '/' too; repeatable.", valueName: "pattern"))
    var exclude: [String] = []

    @Option(
        help: ArgumentHelp(
            "Leave out what is beneath a first part of the key that matches; repeatable.", valueName: "pattern"))
    var excludeBucket: [String] = []

    @Option(
        name: [.customLong("exclude-storageclass"), .customLong("exclude-storage-class")],
        help: ArgumentHelp("Leave out objects of this class; repeatable.", valueName: "class"))
    var excludeStorageClass: [String] = []

    @OptionGroup var age: AgeOptions

    func selection(now: Timestamp) -> MirrorSelection {
        var selection = MirrorSelection()
        selection.excluded = exclude
        selection.excludedTops = excludeBucket
        selection.excludedStorageClasses = Set(excludeStorageClass)
        selection.writtenBefore = age.olderThan?.instant(now: now)
        selection.writtenSince = age.newerThan?.instant(now: now)
        return selection
    }
}
