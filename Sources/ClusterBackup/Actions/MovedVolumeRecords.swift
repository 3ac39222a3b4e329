import KubernetesModel

/// DataUploads are records of Velero's CSI data mover; they are read for their result and never created anew.
enum MovedVolumeRecords {
    static let action = ItemAction(name: "velero.io/dataupload", resources: [Restored.dataUploads]) { draft, _ in
        draft.skipReason = "a DataUpload is a record of the backup, not a thing to restore"
    }
}
