import ObjectStorage
import Testing

extension ObjectStoreCheck {
    static var keys: [ObjectStoreCheck] {
        OddKey.allCases.map { odd in
            ObjectStoreCheck("the key \(odd) comes back or is refused") { try await oddKey(odd, $0, $1) }
        } + [
            ObjectStoreCheck("a key beside keys beneath it", keyBesidePrefix),
            ObjectStoreCheck("all odd keys together", allOddKeys),
        ]
    }

    private static func oddKey(_ odd: OddKey, _ store: any ObjectStore, _ limits: StoreLimits) async throws {
        if limits.refusedKeys.contains(odd) {
            let error = await #expect(throws: StoreError.self) { try await store.put("odd", at: odd.key) }
            #expect(error?.isTemporary == false, "\(String(describing: error))")
            #expect(try await store.allKeys() == [])
            return
        }
        if limits.mangledKeys.contains(odd) {
            // Told here, so that nobody believes the key to be safe: it does not come back, or not as it was.
            let isIntact = try? await store.put("odd", at: odd.key).key == store.list(ListRequest()).objects.first?.key
            let text = try? await store.text(at: odd.key)  // Any error means that it did not come back.
            #expect(isIntact != true || text != "odd", "\(odd) is kept by now: take it out of the limits")
            return
        }
        _ = try await store.put("odd", at: odd.key)
        #expect(try await store.text(at: odd.key) == "odd")
        #expect(try await store.head(odd.key).key == odd.key)
        var listed: [ObjectKey] = []
        for try await object in store.objects() { listed.append(object.key) }
        #expect(listed == [odd.key])
        #expect(try await store.delete([odd.key]).isEmpty)
        #expect(try await store.contains(odd.key) == false)
    }

    private static func keyBesidePrefix(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        for (first, second) in [("a", "a/b"), ("c/d", "c")] {
            _ = try await store.put(first, at: key(first))
            if limits.destroysKeyBesidePrefix, first == "c/d" {
                // Told here, so that nobody believes such keys to be safe.
                _ = try? await store.put(second, at: key(second))
                let kept = try? await store.text(at: key(first))
                #expect(kept != first, "both keys are kept by now: take this out of the limits")
                return
            }
            if limits.refusesKeyBesidePrefix {
                await expectError(.unsupported, .invalid, .unavailable) { try await store.put(second, at: key(second)) }
            } else {
                _ = try await store.put(second, at: key(second))
                #expect(try await store.text(at: key(second)) == second)
            }
            #expect(try await store.text(at: key(first)) == first)
        }
        let all = limits.refusesKeyBesidePrefix ? ["a", "c/d"] : ["a", "a/b", "c", "c/d"]
        let listed = try await store.allKeys(pageSize: 1)
        #expect((limits.listsByFolder ? listed.sorted() : listed) == all)
    }

    private static func allOddKeys(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        var kept = OddKey.allCases.filter { !limits.refusedKeys.union(limits.mangledKeys).contains($0) }.map(\.key)
        if limits.refusesKeyBesidePrefix {
            // `..` beside `../a`: one name cannot be a file and a folder.
            let all = kept.map(\.text)
            kept.removeAll { key in all.contains { $0.hasPrefix(key.text + "/") } }
        }
        for key in kept { _ = try await store.put(key.text, at: key) }
        for pageSize in [1, 7, 1000] {
            var listed: [ObjectKey] = []
            for try await object in store.objects(pageSize: pageSize) { listed.append(object.key) }
            #expect((limits.listsByFolder ? listed.sorted() : listed) == kept.sorted(), "page size \(pageSize)")
        }
        for key in kept { #expect(try await store.text(at: key).utf8.elementsEqual(key.text.utf8)) }
        #expect(try await store.delete(kept).isEmpty)
        #expect(try await store.allKeys() == [])
    }
}
