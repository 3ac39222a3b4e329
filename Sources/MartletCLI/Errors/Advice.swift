import BucketMirror
import ClusterBackup
import FileSystemBackup
import KubernetesClient
import ObjectStorage
import ResticRepository
import Transport
import VeleroControllers

/// What to do about an error, by its code. Sentences are for the person at the keyboard: short, and true whatever the
/// details.
enum Advice {
    /// Nothing for errors that a deeper or an outer one explains better.
    static func sentences(for error: any Error) -> [String] {
        switch error {
        case let error as TransportError: sentences(for: error)
        case let error as StoreError: sentences(for: error)
        case let error as APIError: sentences(for: error)
        case let error as ClusterBackupError: sentences(for: error)
        case let error as RepositoryError: sentences(for: error)
        case let error as FileError: sentences(for: error)
        case let error as MirrorError: sentences(for: error)
        case let error as ControllerError: sentences(for: error)
        default: []
        }
    }

    private static func sentences(for error: ControllerError) -> [String] {
        switch error.code {
        case .noPassword:
            [
                "give the password of the volumes' repositories: the Secret velero-repo-credentials with the key "
                    + "repository-password, --repository-password-file, or RESTIC_PASSWORD"
            ]
        case .notHere: ["run it on the node of the pod, or let the node's agent do it"]
        case .notMounted: ["see whether the pod runs and mounts the volume: 'kubectl describe pod'"]
        default: []
        }
    }

    private static func sentences(for error: TransportError) -> [String] {
        switch error.code {
        case .connect:
            ["check the address and that the server runs; 'no route' and 'timed out' are usually a firewall or a proxy"]
        case .tls:
            [
                "if the server's certificate is signed by your own authority, name the authority: 'ca=FILE' in the store's "
                    + "URL, 'certificate-authority' in the kubeconfig"
            ]
        case .timeout, .broken:
            ["run the command again; if it stays so, look at the server's load and at the network between"]
        case .invalid: ["check that the address and the port are those of the server you mean, and http or https"]
        case .cancelled: []
        }
    }

    private static func sentences(for error: StoreError) -> [String] {
        switch error.code {
        case .unauthorized:
            [
                "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or 'profile=NAME' in the store's URL; "
                    + "temporary keys expire"
            ]
        case .forbidden:
            [
                "the keys are known but may not do this: they need s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject"
            ]
        case .throttled, .unavailable: ["run the command again; if it stays so, look at the store's health"]
        case .integrity:
            ["the stored bytes are not those that were written: use another backup and check the store's disks"]
        case .limitExceeded: ["free space in the store, or raise its quota"]
        case .preconditionFailed:
            ["somebody else wrote the same name at the same time: look, then run the command again"]
        case .unsupported:
            ["this store cannot do it: see the store's documentation for what it offers of the S3 protocol"]
        case .notFound, .invalid, .cancelled: []
        }
    }

    private static func sentences(for error: MirrorError) -> [String] {
        switch error.code {
        case .full: ["free space in the target, or raise its quota; then run the command again, it does what is left"]
        case .listing: ["run the command again; if it stays so, the store's listing is broken: see its log"]
        case .index: ["delete the index and run the command again: it is only a cache"]
        case .history:
            [
                "see 'martlet mirror history TARGET'; somebody changed or removed parts of the log, or another mirror writes to "
                    + "the same target"
            ]
        case .locked: ["wait until the other mirror of this target has ended, or end it"]
        case .held: ["look at what is gone at the source; if that is meant, say --allow-mass-delete"]
        case .notFound: ["see which instants there are: 'martlet mirror history TARGET'"]
        case .invalid, .refused, .unreachable, .cancelled: []
        }
    }

    private static func sentences(for error: APIError) -> [String] {
        switch error.code {
        case .unreachable, .timeout:
            [
                "check that the cluster runs and that the kubeconfig names it: 'kubectl config current-context', "
                    + "'kubectl get --raw /readyz'; another one by --kubeconfig or --context"
            ]
        case .unauthorized:
            [
                "the credentials in the kubeconfig are expired or wrong: log in to the cluster again, or take a kubeconfig with "
                    + "a valid token by --kubeconfig"
            ]
        case .forbidden:
            [
                "the user of this kubeconfig lacks rights: ask for the cluster role 'cluster-admin', or for 'view' and the right "
                    + "to read Secrets; --as acts as another user"
            ]
        case .configuration: ["see 'kubectl config view' for what the kubeconfig says"]
        case .server, .throttled: ["the API server is in trouble or overloaded: try again later, and look at its log"]
        case .tooLarge:
            ["the object is larger than this server takes; raise the limit of the server or leave the object out"]
        case .notFound, .alreadyExists, .conflict, .invalid, .expired, .unsupported, .malformed, .cancelled: []
        }
    }

    private static func sentences(for error: ClusterBackupError) -> [String] {
        switch error.code {
        case .alreadyExists:
            ["choose another name, or delete the old one first: 'martlet backup delete NAME --from STORE'"]
        case .notFound: ["see which there are: 'martlet backup get --from STORE'"]
        case .damaged:
            [
                "take another backup: 'martlet backup get --from STORE'; and have the store's disks checked, bytes were lost there"
            ]
        case .hostile:
            [
                "no backup tool writes such an archive: somebody changed it. Find out who can write to the store before you "
                    + "restore anything from it"
            ]
        case .localDisk: ["free space on this machine's disk, or set TMPDIR to a folder with more room"]
        case .tooLarge, .invalid, .unavailable, .cancelled: []
        }
    }

    private static func sentences(for error: RepositoryError) -> [String] {
        switch error.code {
        case .noRepository: ["check the place, with the prefix; make a new repository with 'martlet repo init'"]
        case .locked:
            [
                "wait until the other process is done ('--retry-lock 10m' waits for you); if it has died, "
                    + "'martlet repo unlock' removes its lock"
            ]
        case .wrongKey:
            ["check the password: RESTIC_PASSWORD, RESTIC_PASSWORD_FILE, or the file or program that the flags name"]
        case .damaged: ["see how much is damaged: 'martlet repo check --read-data'; and have the store's disks checked"]
        case .exists: ["nothing was changed: choose another place, or use what is there"]
        case .ambiguous: ["give more digits of the id"]
        case .unsupported: ["a newer version of this program may know it"]
        case .lockLost: ["run the command again; see that nobody removes locks while work goes on"]
        case .notFound, .invalid, .store, .cancelled: []
        }
    }

    private static func sentences(for error: FileError) -> [String] {
        switch error.code {
        case .forbidden: ["run the command as a user who may do this, as root for everything"]
        case .limitExceeded: ["free space in the target, or choose another one"]
        case .hostile:
            ["no backup tool writes such a name: somebody changed the repository. Find out who can write to it first"]
        case .damaged: ["see how much is damaged: 'martlet repo check --read-data'"]
        case .notFound, .changed, .unsupported, .invalid, .empty, .failed, .cancelled: []
        }
    }
}
