package import KubernetesModel
import VeleroAPI

/// An object as it will be sent, with everything that is to happen around the sending.
package struct PreparedItem: Sendable {
    /// Where it lies in the archive.
    package let source: ObjectReference
    /// Where it goes.
    package let target: ObjectReference
    package let object: APIObject
    /// As they were saved. The server gives every object that is created new ones: where they are others, these are put
    /// back after the create.
    package let managedFields: JSONValue?
    /// The client whose name the create goes under.
    package let creator: String
    /// Put back after the create; nil if it is not wanted.
    package let status: JSONValue?
    package let duties: PodDuties
    /// What went wrong on the way; the object is restored all the same.
    package let problems: [String]
}

/// Turns stored objects into objects to be sent, by reference section 10.4. Pure: the same input gives the same object.
package struct ItemPreparation: Sendable {
    package var settings: RestoreSettings
    package let served: ServedKinds
    private let restoresVolumes: Bool

    package init(settings: RestoreSettings, served: ServedKinds) {
        self.settings = settings
        self.served = served
        let selection = RestoreSelection(settings.spec, served: served)
        restoresVolumes =
            selection.includes(Restored.persistentVolumes) && selection.includes(Restored.persistentVolumeClaims)
    }

    /// Points 1 to 3: resets and rules. The draft names what must come first, or why the object does not come at all.
    ///
    /// - Throws: `ActionError` if a rule cannot do its work; the object is then not restored.
    package func draft(of stored: APIObject, at place: ObjectReference) throws(ActionError) -> ItemDraft {
        var draft = ItemDraft(resource: place.resource, stored: stored)
        draft.skipReason = ItemPreparation.reasonToSkip(stored, place.resource)
        if draft.skipReason != nil { return draft }
        ObjectReset.reset(&draft.object)
        draft.object.json["metadata", "managedFields"] = nil
        try ItemActions.builtIn.apply(to: &draft, settings.actions)
        return draft
    }

    /// Points 4 to 6: modifiers, namespace, labels.
    ///
    /// - Parameter fate: of the volume that a claim names, once it is known.
    package func finish(_ draft: ItemDraft, at place: ObjectReference, fate: VolumeFate? = nil) -> PreparedItem {
        var object = draft.object
        if place.resource == Restored.persistentVolumes {
            VolumeDecision.resetBinding(ofVolume: &object, settings.actions)
        } else if place.resource == Restored.persistentVolumeClaims {
            VolumeDecision.resetBinding(ofClaim: &object, fate: fate)
        }
        let problems = settings.modifiers.apply(to: &object, stored: draft.stored, resource: place.resource)
        let namespace = place.namespace.map(settings.actions.target(of:))
        object.namespace = namespace
        setLabels(on: &object)
        var duties = PodDuties()
        if place.resource == Restored.pods {
            duties = PodDuties(
                of: draft.stored, records: settings.volumes.records, restoresVolumes: restoresVolumes,
                specHooks: settings.execHooks, in: namespace)
        }
        let managedFields = draft.stored.json["metadata", "managedFields"]
        let wantsStatus = settings.restoresStatus(of: draft.stored, place.resource, served: served)
        return PreparedItem(
            source: place, target: ObjectReference(resource: place.resource, namespace: namespace, name: object.name),
            object: object, managedFields: managedFields?.array?.isEmpty == false ? managedFields : nil,
            creator: FieldOwnership.soleOwner(of: managedFields, apiVersion: object.apiVersion) ?? "martlet",
            status: wantsStatus ? draft.stored.json["status"] : nil, duties: duties, problems: problems)
    }

    private func setLabels(on object: inout APIObject) {
        object.json["metadata", "labels", VeleroName.backupName] =
            .string(LabelValue.shortened(settings.backupName.text))
        object.json["metadata", "labels", VeleroName.restoreName] = .string(LabelValue.shortened(settings.name.text))
    }

    /// Things that had come to their end, and pods that a node makes by itself. Reference: section 10.3.
    private static func reasonToSkip(_ stored: APIObject, _ resource: GroupResource) -> String? {
        switch resource {
        case Restored.pods:
            if stored.annotations["kubernetes.io/config.mirror"] != nil { return "it mirrors a static pod of a node" }
            let phase = stored.json["status", "phase"]?.string ?? ""
            return ["Succeeded", "Failed"].contains(phase) ? "the pod had ended (\(phase))" : nil
        case Restored.jobs:
            let end = stored.json["status", "completionTime"] ?? .null
            return end.isNull ? nil : "the job was complete"
        default: return nil
        }
    }

    /// An object of the cluster with everything taken off that a restore would take off a stored one, so that both can
    /// be compared.
    package static func normalized(
        _ found: APIObject, like prepared: APIObject, resource: GroupResource, preserveNodePorts: Bool
    ) -> APIObject {
        var result = reset(found, resource: resource, preserveNodePorts: preserveNodePorts)
        switch resource {
        case Restored.persistentVolumeClaims:
            VolumeDecision.resetBinding(ofClaim: &result, fate: nil)
            if prepared.json["spec", "volumeName"] == nil { result.json["spec", "volumeName"] = nil }
        case Restored.persistentVolumes: VolumeDecision.resetBinding(ofVolume: &result, ActionSettings())
        default: break
        }
        return result
    }

    /// Resets and those rules that only take things off.
    static func reset(_ object: APIObject, resource: GroupResource, preserveNodePorts: Bool) -> APIObject {
        var draft = ItemDraft(resource: resource, stored: object)
        ObjectReset.reset(&draft.object)
        draft.object.json["metadata", "managedFields"] = nil
        var settings = ActionSettings()
        settings.preserveNodePorts = preserveNodePorts
        do throws(ActionError) {
            try ItemActions.resets.apply(to: &draft, settings)
        } catch {
            return draft.object  // These rules do not fail; a new one that did would show as a difference.
        }
        return draft.object
    }
}
